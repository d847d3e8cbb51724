"""Who asks, and how much may be shown to them."""
from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ShareLevel(IntEnum):
    """How much detail leaves: exact, coarsened, or only what was published in advance."""

    PUBLIC = 0
    PARTNER = 1
    INTERNAL = 2


@dataclass(frozen=True)
class Viewer:
    """The one who asks. `info_class` is the highest class of record they may see."""

    name: str
    units: tuple[str, ...] = ()
    info_class: int = 1
    share_level: ShareLevel = ShareLevel.INTERNAL
    language: str = "sv"


def local_viewer(language: str = "sv") -> Viewer:
    """The one person at a server that listens on loopback only, until accounts exist."""
    return Viewer(name="local", language=language)
