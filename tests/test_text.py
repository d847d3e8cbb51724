from __future__ import annotations

from datetime import date

import pytest

from geo_safety.text import MISSING, Text, number, percent, period, same, weekdays


def test_numbers_are_written_as_each_language_writes_them():
    assert number(1234567, "sv") == "1 234 567".replace(" ", "\u00a0")
    assert number(1234.5, "en") == "1,234.5"
    assert number(0.25, "sv") == "0,25"
    assert number(float("nan"), "sv") == number(None, "en") == MISSING


def test_a_plural_follows_the_number():
    text = Text(sv="{n} händelse|{n} händelser", en="{n} incident|{n} incidents")
    assert text.format(n=1).sv == "1 händelse"
    assert text.format(n=2).en == "2 incidents"
    assert text.format(n=0).sv == "0 händelser"


def test_a_text_inside_a_text_is_put_in_by_language():
    told = Text(sv="Metod: {m}", en="Method: {m}").format(m=Text(sv="täthet", en="density"))
    assert (told.sv, told.en) == ("Metod: täthet", "Method: density")


def test_a_period_names_its_last_day():
    assert period(date(2025, 1, 1), date(2026, 1, 1), "en") == "1 Jan 2025 – 31 Dec 2025"
    assert period(date(2025, 1, 1), date(2026, 1, 1), "sv").endswith("31 dec. 2025")


def test_percent_and_weekdays_follow_the_language():
    assert percent(0.123, "sv") == "12\u00a0%"
    assert percent(0.123, "en") == "12%"
    assert weekdays("sv")[0].startswith("mån")
    assert weekdays("en")[6].startswith("Sun")


def test_an_unknown_value_is_not_swallowed():
    with pytest.raises(KeyError):
        same("{missing}").format(n=1)
