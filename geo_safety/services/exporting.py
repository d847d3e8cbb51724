"""What leaves the service: layers as files, and the map as a picture. Every hand-out is logged, and a method sheet goes with it."""
from __future__ import annotations

import io
import json
import logging
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ..analysis.disclosure import protect
from ..crs import STOCKHOLM
from ..errors import AccessError, InputError
from ..exports import EXPORTERS
from ..exports.method_sheet import MethodSheet, method_sheet
from ..exports.names import layer_names, plain
from ..exports.sheet_words import SHEET
from ..layers import LAYERS
from ..maps.drawing import BASE
from ..maps.legend import asked_of_incidents
from ..model.describe import Exporter, Method
from ..model.features import Features, Provenance, Shown
from ..model.selection import Selection
from ..model.viewer import ShareLevel, Viewer
from ..store import Store
from ..text import Text

AUDIT = logging.getLogger("geo_safety.audit")
ZIP = ("application/zip", ".zip")
MOST_NAMED = 3      # layers in a file name

_MADE_UP = Text(sv="påhittat", en="made-up")
_CLASSES = {1: Text(sv="intern", en="internal"), 2: Text(sv="sekretess", en="secret"), 3: Text(sv="sekretess", en="secret")}
_LAYERS = Text(sv="{n} lager", en="{n} layers")
_TOO_EXACT = Text(sv="{layer} är gjort för en högre nivå än din och lämnas inte ut. Be om en version för din nivå.",
                  en="{layer} was made for a higher level than yours and is not handed out. Ask for a version for your level.")
_SECRET = Text(sv="{layer} har rader i informationsklass {n}, som du inte får ta del av.",
               en="{layer} has rows of information class {n}, which you may not see.")
_NOTHING = Text(sv="Välj minst ett lager att lämna ut.", en="Choose at least one layer to hand out.")
_NO_FORMAT = Text(sv="Formatet {name} finns inte. Välj bland {known}.", en="There is no format {name}. Choose among {known}.")


@dataclass(frozen=True)
class Handed:
    """One file, ready to be sent."""

    file_name: str
    media_type: str
    content: bytes


def hand_out(shown: Sequence[Shown], formats: Sequence[str], viewer: Viewer, *, language: str, purpose: str | None = None,
             store: Store | None = None, colour_by: str | None = None) -> list[Handed]:
    """One file for each format, in their order; a zip where a format takes one layer only or cannot hold the method sheet.

    `store` lends its base map to formats that draw, when none is among the layers. `colour_by` colours the layers that have that
    column by it. AccessError when a layer is more exact, or of a higher class, than the viewer may have.
    """
    _may_leave(shown, viewer)
    made = [_handed(shown, _exporter(name), viewer, language, purpose, store, colour_by) for name in formats]
    _log(shown, formats, made, viewer, purpose)
    return made


def picture(shown: Sequence[Shown], viewer: Viewer, *, language: str | None = None, colour_by: str | None = None,
            extent: tuple[float, float, float, float] | None = None, dark: bool = False) -> bytes:
    """The map as PNG; `extent` is west, south, east and north in the store's CRS, None takes in all that is drawn."""
    from ..maps.still_map import picture as drawn  # matplotlib is slow to load, and most pages never draw
    _may_leave(shown, viewer)
    png = drawn([_coloured(one, colour_by) for one in shown], language=language or viewer.language, extent=extent, dark=dark)
    _log(shown, ("picture",), (), viewer, None)
    return png


def write_file(shown: Sequence[Shown], path: Path, viewer: Viewer, *, language: str | None = None, purpose: str | None = None,
               store: Store | None = None) -> list[Path]:
    """Writes layers where the command line says, in the format of the suffix; the method sheet beside it where it does not fit in.

    A format that takes one layer only gives one file each, named after it. A file that is there is replaced, whole or not at all.
    """
    _may_leave(shown, viewer)
    words = language or viewer.language
    exporter = next((e for e in EXPORTERS.values() if e.suffix == path.suffix.lower()), None)
    if exporter is None:
        raise InputError(_NO_FORMAT.format(name=path.suffix or path.name, known=", ".join(e.suffix for e in EXPORTERS.values())))
    layers, sheet = _layers(shown, exporter, viewer, store, None), _sheet(shown, purpose, store)
    groups = [tuple(layers)] if exporter.several_layers else [(one,) for one in layers]
    paths = [path] if len(groups) == 1 else [path.with_stem(f"{path.stem}-{name}") for name in layer_names(layers)]
    for group, target in zip(groups, paths, strict=True):
        _put(target, _written(exporter, group, sheet, words))
    if not exporter.holds_sheet:
        paths.append(path.with_name(f"{path.stem}.{plain(SHEET[words])}.md"))
        _put(paths[-1], sheet.markdown(words).encode("utf-8"))
    _log(shown, (exporter.name,), (), viewer, purpose)
    return paths


def file_name(shown: Sequence[Shown], suffix: str, language: str) -> str:
    """Place, layers, period, class and whether it is made up, in ASCII: `mark_haendelser_2025-01-01_2025-12-31_intern.gpkg`."""
    layers = [one for one in shown if one.layer.name != BASE] or list(shown)
    titles = list(dict.fromkeys(plain(one.layer.title[language]) for one in layers))
    what = "_".join(titles) if len(titles) <= MOST_NAMED else plain(_LAYERS.format(n=len(titles))[language])
    asked = Selection.from_query(next((one.provenance.selection for one in layers if asked_of_incidents(one)), {}))
    times = (asked.period.start.isoformat(), (asked.period.end - timedelta(days=1)).isoformat()) if asked.period else ()
    highest = max(_class_of(one) for one in layers)
    marks = [plain(_CLASSES[highest][language])] if highest in _CLASSES else []
    if any(one.provenance.made_up for one in layers):
        marks.append(plain(_MADE_UP[language]))
    return "_".join(part for part in (plain(layers[0].provenance.municipality), what, *times, *marks) if part) + suffix


