"""Points too many to send to the browser, sorted once for all the tiles they are drawn in."""
from __future__ import annotations

from ...maps.tiles import PointIndex
from ...model.selection import Selection
from ...model.viewer import Viewer
from ...services import viewing
from ...services.remember import remembered
from ...store import Store


@remembered
def point_index(store: Store, selection: Selection, viewer: Viewer) -> PointIndex:
    """The points of a selection too large to send, sorted once for all its tiles."""
    shown = viewing.show(store, "incidents", selection, viewer)
    return PointIndex.sorted(viewing.pins(shown).geometry.to_crs(3857))
