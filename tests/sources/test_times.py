"""How suppliers write a time, and what is made of it."""
from __future__ import annotations

import numpy as np
import pytest

from geo_safety.sources import times

STOCKHOLM = "Europe/Stockholm"


def wall(text, order=None):
    parsed = times.parse([text], order=order)
    return str(parsed.wall[0]), parsed.precision[0]


@pytest.mark.parametrize(("text", "when", "precision"), [
    ("2026-10-14 18:06", "2026-10-14T18:06:00", "minute"),
    ("2026-10-14T18:06:11.123+02:00", "2026-10-14T18:06:11", "minute"),
    ("2023-04-05 8:21:04 +02:00", "2023-04-05T08:21:04", "minute"),      # Polisen: an hour of one digit
    ("2026-10-14 8.21", "2026-10-14T08:21:00", "minute"),
    ("2026-10-14 8", "2026-10-14T08:00:00", "hour"),
    ("2026-10-14", "2026-10-14T00:00:00", "day"),
    ("2026/3/4", "2026-03-04T00:00:00", "day"),
    ("2026-10", "2026-10-01T00:00:00", "month"),
    ("20261014", "2026-10-14T00:00:00", "day"),
    ("20261014 1806", "2026-10-14T18:06:00", "minute"),
    ("14 oktober 2026", "2026-10-14T00:00:00", "day"),
    ("14-Oct-2026 18:06", "2026-10-14T18:06:00", "minute"),
    ("5 maj 2026 kl", "NaT", ""),
    ("31/12/2025 23:59", "2025-12-31T23:59:00", "minute"),               # no month has 31
    ("12/31/2025 11:59 PM", "2025-12-31T23:59:00", "minute"),
    ("12/31/2025 12:05 AM", "2025-12-31T00:05:00", "minute"),
    ("2025-12-31 24:00", "2026-01-01T00:00:00", "minute"),
    ("45123", "2023-07-16T00:00:00", "day"),                              # a spreadsheet's number: 0 is 30 December 1899
    ("45123,618055", "2023-07-16T14:50:00", "minute"),
    ("2026-02-30", "NaT", ""), ("2026-13-01", "NaT", ""), ("2026-01-01 25:00", "NaT", ""), ("", "NaT", ""), ("igår", "NaT", "")])
def test_a_time_is_read_as_it_is_written(text, when, precision):
    assert wall(text) == (when, precision)


def test_day_and_month_that_can_change_places_are_not_guessed():
    assert times.parse(["3/4/2025"]).ambiguous
    assert not times.parse(["3/4/2025"], order="mdy").ambiguous
    assert wall("3/4/2025 1:20", "mdy")[0] == "2025-03-04T01:20:00"
    assert wall("3/4/2025 1:20", "dmy")[0] == "2025-04-03T01:20:00"
    assert not times.parse(["4/4/2025"]).ambiguous


def test_one_day_above_twelve_settles_the_order_of_a_column():
    assert times.orders_seen(["3/4/2025", "3/14/2025"]) == {"mdy"}
    assert times.orders_seen(["3/4/2025", "14/3/2025"]) == {"dmy"}
    assert times.orders_seen(["3/4/2025"]) == {"dmy", "mdy"}
    assert times.orders_seen(["13/14/2025"]) == set()
    assert times.orders_seen(["2025-03-04"]) == set()


def test_a_date_over_five_columns_is_one_time():
    parsed = times.from_parts({"year": ["2020", "2020", "2021"], "month": ["1", "2", "13"], "day": ["1", "30", "1"],
                               "hour": ["23", "0", "0"], "minute": ["5", "0", "0"]})
    assert str(parsed.wall[0]) == "2020-01-01T23:05:00"
    assert np.isnat(parsed.wall[1:]).all(), "30 February and the 13th month do not exist"


def test_parts_that_are_left_empty_make_the_time_less_precise():
    parsed = times.from_parts({"year": ["2020"] * 3, "month": ["5"] * 3, "day": ["7", "7", ""], "hour": ["4", "", ""], "minute": ["", "", ""]})
    assert list(parsed.precision) == ["hour", "day", "month"]


def test_a_clock_in_a_column_of_its_own_joins_its_day():
    days = times.parse(["2026-03-01"] * 5)
    assert [str(w)[11:16] for w in times.with_clock(days, ["14:50", "1450", "14.50", "9", ""]).wall] == ["14:50", "14:50", "14:50", "09:00", "00:00"]
    assert list(times.with_clock(days, ["14:50", "1450", "14.50", "9", ""]).precision) == ["minute", "minute", "minute", "hour", "day"]


def test_a_spreadsheets_part_of_a_day_is_a_clock():
    days = times.parse(["2026-03-01"] * 2)
    assert [str(w)[11:16] for w in times.with_clock(days, ["0.618055", "0,25"]).wall] == ["14:50", "06:00"]


def test_the_hour_that_comes_twice_is_read_as_the_first_and_counted():
    made = times.instants(times.parse(["2023-10-29 02:30"]), zone=STOCKHOLM, zulu_is_utc=False)
    assert made.at[0].isoformat() == "2023-10-29T00:30:00+00:00", "summer time, two hours ahead, still held"
    assert (made.repeated_hour, made.skipped_hour) == (1, 0)


def test_the_hour_that_never_was_is_moved_forward_and_counted():
    made = times.instants(times.parse(["2023-03-26 02:30"]), zone=STOCKHOLM, zulu_is_utc=False)
    assert made.at[0].tz_convert(STOCKHOLM).isoformat() == "2023-03-26T03:00:00+02:00"
    assert (made.repeated_hour, made.skipped_hour) == (0, 1)


def test_a_z_means_utc_only_when_somebody_says_so():
    parsed = times.parse(["2023-07-01T12:00:00Z"])
    assert times.instants(parsed, zone=STOCKHOLM, zulu_is_utc=True).at[0].isoformat() == "2023-07-01T12:00:00+00:00"
    assert times.instants(parsed, zone=STOCKHOLM, zulu_is_utc=False).at[0].isoformat() == "2023-07-01T10:00:00+00:00"


def test_an_offset_is_always_believed():
    made = times.instants(times.parse(["2023-07-01T12:00:00-05:00", "2023-07-01 12:00"]), zone=STOCKHOLM, zulu_is_utc=False)
    assert [t.hour for t in made.at] == [17, 10]


def test_a_quiet_night_tells_whether_a_z_is_meant():
    local = [f"2023-07-{d:02d}T{h:02d}:10:00Z" for d in range(1, 29) for h in (0, 1, 7, 8, 9, 10, 12, 14, 16, 18, 20, 21, 22, 23)]
    assert times.looks_like_utc(times.parse(local), "America/New_York") is False
    as_utc = [f"2023-07-{d:02d}T{(h + 4) % 24:02d}:10:00Z" for d in range(1, 29) for h in (0, 1, 7, 8, 9, 10, 12, 14, 16, 18, 20, 21, 22, 23)]
    assert times.looks_like_utc(times.parse(as_utc), "America/New_York") is True
    assert times.looks_like_utc(times.parse(["2023-07-01T12:00:00Z"] * 100), STOCKHOLM) is None
