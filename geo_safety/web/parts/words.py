"""Values as a person reads them: codes by their title, numbers and times as the language writes them."""
from __future__ import annotations

import math
from datetime import date, datetime

import pandas as pd

from ...model.describe import Column, Layer
from ...text import MISSING, Text, day, moment, number

YES, NO = Text(sv="ja", en="yes"), Text(sv="nej", en="no")
RATE = Text(sv="{rate} per 100 000 inv. och år ({low}–{high})", en="{rate} per 100,000 residents a year ({low}–{high})")


def coded(value: object) -> str:
    """Text from outside as text; a missing value is empty."""
    return "" if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)) else str(value)


def title_of(layer: Layer, column: str, value: object, language: str) -> str:
    """The title of a code; a supplier's own word, not in the list, as it came."""
    code = layer.column(column).code(value)
    return code.title[language] if code else coded(value) or MISSING


def said(column: Column, value: object, language: str) -> str:
    """One value of a column in words."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if column.codes:
        code = column.code(value)
        return code.title[language] if code else str(value)
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, date):
        return day(value, language)
    if column.kind == "boolean":
        return (YES if value else NO)[language]
    if column.kind in ("integer", "number"):
        unit = f"\u00a0{column.unit[language]}" if column.unit else ""
        least = 10.0 ** -(column.decimals or 0)
        probability = column.name in ("p", "p_adjusted")    # one of 0 has underflowed
        if column.decimals and (value or probability) and abs(float(value)) < least / 2:  # 0,0000 would say that it cannot be
            return f"< {number(least, language, column.decimals)}{unit}"
        return number(float(value), language, 0 if column.kind == "integer" else column.decimals) + unit
    return str(value)


def rate_line(row, language: str) -> str:
    """The rate with its interval, or nothing where there are too few residents for one."""
    if not math.isfinite(row.rate_per_100k):
        return ""
    return RATE.format(rate=number(row.rate_per_100k, language, 0), low=number(row.rate_low, language, 0),
                       high=number(row.rate_high, language, 0))[language]
