"""Collects descriptions: those built in and those that other packages bring through entry points."""
from __future__ import annotations

from importlib.metadata import entry_points
from typing import Protocol, TypeVar

from .errors import GeoSafetyError
from .text import Text


class Described(Protocol):
    @property
    def name(self) -> str: ...


D = TypeVar("D", bound=Described)


def collect(*built_in: D, group: str) -> dict[str, D]:
    """{name: description} in the order given, built-ins first; a name used twice is refused.

    `group` is the entry-point group, for example `geo_safety.hotspots`; each entry point loads one description.
    """
    found: dict[str, D] = {}
    for description in (*built_in, *(point.load() for point in entry_points(group=group))):
        if description.name in found:
            raise GeoSafetyError(Text(sv="Namnet {name} används två gånger i {group}.",
                                      en="The name {name} is used twice in {group}.").format(name=description.name, group=group))
        found[description.name] = description
    return found
