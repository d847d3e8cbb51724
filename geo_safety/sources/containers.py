"""Opens zip and gzip within bounds, and tells from its content what a file is, whatever it is called."""
from __future__ import annotations

import gzip
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Literal, Protocol

from ..errors import InputError
from ..text import Text
from .limits import MB, Limits

Kind = Literal["text", "json", "kml", "xlsx", "zip", "gzip", "geopackage", "shapefile", "mapinfo"]
class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


_STEP = 256 * 1024
_SMALL = 1 * MB  # up to here the ratio says nothing: a short file of blanks packs well too


def kind_of(path: Path) -> Kind:
    """What the file is by its first bytes; InputError for what is never a table."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip(b"\x00 \t\r\n"):
        raise InputError(Text(sv="Filen {name} är tom.", en="The file {name} is empty.").format(name=path.name))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError(Text(
            sv="Filen {name} är i Excels gamla format (.xls). Öppna den i Excel och spara som .xlsx.",
            en="The file {name} is in Excel's old format (.xls). Open it in Excel and save it as .xlsx.").format(name=path.name))
    return _kind_of_text(head, path)


_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\x1f\x8b", "gzip"), (b"SQLite format 3\x00", "geopackage"), (b"\x00\x00\x27\x0a", "shapefile"))


def _kind_of_text(head: bytes, path: Path) -> Kind:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # "Unicode text" as Excel saves it
        return "text"
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        if b"<kml" in start and b"<!DOCTYPE" not in start and b"<!ENTITY" not in start:
            return "kml"
        raise InputError(Text(
            sv="Filen {name} är XML eller en webbsida, ingen tabell och inget GeoJSON. Spara den i något av formaten som går att läsa.",
            en="The file {name} is XML or a web page, neither a table nor GeoJSON. Save it in one of the formats that can be read.")
            .format(name=path.name))
    if start.startswith(b"!table"):
        return "mapinfo"
    if start.startswith((b"{", b"[")):
        return "json"
    if path.suffix.lower() in (".geojson", ".json"):
        raise InputError(Text(sv="Filen {name} heter GeoJSON men innehåller något annat.",
                              en="The file {name} is called GeoJSON but holds something else.").format(name=path.name))
    if b"\x00" in head:
        raise InputError(Text(sv="Filen {name} är varken text, Excel eller en kartfil som går att läsa.",
                              en="The file {name} is neither text, Excel nor a map file that can be read.").format(name=path.name))
    return "text"


def _kind_of_zip(path: Path) -> Kind:
    with open_zip(path) as archive:
        names = archive.namelist()
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names or any(name.startswith("word/") for name in names):
        raise InputError(Text(sv="Filen {name} är ett dokument, ingen tabell. Spara tabellen som .xlsx eller .csv.",
                              en="The file {name} is a document, not a table. Save the table as .xlsx or .csv.").format(name=path.name))
    return "zip"


def open_zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(path) from error


def gunzip(path: Path, folder: Path, limits: Limits) -> Path:
    """The unpacked file in `folder`, counted while it grows."""
    target = folder / (path.stem if path.suffix.lower() == ".gz" else path.name + ".unpacked")
    try:
        with gzip.open(path, "rb") as packed, target.open("wb") as out:
            _copy(packed, out, _most(path.stat().st_size, limits), path.name, limits)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(path) from error
    return target


def unzip(path: Path, folder: Path, limits: Limits) -> list[Path]:
    """The files of an archive in `folder`, after `check_zip`, counted while they grow."""
    unpacked: list[Path] = []
    with open_zip(path) as archive:
        left = check_zip(archive, path, limits)
        for info in archive.infolist():
            if info.is_dir() or info.filename.startswith("__MACOSX/"):
                continue
            target = folder.joinpath(*PurePosixPath(info.filename).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                with archive.open(info) as packed, target.open("wb") as out:
                    left -= _copy(packed, out, left, path.name, limits)
            except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
                raise _damaged(path) from error
            unpacked.append(target)
    return unpacked


def check_workbook(path: Path, limits: Limits) -> None:
    """A workbook is a zip too: sizes declared and counted, and no XML with definitions of its own, which could grow without end."""
    with open_zip(path) as archive:
        left = check_zip(archive, path, limits)
        for info in archive.infolist():
            try:
                with archive.open(info) as packed:
                    first = packed.read(_STEP)
                    left -= len(first) + _copy(packed, None, left - len(first), path.name, limits)
            except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
                raise _damaged(path) from error
            if b"<!DOCTYPE" in first or b"<!ENTITY" in first:
                raise _damaged(path)


def check_zip(archive: zipfile.ZipFile, path: Path, limits: Limits) -> int:
    """Bytes that may be unpacked; InputError when names, number or declared sizes are not those of an honest file."""
    entries = archive.infolist()
    if len(entries) > max(limits.files, 1):
        raise InputError(Text(sv="Arkivet {name} innehåller {n} filer; högst {most} tas emot.",
                              en="The archive {name} holds {n} files; at most {most} are accepted.").format(
                                  name=path.name, n=len(entries), most=limits.files))
    for info in entries:
        _check_entry(info, path)
    most = _most(path.stat().st_size, limits)
    if sum(info.file_size for info in entries) > most:
        raise _too_large(path.name, limits)
    return most


def _check_entry(info: zipfile.ZipInfo, path: Path) -> None:
    name = PurePosixPath(info.filename)
    if name.is_absolute() or ".." in name.parts or "\\" in info.filename or ":" in info.filename or not name.parts:
        raise InputError(Text(sv="Arkivet {name} vill skriva utanför sin egen mapp och läses inte.",
                              en="The archive {name} wants to write outside its own folder and is not read.").format(name=path.name))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise InputError(Text(sv="Arkivet {name} innehåller en länk och läses inte.",
                              en="The archive {name} holds a link and is not read.").format(name=path.name))
    if info.flag_bits & 0x1:
        raise InputError(Text(sv="Arkivet {name} är låst med lösenord. Spara det utan lösenord.",
                              en="The archive {name} is locked with a password. Save it without one.").format(name=path.name))


def _most(packed_size: int, limits: Limits) -> int:
    return min(limits.unpacked_mb * MB, max(_SMALL, packed_size * limits.ratio))


def _copy(source: _Readable, target: IO[bytes] | None, most: int, name: str, limits: Limits) -> int:
    size = 0
    while piece := source.read(_STEP):
        size += len(piece)
        if size > most:
            raise _too_large(name, limits)
        if target is not None:
            target.write(piece)
    return size


def _too_large(name: str, limits: Limits) -> InputError:
    return InputError(Text(
        sv="Filen {name} blir för stor när den packas upp. Högst {most} MB, och högst {ratio} gånger den packade storleken, tas emot.",
        en="The file {name} becomes too large when unpacked. At most {most} MB, and at most {ratio} times the packed size, is accepted.")
        .format(name=name, most=limits.unpacked_mb, ratio=limits.ratio))


def _damaged(path: Path) -> InputError:
    return InputError(Text(sv="Filen {name} är skadad eller ofullständig och går inte att packa upp. Hämta den på nytt.",
                           en="The file {name} is damaged or incomplete and cannot be unpacked. Fetch it again.").format(name=path.name))
