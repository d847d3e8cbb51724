"""The legend of a layer as plain data: the page, the stand-alone file and the picture say the same thing."""
from __future__ import annotations

from dataclasses import asdict, dataclass

from ..model.features import Shown
from ..model.selection import Period, Selection
from ..model.viewer import ShareLevel
from ..text import Text, day, period
from . import colours as palette
from .classes import MISSING, Classes

_SOURCE = Text(sv="Källa: {sources}", en="Source: {sources}")
_NEWEST = Text(sv="nyaste uppgift {newest}", en="newest record {newest}")
_NO_SOURCE = Text(sv="okänd", en="not known")
_COMPARED = Text(sv="{period}, jämfört med {before}", en="{period}, compared with {before}")
ALL_TIME = Text(sv="hela tiden", en="all time")
_EXPECTED = {
    "residents": Text(sv="jämfört med invånare", en="compared with residents"),
    "addresses": Text(sv="jämfört med adresser", en="compared with addresses"),
    "street_m": Text(sv="jämfört med meter gata", en="compared with metres of street"),
    "none": Text(sv="utan jämförelse med hur många som bor där", en="not compared with how many live there")}
BEAR_IN_MIND = Text(sv="Att tänka på", en="To bear in mind")
LEVELS = {ShareLevel.INTERNAL: Text(sv="intern nivå: exakta platser", en="internal level: exact places"),
          ShareLevel.PARTNER: Text(sv="partnernivå: förgrovade platser", en="partner level: coarsened places"),
          ShareLevel.PUBLIC: Text(sv="offentlig nivå: sammanställt", en="public level: summed up")}
MADE_UP = Text(sv="Påhittade uppgifter", en="Made-up data")
_NOT_DRAWN = Text(sv="{n} rad kan inte ritas som en plats och är inte på kartan.|{n} rader kan inte ritas som en plats och är inte på kartan.",
                  en="{n} row cannot be drawn as a place and is not on the map.|{n} rows cannot be drawn as a place and are not on the map.")


@dataclass(frozen=True)
class Item:
    """One row: a swatch or a sign, what it means and how many rows it stands for. `hatched` marks what is missing."""

    label: str
    n: int | None
    colour: str
    dark: str
    shape: str = "square"       # "square" for areas, "line", or the shape of a point
    letter: str = ""
    hatched: bool = False


@dataclass(frozen=True)
class Legend:
    """`column` is what the colours stand for, `note` what the map leaves out, `cautions` what is doubted, in words."""

    layer: str
    title: str
    column: str
    unit: str
    items: tuple[Item, ...]
    source: str
    period: str
    cautions: tuple[str, ...]
    note: str = ""
    made_up: str = ""

    def as_dict(self) -> dict:
        """Plain values, ready for JSON."""
        return asdict(self)


def legend(shown: Shown, classes: Classes, *, language: str, shape: str = "square", missing: Text = MISSING, not_drawn: int = 0) -> Legend:
    """The legend of `shown` drawn in `classes`; `missing` says why a value may be absent, `not_drawn` counts rows without place."""
    layer = shown.layer
    column = layer.column(classes.column) if classes.column and layer.has(classes.column) else None
    cautions = tuple(c.text[language] for c in shown.warnings if c.code != "MADE_UP")
    known = column is not None and classes.kind != "single" and column.title != layer.title
    return Legend(
        layer.name, layer.title[language], column.title[language] if column and known else "",
        column.unit[language] if column and column.unit else _compared_with(shown, language), items(classes, layer.title[language], shape, missing[language]),
        source_line(shown, language), period_line(shown, language), cautions,
        _NOT_DRAWN.format(n=not_drawn)[language] if not_drawn else "", MADE_UP[language] if shown.provenance.made_up else "")


def _compared_with(shown: Shown, language: str) -> str:
    """What a method compared the counts with: a legend that hides the denominator misleads (safeguard 1)."""
    denominator = shown.facts.get("expected")
    return _EXPECTED[denominator][language] if isinstance(denominator, str) and denominator in _EXPECTED else ""


def items(classes: Classes, title: str, shape: str, missing: str) -> tuple[Item, ...]:
    """Rows of the legend. Clusters of low counts and stages that nothing is in are left out; empty classes of numbers are not."""
    rows = []
    for i, (label, n, colour, dark) in enumerate(zip(classes.labels, classes.counts, classes.colours, classes.dark, strict=True)):
        if n == 0 and (classes.kind == "categories" or (classes.keys and classes.keys[i][0].startswith("cold"))):
            continue
        sign = classes.signs[i] if classes.kind == "categories" and shape not in ("square", "line") else None
        rows.append(Item(label or title, n, colour, dark, sign.shape if sign else shape, sign.letter if sign else ""))
    if classes.missing:
        rows.append(Item(missing, classes.missing, palette.MISSING, palette.MISSING_DARK, shape, hatched=True))
    return tuple(rows)


def source_line(shown: Shown, language: str) -> str:
    """Source: … · newest record …"""
    known = ", ".join(dict.fromkeys(source for source in shown.provenance.sources if source)) or _NO_SOURCE[language]
    parts = [_SOURCE.format(sources=known)[language]]
    if shown.provenance.newest:
        parts.append(_NEWEST.format(newest=day(shown.provenance.newest.date(), language))[language])
    return " · ".join(parts)


def period_line(shown: Shown, language: str) -> str:
    """The period asked for, and the one it is compared with; empty for layers that are not asked for by period."""
    if not asked_of_incidents(shown):
        return ""
    asked = Selection.from_query(shown.provenance.selection)
    if asked.period is None:
        return ALL_TIME[language]
    said = _said(asked.period, language)
    if asked.compare_with is None:
        return said
    return _COMPARED.format(period=said, before=_said(asked.compare_with, language))[language]


def asked_of_incidents(shown: Shown) -> bool:
    """Whether period and offence types were asked of the rows: of incidents, and of all that is counted from them.

    Walks, findings, measures and areas are chosen by place alone, whatever else the selection says.
    """
    return shown.layer.name == "incidents" or not shown.layer.stored or shown.provenance.method is not None


def _said(asked: Period, language: str) -> str:
    return period(asked.start, asked.end, language)
