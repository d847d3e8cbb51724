"""Numbers as suppliers write them: decimal comma, minus as U+2212, blanks or points between thousands, quotes."""
from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’\"]")
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "–", "..", ".", "saknas", "uppgift saknas", "okänd", "okänt", "unknown"})


def numbers(values: Sequence[str] | np.ndarray, decimal: str | None = None) -> np.ndarray:
    """Floats, NaN where there is no number. `decimal` None: the last of point and comma in each number is its decimal sign."""
    texts = pd.Series(np.asarray(values, dtype=object), dtype=object)
    quick = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float, copy=True)
    # "57.575" may be thousands when the decimal sign is a comma, so there the quick way is only for whole numbers
    rest = np.isnan(quick) if decimal != "," else np.isnan(quick) | texts.str.contains(".", regex=False).to_numpy(dtype=bool)
    rest &= (texts != "").to_numpy()
    if rest.any():
        codes, unique = pd.factorize(texts[rest])
        quick[rest] = np.array([number(str(text), decimal) for text in unique])[codes]
    return quick


def number(text: str, decimal: str | None = None) -> float:
    """One number, NaN when the text is none."""
    plain = _BLANKS.sub("", text).replace("\u2212", "-")
    if decimal == "," and _POINT_GROUPS.fullmatch(plain):
        plain = plain.replace(".", "")
    elif (decimal == "." or plain.count(",") > 1) and _COMMA_GROUPS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif plain.count(".") > 1 and _POINT_GROUPS.fullmatch(plain):
        plain = plain.replace(".", "")
    elif "," in plain and "." in plain:
        thousands = "," if plain.rfind(".") > plain.rfind(",") else "."
        plain = plain.replace(thousands, "")
    plain = plain.replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else float("nan")


def decimal_sign(values: Sequence[str] | np.ndarray) -> str | None:
    """"," or "." when the texts show which is meant, None when none of them has a decimal sign."""
    texts = [str(value) for value in list(values)[:2000]]
    commas = any("," in text for text in texts)
    points = any("." in text for text in texts)
    if commas and points:
        return "," if any(_POINT_GROUPS.fullmatch(_BLANKS.sub("", text)) for text in texts if "," in text) else None
    return "," if commas else "." if points else None


def decimals(values: Sequence[str] | np.ndarray) -> int | None:
    """Decimals that all but a few of the numbers keep within, trailing zeros not counted: how finely a coordinate was written."""
    texts = [str(value).strip() for value in list(values)[:5000]]
    tails = [re.split(r"[.,]", text)[-1].rstrip("0") if re.search(r"[.,]", text) else "" for text in texts if not is_missing(text)]
    lengths = [len(tail) for tail in tails if tail.isdigit() or tail == ""]
    return int(np.quantile(lengths, 0.95, method="lower")) if lengths else None


def is_missing(text: str) -> bool:
    return text.strip().casefold() in MISSING
