"""One way in for every format: what a file is by its content decides how it is read."""
from __future__ import annotations

import tempfile
from pathlib import Path

from ..errors import InputError
from ..text import Text
from . import containers, spatial, tables
from .limits import DEFAULT, Limits
from .reading import ReadOptions
from .tables import Table

READABLE = (".csv", ".txt", ".tsv", ".tab", ".xlsx", ".geojson", ".json", ".gpkg", ".kml", ".shp", ".zip", ".gz")


def open_table(path: str | Path, options: ReadOptions, limits: Limits = DEFAULT) -> Table:
    """The table in `path`, packed or not. InputError in one sentence when there is none."""
    path = checked_path(path, limits)
    with tempfile.TemporaryDirectory(prefix="geo-safety-") as folder:
        return _open(path, Path(folder), options, limits, packed=False)


def checked_path(path: str | Path, limits: Limits = DEFAULT) -> Path:
    """A plain file of bearable size. Addresses and GDAL's virtual paths are refused."""
    text = str(path)
    if text.startswith("/vsi") or "://" in text:
        raise InputError(Text(sv="{path} är ingen fil på den här datorn.", en="{path} is not a file on this computer.").format(path=text))
    path = Path(path)
    if not path.is_file():
        raise InputError(Text(sv="Filen {path} finns inte.", en="There is no file {path}.").format(path=text))
    if path.stat().st_size == 0:
        raise InputError(Text(sv="Filen {name} är tom.", en="The file {name} is empty.").format(name=path.name))
    if path.stat().st_size > limits.file_mb * 1024 * 1024:
        raise InputError(Text(sv="Filen {name} är större än {most} MB.", en="The file {name} is larger than {most} MB.").format(
            name=path.name, most=limits.file_mb))
    return path


def _open(path: Path, folder: Path, options: ReadOptions, limits: Limits, *, packed: bool) -> Table:
    kind = containers.kind_of(path)
    if kind in ("gzip", "zip"):
        if packed:
            raise InputError(Text(sv="Filen {name} är packad flera gånger om. Packa upp den först.",
                                  en="The file {name} is packed more than once. Unpack it first.").format(name=path.name))
        if kind == "gzip":
            return _open(containers.gunzip(path, folder, limits), folder, options, limits, packed=True)
        return _open_archive(path, folder, options, limits)
    if options.sheet is not None and kind in ("text", "json"):
        raise tables.no_such_sheet(path, options.sheet, ())
    if kind == "text":
        return tables.read_text_table(path, options, limits)
    if kind == "xlsx":
        return tables.read_workbook(path, options, limits)
    if kind == "json":
        return spatial.read_geojson(path, options, limits)
    return spatial.read_with_gdal(path, kind, folder, options, limits)


def _open_archive(path: Path, folder: Path, options: ReadOptions, limits: Limits) -> Table:
    """The one table in a zip; several are told apart by `sheet`, *file* or *file/layer*."""
    unpacked = sorted(containers.unzip(path, folder, limits))
    parts = {".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".dat", ".map", ".id", ".ind", ".qmd", ".xml"}
    shapes = {file.with_suffix("").name.lower() for file in unpacked if file.suffix.lower() in (".shp", ".tab")}
    found = {str(file.relative_to(folder)): file for file in unpacked
             if file.suffix.lower() in READABLE and not (file.suffix.lower() in parts and file.stem.lower() in shapes)}
    if not found:
        raise InputError(Text(sv="Arkivet {name} innehåller ingen fil som går att läsa. Där finns: {names}.",
                              en="The archive {name} holds no file that can be read. It holds: {names}.").format(
                                  name=path.name, names=", ".join(file.name for file in unpacked[:10]) or "–"))
    asked, inner = options.sheet, None
    if asked is not None and asked not in found:
        inside = [name for name in found if asked.startswith(name + "/")]
        if inside:
            asked, inner = inside[0], asked[len(inside[0]) + 1:]
        else:
            asked, inner = (next(iter(found)), asked) if len(found) == 1 else (None, None)
        if asked is None:
            raise tables.no_such_sheet(path, str(options.sheet), found)
    chosen = asked or next(iter(found))
    table = _open(found[chosen], folder, options.with_(sheet=inner), limits, packed=True)
    if len(found) > 1:
        table.sheets, table.sheet = tuple(found), chosen
        if asked is None:
            table.notes.append(Text(sv="Arkivet har flera filer ({names}). Filen {name} är vald.",
                                    en="The archive holds several files ({names}). The file {name} is chosen.").format(
                                        names=", ".join(found), name=chosen))
    return table
