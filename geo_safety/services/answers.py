"""Where a hotspot answer lies between the worker that made it and the page that shows it: a file named after all that was asked."""
from __future__ import annotations

import hashlib
import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from ..analysis import disclosure
from ..errors import Refusal
from ..model.features import Features
from ..model.selection import Selection
from ..model.viewer import Viewer
from ..store import Store
from .hotspots import HotspotAnswer
from .methods import method_named

MOST_ANSWERS = 300


@dataclass(frozen=True)
class Left:
    """What is written to the file: not the answer as shown, but what it was shown from; the gate is passed anew by each reader."""

    features: Features
    refusal: Refusal | None
    top: pd.DataFrame


def place_of(store: Store, method: str, parameters: Mapping[str, Any], selection: Selection, viewer: Viewer) -> Path:
    """The file of an answer: the same question to the same revision by a viewer with the same rights has the same place."""
    asked = [store.revision(), method, method_named(method).version, sorted(parameters.items()), sorted(selection.to_query().items()), viewer.info_class,
             int(viewer.share_level), list(viewer.units)]
    name = hashlib.sha256(json.dumps(asked, default=str).encode()).hexdigest()[:32]
    return store.path.with_name(f".{store.path.stem}-answers") / f"{name}.answer"


def leave(answer: HotspotAnswer, place: Path) -> None:
    """Writes an answer whole or not at all, and clears away the oldest."""
    shown = answer.shown
    left = Left(Features(shown.layer, shown.frame, shown.facts, shown.warnings, shown.provenance), answer.refusal, answer.top)
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(pickle.dumps(left))
    unfinished.replace(place)
    oldest_first = sorted(place.parent.glob("*.answer"), key=lambda path: path.stat().st_mtime)
    for old in oldest_first[:-MOST_ANSWERS]:
        old.unlink(missing_ok=True)


def fetch(place: Path, viewer: Viewer) -> HotspotAnswer | None:
    """The answer at a place as this viewer may see it, or None while there is none."""
    if not place.exists():
        return None
    left = _read(place, place.stat().st_mtime_ns)
    return HotspotAnswer(disclosure.protect(left.features, viewer), left.refusal, left.top)


@lru_cache(maxsize=8)
def _read(place: Path, written: int) -> Left:
    return pickle.loads(place.read_bytes())  # noqa: S301  written by our own worker beside the store
