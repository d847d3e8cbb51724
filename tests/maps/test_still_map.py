"""The picture: what stands on it, and that drawing it leaves nothing behind in the process."""
from __future__ import annotations

import io
import sys
import threading
import time
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from geo_safety.errors import InputError
from geo_safety.layers.computed import AREA_COUNTS
from geo_safety.maps.drawing import drawings, may_be_drawn
from geo_safety.maps.fonts import width_mm, wrapped
from geo_safety.maps.page import Page
from geo_safety.maps.still_map import picture


@pytest.fixture
def said(monkeypatch):
    """Every line of text on the page."""
    lines: list[str] = []
    original = Page.say

    def keep(self, x, y, text, *rest, **more):
        lines.append(text)
        return original(self, x, y, text, *rest, **more)

    monkeypatch.setattr(Page, "say", keep)
    return lines


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


def test_the_picture_is_a4_landscape_and_says_what_a_map_must_say(town, said):
    made = opened(picture([town.area_counts(), town.base_map()], language="sv", made_on=date(2026, 3, 2)))
    assert made.size[0] / made.size[1] == pytest.approx(297 / 210, rel=0.01)
    page = " ".join(said)
    for words in ("Händelser per område", "Exempelköping", "1 jan. 2025 – 31 dec. 2025", "Källa: Polismyndigheten", "SWEREF99 TM (EPSG:3006)",
                  "kartan gjord 2 mars 2026", "Påhittade uppgifter", "Anmälda brott är inte alla brott", "antal områden", "N", "500 m",
                  "intern nivå"):
        assert words in page, words


def test_in_english_every_word_is_english(town, said):
    picture([town.area_counts(), town.measures(), town.findings()], language="en", made_on=date(2026, 3, 2))
    page = " ".join(said)
    assert "Incidents per area" in page and "Made-up data" in page and "number of areas" in page
    assert "Källa" not in page and "antal" not in page


def test_real_data_carry_no_mark_of_being_made_up(town, said):
    picture([town.area_counts(made_up=False)], language="sv")
    assert not any("Påhittade" in line for line in said)


def test_busy_areas_are_drawn_in_the_colour_of_their_class(town):
    made = np.asarray(opened(picture([town.area_counts(made_up=False)], language="sv", dpi=60)))
    red = (made[..., 0] > 170) & (made[..., 1] < 90) & (made[..., 2] < 90)
    assert red.mean() > 0.03


def test_homes_and_areas_are_never_drawn_as_points(town):
    shown = town.incidents(200)
    drawn = shown.frame[may_be_drawn(shown)]
    assert 0 < len(drawn) < 180
    assert set(drawn["geom_precision"]) == {"address"} and "domestic_violence" not in set(drawn["offence_type"])


def test_rows_that_cannot_be_drawn_are_counted_aloud(town):
    drawing = drawings([town.incidents(200)], language="sv")[0]
    assert drawing.legend.note.startswith(f"{200 - len(drawing.frame)} rader kan inte ritas")


def test_a_table_without_places_is_refused_in_words(town):
    with pytest.raises(InputError, match="place to draw"):
        picture([town.offence_statistics()], language="sv")


def test_no_rows_still_make_a_picture(town):
    assert opened(picture([town.incidents(0)], language="en", dpi=40)).size[0] > 100


def test_a_name_with_dollars_is_not_read_as_mathematics(town, said):
    assert picture([town.area_counts(sources=("Kostnad $5 till $9, 100 % _x_",))], language="sv", dpi=40)


def test_threads_draw_at_the_same_time_without_a_shared_list_of_figures(town):
    layers = [town.area_counts(), town.measures()]
    whole = picture(layers, language="sv", dpi=50, made_on=date(2026, 1, 1))
    made: list[bytes] = []
    threads = [threading.Thread(target=lambda: made.append(picture(layers, language="sv", dpi=50, made_on=date(2026, 1, 1)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [whole] * 3
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_a_picture_takes_less_than_two_seconds_of_work(town):
    layers = [town.area_counts(), town.incidents(5000), town.measures(), town.base_map()]
    picture(layers, language="sv", dpi=40)     # fonts are read once for the process
    start = time.process_time()
    picture(layers, language="sv")
    assert time.process_time() - start < 2


def test_lines_are_broken_before_they_leave_the_column():
    text = "Anmälda brott är inte alla brott: vad som anmäls skiljer mellan platser, grupper och brottstyper. " + "x" * 90
    lines = wrapped(text, 7.2, 60)
    assert len(lines) > 2 and all(width_mm(line, 7.2) <= 60 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_hole_in_an_area_stays_empty(town):
    outer = shapely.box(town.WEST, town.SOUTH, town.WEST + 4000, town.SOUTH + 4000)
    inner = shapely.box(town.WEST + 1000, town.SOUTH + 1000, town.WEST + 3000, town.SOUTH + 3000)
    frame = gpd.GeoDataFrame({"name": ["a", "b"], "incidents": [9, 9]}, geometry=[shapely.MultiPolygon([outer - inner]), shapely.MultiPolygon([
        shapely.box(town.WEST + 4000, town.SOUTH, town.WEST + 4100, town.SOUTH + 4000)])], crs=town.CRS)
    made = np.asarray(opened(picture([town.shown(AREA_COUNTS, frame, made_up=False)], language="sv", dpi=60)))
    height, width = made.shape[:2]
    middle = made[int(height * 0.5), int(width * (9 + 105) / 297)]     # the middle of the map's frame
    edge = made[int(height * 0.5), int(width * (9 + 105 - 70) / 297)]
    assert np.abs(middle.astype(int) - (0xF4, 0xF2, 0xEC)).max() < 12, "the colour of land"
    assert np.abs(edge.astype(int) - (0xF4, 0xF2, 0xEC)).max() > 20
