"""The pages, in the order of the navigation. A page is a module with PATH, TITLE, ICON, layout(context) and register(app, store, context)."""
from __future__ import annotations

from . import download, evaluation, hotspots, imports, map_page, patterns

PAGES = (map_page, hotspots, patterns, evaluation, imports, download)
