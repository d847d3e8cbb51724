"""The map as a picture, for a report or a wall."""
from __future__ import annotations

from typing import BinaryIO

from ..model.describe import Exporter
from ..model.features import Shown
from ..text import Text
from .method_sheet import MethodSheet


def write(shown: tuple[Shown, ...], sheet: MethodSheet, stream: BinaryIO, language: str) -> None:
    """A4 landscape as PNG, with legend, scale, source and what is doubted."""
    from ..maps.still_map import picture  # matplotlib is slow to load, and most who list the formats never draw
    stream.write(picture(shown, language=language))


EXPORTER = Exporter(
    "picture", Text(sv="Bild", en="Picture"), ".png", "image/png", write, several_layers=True, holds_sheet=False, draws=True,
    help=Text(sv="A4 liggande med teckenförklaring, skala och källa; metodbladet ligger bredvid i samma zip.",
              en="A4 landscape with legend, scale and source; the method sheet lies beside it in one zip."))
