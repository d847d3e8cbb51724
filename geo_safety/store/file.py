"""An open store file: what every part of the store needs to know about it."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ..errors import StoreError
from ..layers import LAYERS
from ..model.describe import Layer
from ..text import Text
from .tables import Tables


@dataclass(frozen=True)
class StoreFile:
    path: Path
    read: sa.Engine
    write: sa.Engine
    tables: Tables
    crs: str
    srs_id: int
    zone: str

    def layer(self, name: str) -> tuple[Layer, sa.Table]:
        """The description and the table of a stored layer."""
        if name not in self.tables.layers:
            raise StoreError(Text(sv="Det finns inget lager {name} i lagret. De som finns är {known}.",
                                  en="There is no layer {name} in the store. Those there are: {known}.").format(
                                      name=name, known=", ".join(self.tables.layers)))
        return LAYERS[name], self.tables.layers[name]
