"""The one thing that travels: a layer with its rows, what was found out on the way, and what is doubted."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from ..errors import InputError
from ..text import Text
from .cautions import Caution
from .describe import Layer
from .viewer import ShareLevel


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from: enough to repeat it to the digit."""

    sources: tuple[str, ...] = ()          # attributions of the suppliers
    batches: tuple[str, ...] = ()          # uids of the imports used
    selection: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None
    method_version: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int | None = None
    code_version: str | None = None
    made_at: datetime | None = None
    revision: int | None = None            # of the store, when it was read
    newest: datetime | None = None         # newest record used
    made_up: bool = False
    municipality: str = ""


@dataclass(frozen=True)
class Features:
    """`frame` holds every column of `layer` (a missing one stops here), its geometry in a metric CRS.

    `facts` are what the method used and met: n, cells, bandwidth, denominator, kind of p, correction, seconds.
    """

    layer: Layer
    frame: gpd.GeoDataFrame
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Caution, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self):
        missing = [column.name for column in self.layer.columns if column.name not in self.frame.columns]
        if missing:
            raise InputError(Text(sv="Lagret {layer} saknar kolumnerna {missing}.",
                                  en="The layer {layer} lacks the columns {missing}.").format(
                                      layer=self.layer.title, missing=", ".join(missing)))
        if self.layer.geometry is not None:
            crs = getattr(self.frame, "crs", None)
            if crs is None or not crs.is_projected:
                raise InputError(Text(sv="Lagret {layer} måste ligga i ett koordinatsystem med meter.",
                                      en="The layer {layer} must be in a coordinate system in metres.").format(layer=self.layer.title))

    def with_(self, **changes) -> Features:
        return replace(self, **changes)

    def warned(self, *cautions: Caution) -> Features:
        """The same features with more doubts, each code once."""
        known = {c.code for c in self.warnings}
        return replace(self, warnings=self.warnings + tuple(c for c in cautions if c.code not in known))


_GATE = object()


@dataclass(frozen=True)
class Shown:
    """Features that passed both gates: may this person see the rows, and may this detail leave.

    Only `analysis.disclosure.protect` makes one; maps, exports, api and web accept nothing else.
    """

    layer: Layer
    frame: gpd.GeoDataFrame | pd.DataFrame
    facts: Mapping[str, Any]
    warnings: tuple[Caution, ...]
    provenance: Provenance
    share_level: ShareLevel
    gate: object = field(repr=False)

    def __post_init__(self):
        if self.gate is not _GATE:
            raise TypeError("Shown is made by analysis.disclosure.protect only")

    def __len__(self) -> int:
        return len(self.frame)


def passed(features: Features, share_level: ShareLevel) -> Shown:
    """For `analysis.disclosure` alone: marks features as fit to leave."""
    return Shown(features.layer, features.frame, features.facts, features.warnings, features.provenance, share_level, _GATE)
