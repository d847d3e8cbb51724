"""How safe people say they feel, area by area, and recorded crime beside it: two columns with an interval each, never one index."""
from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from ..errors import InputError
from ..text import Text
from .rates import rate_interval

FEW_ANSWERS = 30    # below, the share is not told: one answer more or less would move it by several points


def share_interval(k: ArrayLike, n: ArrayLike, conf: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Low and high end of the share behind `k` of `n` answers (Wilson), n from 1 on; both may be effective numbers of weighted answers.

    Missing where n is 0. References: Wilson 1927, doi:10.1080/01621459.1927.10502953
    """
    k, n = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    if (k < 0).any() or (k > n + 1e-9).any():
        raise InputError(Text(sv="Fler otrygga än svarande.", en="More unsafe than answered."))
    z = special.ndtri((1 + conf) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(n > 0, k / n, np.nan)
        middle, reach = (share + z**2 / (2 * n)) / (1 + z**2 / n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    return np.where(n > 0, np.clip(middle - reach, 0, 1), np.nan), np.where(n > 0, np.clip(middle + reach, 0, 1), np.nan)


def felt_safety(answers: pd.DataFrame, *, area: str = "area_code", unsafe: str = "unsafe", weight: str | None = None, conf: float = 0.95) -> pd.DataFrame:
    """Share that feels unsafe in each area, with the number of answers and an interval.

    Parameters
    ----------
    answers
        One row a person: `area`, `unsafe` (true, false or missing: *don't know* is no answer) and perhaps a design `weight` above 0.

    Returns
    -------
    By area: `answers` (persons with a known answer), `effective` (as many unweighted answers as theirs are worth, Kish), `unsafe_share`,
    `share_low`, `share_high`, and `side`: more, less or unclear than in all areas together, by whether that share lies outside the interval.
    Below 30 answers only their number is told. Who answered is not who lives there: a survey without weights speaks of those who answered.
    """
    for column in (area, unsafe, *([weight] if weight else [])):
        if column not in answers.columns:
            raise InputError(Text(sv="Svaren saknar kolumnen {column}.", en="The answers have no column {column}.").format(column=column))
    known = answers[answers[unsafe].notna() & answers[area].notna()]
    said = known[unsafe].astype(bool).to_numpy()
    weights = pd.to_numeric(known[weight]).to_numpy(dtype=float) if weight else np.ones(len(known))
    if not len(known) or not np.isfinite(weights).all() or (weights <= 0).any():
        raise InputError(Text(sv="Inga kända svar, eller vikter som saknas eller inte är över 0.", en="No known answers, or weights missing or not above 0."))
    by = pd.DataFrame({"area": known[area].to_numpy(), "n": 1, "w": weights, "ww": weights**2, "uw": weights * said}).groupby("area").sum()
    effective = (by["w"]**2 / by["ww"]).to_numpy()
    share = (by["uw"] / by["w"]).to_numpy()
    low, high = share_interval(share * effective, effective, conf)
    overall = float(by["uw"].sum() / by["w"].sum())
    return _told(by["n"].to_numpy(), effective, share, low, high, overall, by.index.rename(area))


def felt_shares(answers: pd.Series, unsafe: pd.Series, *, conf: float = 0.95) -> pd.DataFrame:
    """`felt_safety` from counts that were added up beforehand: `answers` and `unsafe` of each area, by the same index; no weights."""
    n, k = (pd.to_numeric(part).to_numpy(dtype=float) for part in (answers, unsafe.reindex(answers.index)))
    if not n.sum() > 0 or not np.isfinite(k).all():
        raise InputError(Text(sv="Det finns inga svar, eller antalet otrygga saknas.", en="There are no answers, or the number of unsafe is missing."))
    low, high = share_interval(k, n, conf)
    share = np.divide(k, n, out=np.full(len(n), np.nan), where=n > 0)
    return _told(n.astype(int), n, share, low, high, float(k.sum() / n.sum()), answers.index)


def _told(n: np.ndarray, effective: np.ndarray, share: np.ndarray, low: np.ndarray, high: np.ndarray, overall: float, index: pd.Index) -> pd.DataFrame:
    """Shares where there are answers enough, and on which side of all together they lie."""
    told = pd.DataFrame({"answers": n, "effective": effective, "unsafe_share": share, "share_low": low, "share_high": high}, index=index)
    told.loc[n < FEW_ANSWERS, ["unsafe_share", "share_low", "share_high"]] = np.nan
    return told.assign(side=_side(told["share_low"].to_numpy(), told["share_high"].to_numpy(), overall))


def beside_crime(felt: pd.DataFrame, counts: pd.Series, population: pd.Series, *, years: float = 1.0, conf: float = 0.95) -> pd.DataFrame:
    """`felt_safety` with recorded crime beside it: incidents, rate per 100 000 and year with exact interval, and its own side of the whole.

    `counts` and `population` by the same areas; an area that one of them lacks is missing there, not 0. That people feel unsafe where little
    is recorded is no error of theirs: much is never reported, and light, litter and company count too. So nothing is subtracted.
    """
    areas = felt.index.union(counts.index)
    k, people = counts.reindex(areas).to_numpy(dtype=float), population.reindex(areas).to_numpy(dtype=float)
    known = np.isfinite(k) & (people > 0)
    if not known.any():
        raise InputError(Text(sv="Inget område har både antal och befolkning.", en="No area has both a count and a population."))
    rate, low, high = (np.full(len(areas), np.nan) for _ in range(3))
    rate[known], low[known], high[known] = rate_interval(k[known], people[known], years=years, conf=conf)
    overall = 100_000 * k[known].sum() / people[known].sum() / years
    return felt.reindex(areas).rename(columns={"side": "felt_side"}).assign(
        incidents=pd.array(np.where(np.isfinite(k), k, np.nan), dtype="Int64"), rate=rate, rate_low=low, rate_high=high, crime_side=_side(low, high, overall))


def _side(low: np.ndarray, high: np.ndarray, overall: float) -> np.ndarray:
    return np.select([low > overall, high < overall, np.isfinite(low)], ["more", "less", "unclear"], "unknown")
