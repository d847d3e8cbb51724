"""The descriptions from which table, form, map, export, command line and documentation are derived."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from ..text import Text

if TYPE_CHECKING:
    from .features import Features, Shown

Kind = Literal["text", "long_text", "integer", "number", "boolean", "time", "date", "code", "json"]
Geometry = Literal["Point", "LineString", "Polygon", "MultiPolygon", "Geometry"]

# How exactly a place is known, most exact first. "none": no usable place; such a row is kept and counted, never drawn.
PRECISIONS = ("exact", "address", "street", "place", "area", "locality", "municipality", "county", "none")


@dataclass(frozen=True)
class Code:
    """One value of a code list. The flags speak of offence types: see safeguards 3, 5 and 10."""

    value: str
    title: Text
    group: str | None = None
    level: Literal["person", "property", "order"] | None = None
    police_initiated: bool = False  # found by looking for it: more presence finds more
    indoor_private: bool = False    # in homes and other closed rooms: says little about the public place
    placeless: bool = False         # online or without a scene
    sensitive: bool = False         # sexual, domestic, hate, weapons: never below municipality in public

    @property
    def speaks_of_place(self) -> bool:
        """Public or semi-public place, reported by the public: the default selection of every place method."""
        return not (self.police_initiated or self.indoor_private or self.placeless)


@dataclass(frozen=True)
class Column:
    name: str
    title: Text
    kind: Kind
    unit: Text | None = None
    codes: tuple[Code, ...] = ()
    required: bool = False
    personal: bool = False          # may point at a person: never leaves at PARTNER or PUBLIC
    discloses: str | None = None    # gives this count column back, and falls with it
    least: float | None = None
    most: float | None = None
    decimals: int | None = None     # on screen; files keep all
    shown: bool = True              # in tables and cards; False: bookkeeping
    help: Text | None = None

    def code(self, value: object) -> Code | None:
        return next((c for c in self.codes if c.value == value), None)


@dataclass(frozen=True)
class Style:
    """How a layer is drawn; the classes and colours themselves are made in `maps.classes`."""

    colour_by: str | None = None
    ramp: Literal["sequential", "diverging", "clusters", "categories", "single"] = "single"
    colour: str = "#1864ab"
    classes: int = 5
    opacity: float = 0.75


@dataclass(frozen=True)
class Chart:
    """How rows without a place are drawn: a mark for each at `x`, as high as `value`; names are columns of the layer.

    *bars* from zero, *points* with their interval, *lines* along a falling or rising `x`, *heat*: a table of `x` by `y`, coloured.
    `beside` is what the value is read against (chance, the years before), with its band; `reference` a number that it is read
    against (1 for a ratio). Rows where `marked` is true stand out.
    """

    kind: Literal["bars", "points", "lines", "heat"]
    x: str
    value: str
    y: str | None = None
    low: str | None = None
    high: str | None = None
    beside: str | None = None
    beside_low: str | None = None
    beside_high: str | None = None
    marked: str | None = None
    reference: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        names = (self.x, self.value, self.y, self.low, self.high, self.beside, self.beside_low, self.beside_high, self.marked)
        return tuple(name for name in names if name)


@dataclass(frozen=True)
class Layer:
    """A kind of record: what its columns are, how it is keyed, placed in time, drawn and protected.

    `key` names the columns by which a row that comes again is recognised. `stored` layers become tables.
    """

    name: str
    title: Text
    columns: tuple[Column, ...]
    geometry: Geometry | None = None
    key: tuple[str, ...] = ()
    time: str | None = None         # the column that places a row in time
    label: str | None = None        # the column that names a row to a person
    style: Style = field(default_factory=Style)
    chart: Chart | None = None      # of results that have no place
    chart_beside: Chart | None = None   # a second thing to be seen beside the first, never mixed with it
    leaves_at: Literal["INTERNAL", "PARTNER"] = "INTERNAL"  # the lowest share level at which it may be shown; PARTNER: classes only
    least_class: int = 0            # lowest info_class a row may carry
    coverage: Literal["register", "effort"] | None = None  # None: depends on the source of the row
    stored: bool = True
    help: Text | None = None

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"layer {self.name} has no column {name}")

    def has(self, name: str) -> bool:
        return any(column.name == name for column in self.columns)


@dataclass(frozen=True)
class Input:
    """What a method needs, gathered from the Selection in the app and from files on the command line.

    kind: *points* incidents of the selection; *points_before* those of the compared period; *history* those up to the end of the period,
    from the first there are; *area* the outline of the study area; *areas* the areas of a division, incidents then say in `counted_in`
    which they belong to; *exposure* small cells with residents, addresses, street metres (may be absent); *lines* a line layer by role;
    *period* the first day of the selection and the day after its last (absent for plain files); *key* the secret under which places are masked; *answers*
    the rows of safety surveys.
    """

    kind: Literal["points", "points_before", "history", "area", "areas", "exposure", "lines", "period", "key", "answers"]
    required: bool = True
    layer_role: str | None = None


@dataclass(frozen=True)
class Parameter:
    """One keyword argument of a method; name and default equal the function's (a test holds them together)."""

    name: str
    title: Text
    kind: Literal["integer", "number", "length_m", "choice", "boolean"]
    default: Any
    least: float | None = None
    most: float | None = None
    choices: tuple[Code, ...] = ()
    words: tuple[str, ...] = ()     # words a number may be replaced by, for example "auto"
    help: Text | None = None
    advanced: bool = False


@dataclass(frozen=True)
class Method:
    """A method, of places or of patterns: `compute(**inputs by kind, **parameters) -> Features` and all that is said about it.

    `compute` takes the inputs of `needs` as positional-or-keyword arguments named by their kind and every `Parameter` as a
    keyword-only argument; it sees no file, clock, language or browser. `does_not` is the box *what this does not say*.
    """

    name: str
    title: Text
    summary: Text
    does_not: Text
    needs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    result: Layer
    compute: Callable[..., Features]
    least_points: int = 0
    least_precision: str = "street"
    coverage: tuple[str, ...] = ("register",)
    rank_by: tuple[str, ...] = ()   # columns that order the table of top places, falling
    method_note: Text | None = None     # how it is computed, for the method sheet
    references: tuple[str, ...] = ()
    version: str = "1"

    def parameter(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


@dataclass(frozen=True)
class Source:
    """A supplier of data: `read(path, options) -> Reading` turns its file into rows of `layer`.

    `read` runs in a child process with limits. It proposes and reports, and guesses nothing in silence: what the person has
    confirmed comes in `options` (a `sources.reading.ReadOptions`).
    """

    name: str
    title: Text
    layer: str
    read: Callable[..., Any]
    propose: Callable[..., Any]     # (path, …) -> sources.reading.Proposal: columns, times, CRS as the file suggests them
    coverage: Literal["register", "effort"] = "register"
    suffixes: tuple[str, ...] = ()
    licence: Text | None = None
    attribution: str | None = None
    default_class: int = 1
    sample: str | None = None       # a file in data/ that the contract tests read
    help: Text | None = None


@dataclass(frozen=True)
class Exporter:
    """A file format: `write(shown: tuple[Shown, ...], sheet, stream, language)` writes what may leave, method sheet and all."""

    name: str
    title: Text
    suffix: str
    media_type: str
    write: Callable[[tuple[Shown, ...], Any, BinaryIO, str], None]
    help: Text | None = None
    several_layers: bool = False
    holds_sheet: bool = True        # False: the method sheet goes beside it, in one zip
    draws: bool = False             # draws a map: a `base_map` among the layers is its ground


