"""A map in one HTML file: opens in any browser, also with the network off."""
from __future__ import annotations

from typing import BinaryIO

from ..model.describe import Exporter
from ..model.features import Shown
from ..text import Text
from .method_sheet import MethodSheet


def write(shown: tuple[Shown, ...], sheet: MethodSheet, stream: BinaryIO, language: str) -> None:
    """All layers on one map, `base_map` as the ground; the method sheet opens from a button."""
    from ..maps.folium_map import stand_alone_page  # folium is slow to load, and most who list the formats never draw
    stream.write(stand_alone_page(shown, language=language, sheet=sheet.sections(language)).encode("utf-8"))


EXPORTER = Exporter(
    "folium_html", Text(sv="Karta som webbsida", en="Map as a web page"), ".html", "text/html; charset=utf-8", write, several_layers=True, draws=True,
    help=Text(sv="En fil som öppnas i webbläsaren och fungerar utan nät: flytta, zooma, klicka.",
              en="One file that opens in the browser and works without a network: move, zoom, click."))
