from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_safety.model.selection import Period, Selection, View, last_months, parse_query, to_search, whole_year

codes = st.from_regex(r"[A-Za-z0-9_.\-]{1,20}", fullmatch=True)
degrees = st.tuples(st.floats(-180, 180).map(lambda v: round(v, 5)), st.floats(-90, 90).map(lambda v: round(v, 5)))
days = st.dates(date(1990, 1, 1), date(2060, 1, 1))
periods = st.tuples(days, st.integers(1, 4000)).map(lambda t: Period(t[0], date.fromordinal(t[0].toordinal() + t[1])))
selections = st.builds(
    Selection, period=st.none() | periods, compare_with=st.none() | periods,
    types=st.none() | st.lists(codes, min_size=1, max_size=5, unique=True).map(tuple),
    areas=st.lists(codes, max_size=5, unique=True).map(tuple), drawn=st.just(()) | st.lists(degrees, min_size=3, max_size=20).map(tuple))
views = st.builds(View, layers=st.lists(codes, min_size=1, max_size=4, unique=True).map(tuple), measure=st.sampled_from(("count", "rate")),
                  division=codes, base=codes, chosen=st.text(max_size=40))


@given(selections, views)
def test_a_view_comes_back_from_its_address(selection, view):
    query = parse_query(to_search(selection, view))
    assert Selection.from_query(query) == selection
    assert View.from_query(query) == view


@given(st.dictionaries(st.sampled_from(("period", "compare", "types", "areas", "drawn", "at", "v", "layers", "zzz")), st.text(max_size=60)))
def test_an_address_that_cannot_be_read_is_never_an_error(query):
    Selection.from_query(query)
    View.from_query(query)


def test_a_period_is_half_open_and_cannot_end_before_it_begins():
    assert whole_year(2024).days == 366
    with pytest.raises(ValueError, match="before"):
        Period(date(2025, 1, 2), date(2025, 1, 1))


def test_the_period_before_keeps_the_season():
    assert whole_year(2025).before() == whole_year(2024)
    assert Period(date(2025, 3, 1), date(2025, 6, 1)).before() == Period(date(2024, 3, 1), date(2024, 6, 1))
    assert Period(date(2024, 2, 29), date(2024, 3, 1)).before() == Period(date(2023, 2, 28), date(2023, 3, 1))
    assert Period(date(2023, 1, 1), date(2025, 1, 1)).before() == Period(date(2021, 1, 1), date(2023, 1, 1))


def test_the_last_months_are_whole():
    assert last_months(date(2026, 1, 1), 12) == whole_year(2025)
    assert last_months(date(2026, 3, 17), 1) == Period(date(2026, 2, 1), date(2026, 3, 1))


def test_a_drawn_area_outside_the_world_is_left_out():
    assert Selection.from_query({"drawn": "1,2;3,4;500,6"}).drawn == ()
    assert Selection.from_query({"drawn": "1,2;3,4"}).drawn == ()
