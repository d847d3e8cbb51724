"""How much a foreign file may ask of us."""
from __future__ import annotations

from dataclasses import asdict, dataclass

MB = 1024 * 1024
LONGEST_TEXT = 4_000    # characters kept of one value
LONGEST_KEY = 200       # characters of a supplier's id that are used as they are
MOST_REJECTS = 50_000   # rejected rows that are kept one by one; beyond that they are only counted


@dataclass(frozen=True)
class Limits:
    """Sizes in megabytes, times in seconds. `ratio` is unpacked to packed size of a compressed file."""

    file_mb: int = 200
    unpacked_mb: int = 100
    ratio: int = 200
    files: int = 200
    columns: int = 2_000
    rows: int = 5_000_000
    memory_mb: int = 4_000
    cpu_s: int = 600
    wall_s: int = 900

    def to_dict(self) -> dict[str, int]:
        return asdict(self)


DEFAULT = Limits()
