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

_AREA = Sign("square")


def _both_ways(more: tuple[str, Text], less: tuple[str, Text], middle: Group) -> tuple[Group, ...]:
    """Seven classes from surely more, over what cannot be told, to surely less; the words are those of the column when it has any."""
    words = (Text(sv="mycket säker", en="very sure"), Text(sv="säker", en="sure"), Text(sv="mindre säker", en="less sure"))
    up, up_dark = ("#b2182b", "#ef8a62", "#fddbc7"), ("#ff6b57", "#c4584a", "#7d4742")
    down, down_dark = ("#2166ac", "#67a9cf", "#d1e5f0"), ("#6cb8f0", "#3f83b0", "#35566e")

    def three(name: str, title: Text, light: tuple[str, ...], dark: tuple[str, ...]) -> list[Group]:
        return [Group(f"{name}_{share}", Text(sv=f"{title.sv}, {word.sv}", en=f"{title.en}, {word.en}"), (f"{name}_{share}",), a, b, _AREA)
                for share, word, a, b in zip((99, 95, 90), words, light, dark, strict=True)]

    return (*three(*more, up, up_dark), middle, *reversed(three(*less, down, down_dark)))


# What stands out at 99, 95 and 90 per cent, from high to low; the least sure colours are the palest.
CLUSTERS = _both_ways(("hot", Text(sv="Anhopning", en="Cluster of high counts")), ("cold", Text(sv="Ovanligt lite", en="Cluster of low counts")),
                      Group("none", Text(sv="Sticker inte ut", en="Does not stand out"), ("none", "not_significant"), "#eceae6", "#33383e", _AREA))
TRENDS = (*_both_ways(("increase", Text(sv="Ökning", en="Increase")), ("decrease", Text(sv="Minskning", en="Decrease")),
                      Group("unclear", Text(sv="Går inte att avgöra", en="Cannot be told"), ("unclear",), "#eceae6", "#33383e", _AREA)),
          Group("empty", Text(sv="Inget i någon av perioderna", en="Nothing in either period"), ("empty",), ZERO, ZERO_DARK, _AREA))
_NONE = CLUSTERS[3]
# A place beside its neighbours: alike strongly coloured, unlike paler.
LIKENESS = (
    Group("high_high", Text(sv="Många bland många", en="Many among many"), ("high_high",), "#b2182b", "#ff6b57", _AREA),
    Group("high_low", Text(sv="Många bland få", en="Many among few"), ("high_low",), "#f4a582", "#b5654f", _AREA),
    Group("low_high", Text(sv="Få bland många", en="Few among many"), ("low_high",), "#92c5de", "#3f83b0", _AREA),
    Group("low_low", Text(sv="Få bland få", en="Few among few"), ("low_low",), "#2166ac", "#6cb8f0", _AREA), _NONE)
# How a cluster lasts: the longer it lasted the darker, what has ended is blue.
PATTERNS = (
    Group("persistent", Text(sv="Varaktig", en="Persistent"), ("persistent",), "#7f0000", "#ff8a75", _AREA),
    Group("emerging", Text(sv="Tilltagande", en="Emerging"), ("emerging",), "#e6550d", "#ffb46b", _AREA),
    Group("intermittent", Text(sv="Återkommande", en="Intermittent"), ("intermittent",), "#e0b030", "#c9a227", _AREA),
    Group("former", Text(sv="Tidigare", en="Former"), ("former",), "#4393c3", "#5aa7d6", _AREA), _NONE)
QUIET = ("none", "unclear", "empty")    # drawn so pale that the ground shows through
LEFT_OUT = "left_out"                   # the code of cells that were not tested: hatched


def some(ramp: tuple[str, ...], n: int) -> tuple[str, ...]:
    """`n` colours spread over a ramp; a single class takes a middle one, so that it is seen on paper."""
    if n == 1:
        return (ramp[len(ramp) // 2],)
    return tuple(ramp[round(i * (len(ramp) - 1) / (n - 1))] for i in range(n))
