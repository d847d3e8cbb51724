"""The stages a measure is drawn in: colour is never alone, each has a sign of its own."""
from __future__ import annotations

from dataclasses import dataclass

from ...text import Text


@dataclass(frozen=True)
class Stage:
    name: str
    icon: str
    title: Text
    statuses: tuple[str, ...]


STAGES = (
    Stage("idea", "bulb", Text(sv="Föreslagen eller bedömd", en="Proposed or assessed"), ("proposed", "assessed")),
    Stage("planned", "calendar", Text(sv="Beslutad eller planerad", en="Decided or planned"), ("decided", "planned")),
    Stage("ongoing", "clock", Text(sv="Pågår", en="Ongoing"), ("ongoing",)),
    Stage("done", "check", Text(sv="Genomförd, följs upp", en="Done, being followed up"), ("done", "followed_up", "evaluated")),
    Stage("stopped", "x", Text(sv="Avslagen, pausad eller avvecklad", en="Rejected, paused or ended"), ("rejected", "paused", "ended")),
)


def stage_of(status: str) -> Stage:
    return next((stage for stage in STAGES if status in stage.statuses), STAGES[0])
