"""The process in which foreign files are read: `python -m geo_safety.sources.child REQUEST`. Started by `guard` only.

It bounds itself before it loads anything, then opens no connection, starts no program and writes nothing outside its folder.
"""
from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

MB = 1024 * 1024
_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.startfile", "pty.", "ctypes.dlopen",
              "urllib.", "ftplib.", "http.", "smtplib.", "webbrowser.", "winreg.")


def main(request: Path) -> int:
    asked = json.loads(request.read_text(encoding="utf-8"))
    folder = Path(asked["folder"])
    bound(asked["limits"])
    started = time.perf_counter()
    try:
        answer = _do(asked, folder)
    except MemoryError:
        answer = _failed("Filen {name} kräver mer minne än {n} MB att läsa. Dela den i mindre delar.",
                         "The file {name} needs more than {n} MB of memory to read. Split it into smaller parts.", asked)
    if "error" not in answer:
        answer["took"] = {"seconds": round(time.perf_counter() - started, 2), "peak_mb": _peak_mb()}
    unfinished = folder / "result.part"
    unfinished.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(folder / "result.json")
    return 0


def bound(limits: dict[str, int]) -> None:
    """Limits of the operating system on this process: memory, processor time, size of what it writes, no core file."""
    try:
        import resource
    except ImportError:  # Windows has none: there the parent's clock and the checks of sizes remain
        return
    for name, most in (("RLIMIT_AS", limits["memory_mb"] * MB), ("RLIMIT_CPU", limits["cpu_s"]), ("RLIMIT_FSIZE", 2_000 * MB), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        top = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (top, top))


def _do(asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    import pyogrio  # noqa: F401 - loaded before the doors are closed: it looks for its own library

    from ..errors import GeoSafetyError
    from ..layers import LAYERS
    from . import SOURCES
    from .limits import Limits
    from .reading import Destination, ReadOptions
    from .transport import write_reading
    limits, into = Limits(**asked["limits"]), Destination.from_dict(asked["into"])
    path, source = _named(asked, folder), SOURCES[asked["source"]]
    shut()
    try:
        options = None if asked["options"] is None else ReadOptions.from_dict(asked["options"])
        if asked["task"] == "propose":
            return {"proposal": source.propose(path, into, options, limits=limits, progress=_Teller(folder)).to_dict()}
        reading = source.read(path, options, into, limits=limits, progress=_Teller(folder))
        write_reading(reading, LAYERS[source.layer], folder / "out")
    except GeoSafetyError as problem:
        return {"error": {"sv": problem.text.sv, "en": problem.text.en}}
    return {}


def shut() -> None:
    """From here on an attempt to reach the network or start a program raises; a hook of this kind cannot be taken away again."""
    def refuse(event: str, arguments: tuple) -> None:
        if event.startswith(_FORBIDDEN):
            raise PermissionError(f"{event} is not allowed while a foreign file is read")
    sys.addaudithook(refuse)


def _named(asked: dict[str, Any], folder: Path) -> Path:
    """The file under the name that its owner knows, so that messages speak of that one."""
    path = Path(asked["path"])
    if path.name == asked["name"]:
        return path
    known = folder / "work" / asked["name"]
    try:
        known.symlink_to(path)
    except OSError:  # no right to make links (Windows)
        return path
    return known


class _Teller:
    """Progress that is left in a file for the parent to read."""

    def __init__(self, folder: Path):
        self._target, self._part = folder / "progress.json", folder / "progress.part"

    def __call__(self, share: float, what: Any) -> None:
        self._part.write_text(json.dumps({"share": share, "sv": what.sv, "en": what.en}), encoding="utf-8")
        self._part.replace(self._target)


def _failed(sv: str, en: str, asked: dict[str, Any]) -> dict[str, Any]:
    values = {"name": asked["name"], "n": asked["limits"]["memory_mb"]}
    return {"error": {"sv": sv.format(**values), "en": en.format(**values)}}


def _peak_mb() -> float | None:
    """Most memory this process has held, where the system tells. Linux' ru_maxrss would also count what the parent held when it started us."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return round(int(found[0]) / 1024, 1) if found else None


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(Path(sys.argv[1])))
