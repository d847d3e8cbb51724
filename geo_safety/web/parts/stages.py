"""The stages a measure is drawn in: colour is never alone, each has a sign of its own."""
from __future__ import annotations

from dataclasses import dataclass

from ...maps.colours import STAGES as GROUPS
from ...text import Text

ICONS = {"idea": "bulb", "planned": "calendar", "ongoing": "clock", "done": "check", "stopped": "x"}


@dataclass(frozen=True)
class Stage:
    name: str
    icon: str
    title: Text
    statuses: tuple[str, ...]


STAGES = tuple(Stage(group.name, ICONS[group.name], group.title, group.codes) for group in GROUPS)


def stage_of(status: str) -> Stage:
    return next((stage for stage in STAGES if status in stage.statuses), STAGES[0])
