"""Numbers as suppliers write them."""
from __future__ import annotations

import math

import pytest

from geo_safety.sources import figures


@pytest.mark.parametrize(("text", "value"), [
    ("-75,56985400000", -75.569854), ("57.575126", 57.575126), ("\u221275,5", -75.5), ("6\u202f391\u2009400", 6_391_400), ("2 537", 2537),
    ("'57,5'", 57.5), ('"57.5"', 57.5), ("6,391,400", 6_391_400), ("6.391.400", 6_391_400), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1e308", 1e308)])
def test_a_number_is_read_whatever_signs_it_is_written_with(text, value):
    assert figures.number(text) == pytest.approx(value)
    assert figures.numbers([text])[0] == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "NA", "okänd", "12abc", "1_000", "0x10", "nan", "1;2", "--1"])
def test_what_is_no_number_is_missing(text):
    assert math.isnan(figures.number(text))
    assert math.isnan(figures.numbers([text])[0])


def test_three_digits_after_a_point_are_thousands_when_the_comma_is_the_decimal_sign():
    assert figures.number("345.123") == 345.123
    assert figures.number("345.123", ",") == 345_123
    assert list(figures.numbers(["345.123", "12,5", "7"], ",")) == [345_123, 12.5, 7]
    assert figures.number("345,123", ".") == 345_123


def test_the_decimal_sign_of_a_column_is_seen():
    assert figures.decimal_sign(["57,5", "12,25"]) == ","
    assert figures.decimal_sign(["57.5", "12"]) == "."
    assert figures.decimal_sign(["57", "12"]) is None
    assert figures.decimal_sign(["1.234,5"]) == ","


def test_rounded_coordinates_are_told_by_their_decimals():
    assert figures.decimals(["35.149", "35.05", "35.058"]) == 3
    assert figures.decimals(["6,25722555000"] * 3) == 8
    assert figures.decimals(["NA", ""]) is None
