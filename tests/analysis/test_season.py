"""Months, and kinds of day with the Swedish holidays."""
from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from dateutil.easter import easter

from geo_safety.analysis.rates import poisson_interval
from geo_safety.analysis.season import EVES, HOLIDAYS, by_day_type, easter_sunday, season, swedish_holidays
from geo_safety.errors import InputError

THREE_YEARS = ("2022-01-01", "2025-01-01")


def daily(period=THREE_YEARS, hour=12) -> pd.DatetimeIndex:
    return pd.date_range(*period, inclusive="left") + pd.Timedelta(hours=hour)


# --- holidays ------------------------------------------------------------------------------------------------------------------

def test_easter_is_that_of_dateutil_for_three_centuries():
    assert all(easter_sunday(year) == easter(year) for year in range(1800, 2101))


@pytest.mark.parametrize(("day", "name"), [
    # from the almanacs of 2024 and 2026
    (date(2024, 3, 29), "good_friday"), (date(2024, 5, 9), "ascension"), (date(2024, 6, 21), "midsummer_eve"), (date(2024, 6, 22), "midsummer_day"),
    (date(2024, 11, 2), "all_saints"), (date(2026, 4, 5), "easter_sunday"), (date(2026, 4, 6), "easter_monday"), (date(2026, 5, 14), "ascension"),
    (date(2026, 5, 24), "whit_sunday"), (date(2026, 6, 6), "national_day"), (date(2026, 6, 20), "midsummer_day"), (date(2026, 10, 31), "all_saints"),
    (date(2026, 4, 30), "walpurgis"), (date(2026, 12, 24), "christmas_eve")])
def test_the_almanac_says_so(day, name):
    assert swedish_holidays(day.year)[day] == name


def test_whit_monday_gave_way_to_the_national_day_in_2005():
    assert "whit_monday" in swedish_holidays(2004).values() and "national_day" not in swedish_holidays(2004).values()
    assert "national_day" in swedish_holidays(2005).values() and "whit_monday" not in swedish_holidays(2005).values()


def test_where_two_fall_on_a_day_the_public_holiday_stands():
    assert swedish_holidays(2008)[date(2008, 5, 1)] in ("may_day", "ascension")  # both
    assert swedish_holidays(2011)[date(2011, 4, 30)] == "walpurgis"
    assert set(swedish_holidays(2026).values()) <= HOLIDAYS.keys() | EVES.keys()


# --- months --------------------------------------------------------------------------------------------------------------------

def test_one_event_a_day_is_no_season_though_months_have_different_days():
    told = season(daily(), period=THREE_YEARS)
    assert told.table["incidents"].tolist() == [93, 85, 93, 90, 93, 90, 93, 93, 90, 93, 90, 93]     # 2024 has a leap day
    np.testing.assert_allclose(told.table[["per_day", "relative"]], 1)
    assert told.p == pytest.approx(1) and told.warnings == ()


def test_a_busy_summer_is_found_with_an_exact_interval():
    summer = daily()[np.isin(daily().month, (6, 7))]
    told = season(daily().append(summer), period=THREE_YEARS)
    assert told.table.loc[7, "relative"] == pytest.approx(2 * 1096 / (1096 + 183))
    low, high = poisson_interval(186)
    assert (told.table.loc[7, "low"], told.table.loc[7, "high"]) == (pytest.approx(low / 93), pytest.approx(high / 93))
    assert told.p < 1e-6 and told.table.loc[7, "relative_low"] > 1


def test_months_that_are_not_there_have_no_rate_and_a_single_year_is_said():
    told = season(daily(("2024-03-10", "2024-09-01")), period=("2024-03-10", "2024-09-01"))
    assert told.table.loc[3, "days"] == 22 and told.table.loc[1, "days"] == 0 and np.isnan(told.table.loc[1, "per_day"])
    assert [doubt.code for doubt in told.warnings] == ["ONE_YEAR"]


def test_an_event_belongs_to_the_month_of_the_place():
    told = season(pd.DatetimeIndex(["2024-06-30T22:30"], tz="UTC"), period=("2024-01-01", "2025-01-01"))    # already July in Stockholm
    assert told.table.loc[7, "incidents"] == 1


def test_events_outside_the_period_are_counted_and_left_out():
    told = season(["2021-12-31T23:00", "2022-01-01T00:00", None], period=THREE_YEARS)
    assert (told.n, told.outside) == (1, 1)


@pytest.mark.slow
def test_even_months_are_seldom_called_a_season():
    rng = np.random.default_rng(1)
    false = np.mean([season(daily()[rng.integers(0, 1096, n)], period=THREE_YEARS, seed=i).p < 0.05 for i in range(600) for n in (30, 200)])
    assert false < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1200)


# --- kinds of day --------------------------------------------------------------------------------------------------------------

def test_days_of_a_year_are_of_four_kinds():
    told = by_day_type(daily(("2026-01-01", "2027-01-01")), period=("2026-01-01", "2027-01-01")).table
    # 2026: thirteen holidays (6 June and 31 October are Saturdays) and eight eves, two of them on Saturdays and none on a holiday
    assert told.loc["holiday", "days"] == 13 and told.loc["eve", "days"] == 8 and told["days"].sum() == 365
    assert (told["per_day"] == 1).all()


def test_midsummer_eve_is_an_eve_and_not_a_friday():
    told = by_day_type(["2026-06-19T23:00", "2026-06-20T02:00", "2026-06-18T12:00", "2026-06-14T12:00"], period=("2026-01-01", "2027-01-01"))
    assert told.table["incidents"].to_dict() == {"workday": 1, "weekend": 1, "holiday": 1, "eve": 1}


@pytest.mark.parametrize("asked", [{"times": [None]}, {"period": ("2025-01-01", "2025-01-01")}, {"times": ["when"]}])
def test_what_cannot_be_used_is_refused_in_words(asked):
    with pytest.raises(InputError):
        season(**{"times": ["2025-01-01T12:00"], **asked})
