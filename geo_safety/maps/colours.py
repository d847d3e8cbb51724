"""Every colour of the product's maps, light and dark. A test looks at them as a person with red-green deficiency does."""
from __future__ import annotations

from dataclasses import dataclass

from ..text import Text

# Sequential: few to many. On light paper dark means many; on dark paper bright means many. Light: OrRd of ColorBrewer 2 (C. Brewer).
SEQUENTIAL = ("#fef0d9", "#fdcc8a", "#fc8d59", "#e34a33", "#b30000")
SEQUENTIAL_DARK = ("#46343a", "#74403d", "#a9523d", "#dd7b45", "#ffc078")
ZERO, ZERO_DARK = "#f3f1ec", "#2a2e34"

# Diverging: decrease to increase, RdBu turned round.
DIVERGING = ("#0571b0", "#92c5de", "#f2f0ee", "#f4a582", "#ca0020")
DIVERGING_DARK = ("#4dabf7", "#2f6690", "#3a3f46", "#9a4a3a", "#ff7b5c")

MISSING, MISSING_DARK = "#868e96", "#adb5bd"    # the lines of the hatching

# Categories without an order: Okabe and Ito (2008), made to be told apart by all.
CATEGORIES = ("#0072b2", "#d55e00", "#009e73", "#aa4499", "#56b4e9", "#e69f00", "#4d4d4d", "#8c6d1f")
CATEGORIES_DARK = ("#4aa8e0", "#ff8a3d", "#2fc79b", "#d387c6", "#8fd0f5", "#ffc247", "#c8ccd0", "#cdb06a")
SHAPES = ("circle", "square", "triangle", "diamond", "pentagon", "down")

# What the ground is drawn in; the page's own script holds the same values.
PAPER = {
    "light": {"land": "#f4f2ec", "water": "#a9cfe8", "forest": "#dcead3", "park": "#cfe6bf", "built": "#ece8df", "building": "#d9d2c5",
              "main": "#ffffff", "local": "#ffffff", "path": "#b9a98f", "railway": "#8b8b8b", "casing": "#cfc8ba", "text": "#3c3a36",
              "halo": "#ffffff"},
    "dark": {"land": "#22262b", "water": "#1b3a50", "forest": "#24322a", "park": "#2a3f2c", "built": "#2b2f35", "building": "#3a3f47",
             "main": "#59616b", "local": "#454c55", "path": "#6b604c", "railway": "#777777", "casing": "#1a1d21", "text": "#d4d7db",
             "halo": "#1a1d21"},
}
GROUND = ("land", "forest", "built", "park", "water", "building")   # drawn in this order, lines above


@dataclass(frozen=True)
class Sign:
    """How a point of a category is drawn: never by colour alone."""

    shape: str          # one of SHAPES
    letter: str = ""    # inside the shape


@dataclass(frozen=True)
class Group:
    """Codes that are drawn alike."""

    name: str
    title: Text
    codes: tuple[str, ...]
    colour: str
    dark: str
    sign: Sign


# The stages of a measure, in their order; the figure inside the shape tells them apart without colour.
STAGES = (
    Group("idea", Text(sv="Föreslagen eller bedömd", en="Proposed or assessed"), ("proposed", "assessed"),
          "#5c636a", "#adb5bd", Sign("circle", "1")),
    Group("planned", Text(sv="Beslutad eller planerad", en="Decided or planned"), ("decided", "planned"),
          "#1864ab", "#74c0fc", Sign("diamond", "2")),
    Group("ongoing", Text(sv="Pågår", en="Ongoing"), ("ongoing",), "#b04a00", "#ffa94d", Sign("triangle", "3")),
    Group("done", Text(sv="Genomförd, följs upp", en="Done, being followed up"), ("done", "followed_up", "evaluated"),
          "#2b7a3b", "#69db7c", Sign("square", "4")),
    Group("stopped", Text(sv="Avslagen, pausad eller avvecklad", en="Rejected, paused or ended"), ("rejected", "paused", "ended"),
          "#343a40", "#dee2e6", Sign("pentagon", "×")),
)

# Clusters of Getis and Ord, and changes: what stands out at 99, 95 and 90 per cent, from high to low.
CLUSTERS = (
    Group("hot_99", Text(sv="Anhopning, 99 % säkerhet", en="Cluster of high counts, 99% confidence"), ("hot_99", "increase_99"), "#b2182b", "#ff6b57",
          Sign("square", "")),
    Group("hot_95", Text(sv="Anhopning, 95 %", en="Cluster of high counts, 95%"), ("hot_95", "increase_95"), "#ef8a62", "#c4584a", Sign("square", "")),
    Group("hot_90", Text(sv="Anhopning, 90 %", en="Cluster of high counts, 90%"), ("hot_90", "increase_90"), "#fddbc7", "#7d4742", Sign("square", "")),
    Group("none", Text(sv="Sticker inte ut", en="Does not stand out"), ("none", "not_significant", "unclear", "empty"), "#eceae6", "#33383e",
          Sign("square", "")),
    Group("cold_90", Text(sv="Ovanligt lite, 90 %", en="Cluster of low counts, 90%"), ("cold_90", "decrease_90"), "#d1e5f0", "#35566e", Sign("square", "")),
    Group("cold_95", Text(sv="Ovanligt lite, 95 %", en="Cluster of low counts, 95%"), ("cold_95", "decrease_95"), "#67a9cf", "#3f83b0", Sign("square", "")),
    Group("cold_99", Text(sv="Ovanligt lite, 99 %", en="Cluster of low counts, 99%"), ("cold_99", "decrease_99"), "#2166ac", "#6cb8f0", Sign("square", "")),
)


def some(ramp: tuple[str, ...], n: int) -> tuple[str, ...]:
    """`n` colours spread over a ramp; a single class takes a middle one, so that it is seen on paper."""
    if n == 1:
        return (ramp[len(ramp) // 2],)
    return tuple(ramp[round(i * (len(ramp) - 1) / (n - 1))] for i in range(n))
