"""Words that the map's own script needs."""
from __future__ import annotations

from ...text import Text

MAP_TEXTS = {
    "map": Text(sv="Karta. Flytta med piltangenterna, zooma med plus och minus. Allt på kartan finns också i tabellen.",
                en="Map. Move with the arrow keys, zoom with plus and minus. Everything on the map is also in the table."),
    "zoom_in": Text(sv="Zooma in", en="Zoom in"),
    "zoom_out": Text(sv="Zooma ut", en="Zoom out"),
    "incidents_here": Text(sv="{{n}} händelser här", en="{{n}} incidents here").format(),
    "click_to_zoom": Text(sv="Klicka för att zooma in", en="Click to zoom in"),
    "coarse_here": Text(sv="{{n}} händelser är bara kända till området", en="{{n}} incidents are known only to the area").format(),
}
