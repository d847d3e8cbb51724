"""Foreign files are read only in a child process that is bounded, alone and easily killed; this is the door to it.

The child is a fresh interpreter whose environment is set before it starts: GDAL looks at its driver list once, when it is
loaded, so a file named .geojson that is really a VRT pointing at another file finds no driver. See `child` for the rest.
"""
from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..layers import LAYERS
from ..model.jobs import Progress, silent
from ..text import Text
from .limits import DEFAULT, Limits
from .opening import checked_path
from .reading import Destination, Proposal, Reading, ReadOptions
from .transport import read_reading

log = logging.getLogger(__name__)
PACKAGE_PARENT = Path(__file__).resolve().parent.parent.parent
# Every vector driver of GDAL 3.12 but the four that `spatial` names. Should a later GDAL bring more, `spatial` still opens a file
# only after its first bytes said what it is, and refuses it when another driver took it.
SKIPPED_DRIVERS = (
    "MEM", "PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "EEDA", "OGCAPI", "GDALG", "LVBAG", "S57", "DGN", "OGR_VRT", "CSV", "GML", "GPX",
    "LIBKML", "GeoJSON", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "OGR_GMT", "SQLite", "WAsP", "OpenFileGDB", "DXF", "FlatGeobuf", "GeoRSS", "VFK",
    "PGDUMP", "OSM", "GPSBabel", "OGR_PDS", "WFS", "OAPIF", "EDIGEO", "Idrisi", "ODS", "XLSX", "Elasticsearch", "Carto", "AmigoCloud", "SXF",
    "Selafin", "JML", "PLSCENES", "CSW", "VDV", "MVT", "NGW", "MapML", "GTFS", "PMTiles", "JSONFG", "MiraMonVector", "ADBC", "AVCBin", "AVCE00",
    "AIVector", "HTTP", "VRT", "GTI", "STACIT", "STACTA", "Zarr", "LIBERTIFF")
_POLL_S = 0.05
_STILL_S = 0.5  # progress is told at least this often, so that a cancel is noticed


def propose(source: str, path: str | Path, into: Destination, *, given: ReadOptions | None = None, file_name: str | None = None,
            limits: Limits = DEFAULT, progress: Progress = silent) -> Proposal:
    """How `source` would understand the file, worked out in a child process."""
    with tempfile.TemporaryDirectory(prefix="geo-safety-") as folder:
        told = _run("propose", source, path, into, given, Path(folder), file_name, limits, progress)
        return Proposal.from_dict(told["proposal"])


def read(source: str, layer: str, path: str | Path, options: ReadOptions, into: Destination, *, file_name: str | None = None,
         limits: Limits = DEFAULT, progress: Progress = silent) -> tuple[Reading, dict[str, Any]]:
    """What `source` reads from the file in a child process, and what that took: seconds and peak memory in MB.

    InputError in one sentence when the file cannot be used, asks for more than `limits`, or brings the child down.
    """
    with tempfile.TemporaryDirectory(prefix="geo-safety-") as folder:
        told = _run("read", source, path, into, options, Path(folder), file_name, limits, progress)
        return read_reading(LAYERS[layer], Path(folder) / "out", crs=into.crs, zone=into.zone), told["took"]


