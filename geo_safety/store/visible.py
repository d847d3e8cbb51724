"""May this person see the row? One condition, in SQL, on every read, count and history."""
from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ..model.viewer import Viewer

OPEN_CLASS = 1  # classes 0 and 1 are read inside the whole municipality; above that the owning unit counts too


def visible(columns: Any, viewer: Viewer) -> sa.ColumnElement[bool]:
    """True for rows whose class the viewer may see and, from class 2, that one of the viewer's units owns.

    `columns` has `info_class` and `owner_unit`, for example `table.c`. A row of class 2 without an owner is seen by nobody.
    """
    return sa.and_(
        columns.info_class <= viewer.info_class,
        sa.or_(columns.info_class <= OPEN_CLASS, columns.owner_unit.in_(viewer.units)))