def _handed(shown: Sequence[Shown], exporter: Exporter, viewer: Viewer, language: str, purpose: str | None, store: Store | None,
            colour_by: str | None) -> Handed:
    layers, sheet = _layers(shown, exporter, viewer, store, colour_by), _sheet(shown, purpose, store)
    if exporter.holds_sheet and (exporter.several_layers or len(layers) == 1):
        return Handed(file_name(layers, exporter.suffix, language), exporter.media_type, _written(exporter, tuple(layers), sheet, language))
    groups = [tuple(layers)] if exporter.several_layers else [(one,) for one in layers]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for group, name in zip(groups, _distinct([file_name(group, exporter.suffix, language) for group in groups]), strict=True):
            bundle.writestr(name, _written(exporter, group, sheet, language))
        bundle.writestr(f"{plain(SHEET[language])}.md", sheet.markdown(language))
    return Handed(file_name(layers, f"_{exporter.suffix[1:]}{ZIP[1]}", language), ZIP[0], packed.getvalue())


def _distinct(names: list[str]) -> list[str]:
    """The same layer may come twice, for two periods that are written alike."""
    return [name if name not in names[:i] else f"{i + 1}_{name}" for i, name in enumerate(names)]


def _written(exporter: Exporter, shown: tuple[Shown, ...], sheet: MethodSheet, language: str) -> bytes:
    stream = io.BytesIO()
    names = {one.layer.name for one in shown}
    own = MethodSheet(tuple(part for part in sheet.parts if part.layer in names))
    exporter.write(shown, own, stream, language)
    return stream.getvalue()


def _put(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def _layers(shown: Sequence[Shown], exporter: Exporter, viewer: Viewer, store: Store | None, colour_by: str | None) -> list[Shown]:
    """The layers of a file: with a ground for formats that draw, without it for others."""
    layers = [_coloured(one, colour_by) for one in shown]
    others = [one for one in layers if one.layer.name != BASE]
    if not exporter.draws:
        return others or layers
    if store is not None and len(others) == len(layers):
        layers.append(_ground(store, viewer))
    return layers


def _ground(store: Store, viewer: Viewer) -> Shown:
    return protect(Features(LAYERS[BASE], store.read(BASE, viewer), provenance=Provenance(made_up=store.made_up)), viewer)


def _coloured(shown: Shown, colour_by: str | None) -> Shown:
    """The same rows, coloured by another column of theirs."""
    layer = shown.layer
    if colour_by is None or not layer.has(colour_by) or layer.style.colour_by is None:
        return shown
    return replace(shown, layer=replace(layer, style=replace(layer.style, colour_by=colour_by)))


def _sheet(shown: Sequence[Shown], purpose: str | None, store: Store | None) -> MethodSheet:
    made_at = datetime.now(ZoneInfo(store.zone if store is not None else STOCKHOLM))
    return method_sheet(shown, made_at=made_at, methods=_methods(shown), purpose=purpose)


def _methods(shown: Sequence[Shown]) -> Mapping[str, Method]:
    if not any(one.provenance.method for one in shown):
        return {}
    from .methods import ALL  # the methods are slow to load, and most files need none
    return ALL


def _exporter(name: str) -> Exporter:
    if name not in EXPORTERS:
        raise InputError(_NO_FORMAT.format(name=name, known=", ".join(EXPORTERS)))
    return EXPORTERS[name]


def _may_leave(shown: Sequence[Shown], viewer: Viewer) -> None:
    """The gates were passed when the layers were made; this holds them against the one who takes them."""
    if not shown:
        raise InputError(_NOTHING)
    for one in shown:
        if one.share_level > viewer.share_level:
            raise AccessError(_TOO_EXACT.format(layer=one.layer.title))
        if (highest := _highest_class(one)) > viewer.info_class:
            raise AccessError(_SECRET.format(layer=one.layer.title, n=highest))


def _highest_class(shown: Shown) -> int:
    return int(shown.frame["info_class"].max()) if "info_class" in shown.frame and len(shown) else 0


def _class_of(shown: Shown) -> int:
    """What is counted from incidents is at least as internal as they are, unless it was made for others."""
    counted = shown.share_level is ShareLevel.INTERNAL and asked_of_incidents(shown)
    return max(_highest_class(shown), 1 if counted else 0)


def _log(shown: Sequence[Shown], formats: Sequence[str], made: Sequence[Handed], viewer: Viewer, purpose: str | None) -> None:
    """One line of JSON: who took what, at which level, how much of it and why. No value of any row."""
    AUDIT.info(json.dumps({
        "action": "hand_out", "who": viewer.name, "units": list(viewer.units), "share_level": viewer.share_level.name, "purpose": purpose,
        "formats": list(formats), "files": [{"name": one.file_name, "bytes": len(one.content)} for one in made],
        "layers": [{"layer": one.layer.name, "rows": len(one), "level": one.share_level.name, "info_class": _highest_class(one),
                    "selection": dict(one.provenance.selection), "revision": one.provenance.revision, "method": one.provenance.method}
                   for one in shown]}, ensure_ascii=False))