def environment(folder: Path) -> dict[str, str]:
    """All that the child knows of its surroundings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(PACKAGE_PARENT), *(p for p in sys.path if p and Path(p).is_dir())]), "PYTHONSAFEPATH": "1",
        "HOME": str(folder), "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder), "MPLCONFIGDIR": str(folder),
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",  # each thread of theirs reserves memory that the limit counts
        "GDAL_SKIP": ",".join(SKIPPED_DRIVERS), "GDAL_DRIVER_PATH": "disable", "CPL_DEBUG": "OFF",
        "GDAL_HTTP_PROXY": "127.0.0.1:9", "GDAL_HTTP_TIMEOUT": "1", "CPL_VSIL_CURL_ALLOWED_FILENAME": "none", "PROJ_NETWORK": "OFF"}


def _command(request: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "geo_safety.sources.child", str(request)]


def _run(task: str, source: str, path: str | Path, into: Destination, options: ReadOptions | None, folder: Path, file_name: str | None,
         limits: Limits, progress: Progress) -> Mapping[str, Any]:
    path = checked_path(path, limits)
    for part in ("out", "work"):
        (folder / part).mkdir()
    request = folder / "request.json"
    request.write_text(json.dumps({
        "task": task, "source": source, "path": str(path.resolve()), "name": _plain_name(file_name or path.name), "into": into.to_dict(),
        "options": None if options is None else options.to_dict(), "limits": limits.to_dict(), "folder": str(folder)}), encoding="utf-8")
    with (folder / "said").open("wb") as said:
        child = subprocess.Popen(_command(request), cwd=folder / "work", env=environment(folder / "work"), stdin=subprocess.DEVNULL,
                                 stdout=said, stderr=subprocess.STDOUT, close_fds=True, start_new_session=True)
        try:
            _watch(child, folder, limits, progress)
        finally:
            if child.poll() is None:
                child.kill()
            child.wait()
    return _answer(child.returncode, folder, path)


def _watch(child: subprocess.Popen, folder: Path, limits: Limits, progress: Progress) -> None:
    """Until the child has ended or its time is up. `progress` may raise Cancelled, which ends the child."""
    started, last_told, last = time.monotonic(), 0.0, (0.0, Text(sv="Filen läses", en="The file is being read"))
    while child.poll() is None:
        now = time.monotonic()
        if now - started > limits.wall_s:
            raise InputError(_TOO_LONG.format(n=limits.wall_s))
        met = _progress(folder, last)
        if met != last or now - last_told > _STILL_S:
            last, last_told = met, now
            progress(*last)
        time.sleep(_POLL_S)


def _progress(folder: Path, last: tuple[float, Text]) -> tuple[float, Text]:
    try:
        told = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        return min(1.0, max(0.0, float(told["share"]))), Text(sv=str(told["sv"]), en=str(told["en"]))
    except (OSError, ValueError, KeyError, TypeError):  # not yet written
        return last


def _answer(code: int, folder: Path, path: Path) -> Mapping[str, Any]:
    result = folder / "result.json"
    if code != 0 or not result.is_file():
        _note(code, folder)
        raise InputError(_BROKE.format(name=path.name))
    told = json.loads(result.read_text(encoding="utf-8"))
    if "error" in told:
        raise InputError(Text(sv=told["error"]["sv"], en=told["error"]["en"]))
    return told


def _note(code: int, folder: Path) -> None:
    """For whoever runs the service. The last words may quote a row of the file, so they are told only when debugging."""
    said = (folder / "said").read_bytes()[-4000:].decode("utf-8", "replace").strip()
    last = said.rsplit("\n", 1)[-1].split(":")[0]
    log.warning("the process that reads a foreign file ended with %s (%s)", code, last if last.isidentifier() else "no exception")
    log.debug("its last words: %s", said)


def _plain_name(name: str) -> str:
    """A file name without folders and signs that mean something to a file system."""
    plain = "".join(sign if sign.isalnum() or sign in " ._-()" else "_" for sign in name.replace("\\", "/").rsplit("/", 1)[-1])
    return plain.strip(". ")[-120:] or "file"


_TOO_LONG = Text(sv="Filen tog mer än {n} sekunder att läsa och avbröts. Inget sparades. Dela filen i mindre delar.",
                 en="The file took more than {n} seconds to read and was stopped. Nothing was saved. Split the file into smaller parts.")
_BROKE = Text(sv="Filen {name} gick inte att läsa: läsningen krävde för mycket minne eller tid, eller bröt samman. Inget sparades.",
              en="The file {name} could not be read: reading it took too much memory or time, or broke down. Nothing was saved.")
