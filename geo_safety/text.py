"""The words a person sees, both languages side by side, and numbers, dates and periods as each language writes them.

Nothing here imports another of our modules.
"""
from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from babel import dates as babel_dates
from babel import numbers as babel_numbers

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")
_LOCALE = {"sv": "sv_SE", "en": "en_GB"}
MISSING = "–"


@dataclass(frozen=True)
class Text:
    """One thing said in Swedish and in English.

    A plural stands in the same string, `"{n} händelse|{n} händelser"`: the part before the bar is used when `n` is 1.
    """

    sv: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.sv if language == "sv" else self.en

    def __call__(self, language: str) -> str:
        return self[language]

    def format(self, **values: object) -> Text:
        """The same text with `values` filled in; a `Text` among them is put in by language, a number as the language writes it."""
        return Text(sv=_fill(self.sv, "sv", values), en=_fill(self.en, "en", values))


def _fill(pattern: str, language: Language, values: dict[str, object]) -> str:
    one, bar, many = pattern.partition("|")
    chosen = (one if values.get("n") == 1 else many) if bar else pattern
    return chosen.format(**{name: _said(value, language) for name, value in values.items()})


def _said(value: object, language: Language) -> str:
    if isinstance(value, Text):
        return value[language]
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        return number(value, language)
    if isinstance(value, date):
        return day(value, language)
    return str(value)


def same(word: str) -> Text:
    """A name that is written alike in both languages."""
    return Text(sv=word, en=word)


def number(value: float | None, language: str, decimals: int | None = None) -> str:
    """`value` with the decimal sign and the thousands separator of the language; a missing value is a dash."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return MISSING
    if decimals is None:
        decimals = 0 if float(value).is_integer() else (1 if abs(value) >= 10 else 2)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return babel_numbers.format_decimal(round(value, decimals), format=pattern, locale=_LOCALE[_known(language)])


def percent(share: float | None, language: str, decimals: int = 0) -> str:
    """A share from 0 to 1 as per cent."""
    if share is None or not math.isfinite(share):
        return MISSING
    return number(100 * share, language, decimals) + ("\u00a0%" if language == "sv" else "%")


def day(value: date | None, language: str) -> str:
    """A date in words: *3 november 2026*."""
    if value is None:
        return MISSING
    return babel_dates.format_date(value, format="d MMMM y", locale=_LOCALE[_known(language)])


def moment(value: datetime | None, language: str) -> str:
    """A time with its date: *3 nov. 2026 14:05*, in the zone that the value carries."""
    if value is None:
        return MISSING
    return babel_dates.format_datetime(value, format="d MMM y HH:mm", locale=_LOCALE[_known(language)])


def period(start: date, end: date, language: str) -> str:
    """A half-open period in words, its last day included: *1 jan. 2025 – 31 dec. 2025*."""
    last = end - timedelta(days=1)
    write = lambda value: babel_dates.format_date(value, format="d MMM y", locale=_LOCALE[_known(language)])  # noqa: E731
    return f"{write(start)} – {write(last)}"


def weekdays(language: str) -> list[str]:
    """Short names of the days, Monday first."""
    names = babel_dates.get_day_names("abbreviated", locale=_LOCALE[_known(language)])
    return [names[i] for i in range(7)]


def _known(language: str) -> str:
    return language if language in _LOCALE else "en"
