"""The address of an evaluation is its whole design, and what is not settled yet hides the result."""
from __future__ import annotations

import pytest

from geo_safety.model.viewer import local_viewer
from geo_safety.settings import Settings
from geo_safety.store import Store
from geo_safety.web.context import of_request
from geo_safety.web.pages import evaluation as page

pytestmark = pytest.mark.xdist_group("designs")


@pytest.fixture(scope="module")
def here(sample_path):
    with Store.open(sample_path) as store:
        yield lambda search="": of_request(store, Settings(store=str(sample_path)), local_viewer("sv"), search)


def measure(here, title: str) -> str:
    return next(row["uid"] for row in page.measures_of(here()) if title in row["label"])


def words(part) -> str:
    """All text of a component."""
    if part is None or isinstance(part, str | int | float):
        return str(part or "")
    if isinstance(part, list | tuple):
        return " ".join(words(child) for child in part)
    return words(getattr(part, "children", None))


def test_the_address_gives_back_the_design(here):
    search = f"?measure={measure(here, 'Lykttunneln')}&control=place:P023&before=2022-01-01/2023-01-01&after=2024-02-01/2025-02-01&types=vandalism,graffiti" \
             "&width=80&margin=10&planned=yes&bad=no&show=1"
    asked = page.asked(here(search))
    assert asked.show and asked.width_m == 80 and asked.margin == 0.1 and asked.types == ("vandalism", "graffiti")
    assert page.asked(here(asked.search())) == asked
    assert not page.asked(here(asked.search(show=False))).show


def test_without_an_address_the_first_measure_that_is_done_with_its_own_periods(here):
    asked = page.asked(here())
    assert asked.measure == page.measures_of(here())[0]["uid"] and asked.before is not None and asked.control == "" and not asked.show


@pytest.mark.parametrize("search", ["?before=nonsense&width=wide&margin=-3&planned=perhaps", "?measure=../../etc&control=place:%27;--", "?control=area:nowhere",
                                    "?measure=drawn", "?measure=drawn&drawn=1,2;3,4"])
def test_an_address_that_cannot_be_read_is_answered_in_words(here, search):
    told = page.layout(here(search))
    assert words(told)


def test_the_result_is_not_on_the_page_before_it_is_asked_for(here):
    search = f"?measure={measure(here, 'Lykttunneln')}&control=place:P023"
    before, after = words(page.layout(here(search))), words(page.layout(here(search + "&show=1")))
    assert "i 80" in before and "Slutsats" not in before and "→" not in before
    assert "Slutsats" in after and "Tydlig minskning" in after


def test_a_change_of_the_design_hides_the_result_again(here):
    there = here(f"?measure={measure(here, 'Lykttunneln')}&control=place:P023&show=1")
    asked = page.asked(there)
    fields = {"measure": asked.measure, "control": "area:" + "x", "before_from": "2022-01-01", "before_to": "2022-12-31", "after_from": "2024-02-01",
              "after_to": "2025-01-31", "types": [], "planned": "yes", "bad": "no", "buffer": "100", "width": "auto", "margin": "20"}
    changed = page.given(there, asked, fields)
    assert not changed.show and str(changed.before) == "2022-01-01/2023-01-01" and changed.control == "area:x"
    other = page.given(there, asked, fields | {"measure": measure(here, "Kometskolan")})
    assert str(other.before) == "2021-04-01/2023-06-01"     # its own


def test_without_a_control_nothing_is_concluded_and_it_is_said_why(here):
    told = words(page.layout(here(f"?measure={measure(here, 'Lykttunneln')}&show=1")))
    assert "Välj ett kontrollområde" in told and "Går inte att avgöra" in told and "utan kontrollområde" in told


def test_a_measure_that_is_not_done_needs_its_periods(here):
    told = words(page.layout(here(f"?measure={measure(here, 'Låsbara')}")))
    assert "Ange perioderna" in told


def test_the_layers_that_can_be_taken_along(here):
    layers = page.layers_of(here(f"?measure={measure(here, 'Lykttunneln')}&control=place:P023&show=1"))
    assert [one.layer.name for one in layers] == ["evaluation_places", "evaluation_counts", "evaluation_effect", "evaluation_course", "evaluation_pre_trend"]
