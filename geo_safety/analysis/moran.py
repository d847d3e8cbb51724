"""Which places are like, or unlike, their neighbours: local Moran's I, with p that hold for small counts."""
from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse, special

from ..errors import InputError
from ..text import Text
from .grids import tested, with_columns
from .neighbours import near_of, shares_of, values_of
from .randomisation import exact_cost, exact_sums, permuted_sums
from .testing import adjust, questions

CLUSTERS = ("high_high", "low_low", "high_low", "low_high", "none", "left_out")
LEVEL = 0.05
MOST_EXACT = 2e9


def local_moran(areas: gpd.GeoDataFrame, *, value: str = "incidents", expected: str | None = None, rate: tuple[str, str] | None = None,
                neighbours: str | float | sparse.sparray = "queen", p: str = "exact", n_perm: int = 999, correction: str = "fdr",
                seed: int | None = None) -> gpd.GeoDataFrame:
    """Places with many incidents among places with many, few among few, and those that differ from what lies around them.

    Parameters
    ----------
    areas
        Cells of a grid, or areas of any shape, in a metric CRS; where there is `tested` only those take part.
    expected
        Column with residents, addresses or street metres: a place is high when it has more than in proportion to it, and so are its
        neighbours together. p is then exact: given the place's own count, those of its neighbours are binomial.
    rate
        Columns (count, population) instead of `value`: I of rates with the spread that their populations give them taken out (Assunção &
        Reis 1999). Not together with `expected`.
    p
        "exact": the values of all other places change places, without simulating (whole numbers only, others get "permutation");
        "permutation": `n_perm` draws; "normal": from z, which is wrong for small counts.

    Returns
    -------
    The frame with `near` (mean of the neighbours; with `expected` their sum), `expected_near` (only with `expected`), `moran_i`, `z` (with
    `expected`: of the neighbours' sum), `p` (two-sided), `p_adjusted` and `cluster`: high_high, low_low, high_low, low_high (p_adjusted
    below 0.05), none, left_out. A place that is not tested, has no neighbour, or nothing expected
    near it, has missing numbers and is left out.

    Notes
    -----
    I_i = z_i Σ_j w_ij z_j / m₂ with w the shares of the neighbours, z deviations from the mean, m₂ = Σ z² / n. With the value of the place
    itself held fixed I_i moves with the neighbours' sum alone, so that its two-sided p is that of the sum: twice the smaller tail.

    References
    ----------
    Anselin 1995, doi:10.1111/j.1538-4632.1995.tb00338.x; Assunção & Reis 1999, doi:10.1002/(SICI)1097-0258(19990830)18:16<2147::AID-SIM179>3.0.CO;2-I;
    Sauer et al. 2022, doi:10.1111/gean.12304
    """
    return local_moran_and_facts(areas, value=value, expected=expected, rate=rate, neighbours=neighbours, p=p, n_perm=n_perm,
                                 correction=correction, seed=seed)[0]


def local_moran_and_facts(areas: gpd.GeoDataFrame, *, value: str, expected: str | None, rate: tuple[str, str] | None,
                          neighbours: str | float | sparse.sparray, p: str, n_perm: int, correction: str,
                          seed: int | None) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """`local_moran`, and what it used."""
    if p not in ("exact", "permutation", "normal"):
        raise InputError(Text(sv="p är exact, permutation eller normal, inte {p}.", en="p is exact, permutation or normal, not {p}.").format(p=p))
    if rate and expected:
        raise InputError(Text(sv="Ange antingen rate eller expected, inte båda.", en="Give either rate or expected, not both."))
    part = tested(areas)
    near = near_of(areas, part, neighbours, False)
    numbers = near.numbers()
    part = part & (numbers > 0)
    values = _spread_out(areas, *rate, part) if rate else values_of(areas, value, part)
    sums = near.sum(values)
    here = _of_share(values, sums, shares_of(areas, expected, part), near, part) if expected else _of_all(
        values[part], sums[part], numbers[part], p, n_perm, seed)
    told = {name: _whole(numbers_told, part) for name, numbers_told in here.items() if name not in ("kind", "high", "near_high")}
    told["p_adjusted"] = _whole(adjust(here["p"], correction), part)
    cluster = np.full(len(areas), CLUSTERS.index("left_out"), dtype=np.int8)
    adjusted = told["p_adjusted"][part]
    which = np.where(here["high"], np.where(here["near_high"], 0, 2), np.where(here["near_high"], 3, 1))
    cluster[part] = np.where(np.isnan(adjusted), CLUSTERS.index("left_out"), np.where(adjusted < LEVEL, which, CLUSTERS.index("none")))
    facts = {"tested": int(part.sum()), "p": here["kind"], "correction": correction, "level": LEVEL,
             "neighbours": "given" if sparse.issparse(neighbours) else neighbours, "without_neighbours": int((tested(areas) & ~part).sum())}
    return (with_columns(areas, {**told, "cluster": pd.Categorical.from_codes(cluster, categories=pd.Index(CLUSTERS))}),
            facts | ({"n_perm": n_perm, "seed": seed} if here["kind"] == "permutation" else {}))


def _of_all(values: np.ndarray, sums: np.ndarray, numbers: np.ndarray, p: str, n_perm: int, seed: int | None) -> dict[str, Any]:
    """Chance lets the values of all other places change places."""
    n = len(values)
    deviation = values - values.mean()
    spread = float(deviation @ deviation / n) if n > 2 else 0.0
    if not spread > 0:
        raise InputError(Text(sv="Alla platser har samma värde, eller de är färre än tre: det finns inga likheter att leta efter.",
                              en="All places have the same value, or they are fewer than three: there are no likenesses to look for."))
    near = sums / numbers
    moran = deviation * (near - values.mean()) / spread
    mean = -deviation**2 / ((n - 1) * spread)
    variance = (deviation / spread)**2 * (n / (n - 2)) * (1 / numbers - 1 / (n - 1)) * (spread - deviation**2 / (n - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (moran - mean) / np.sqrt(variance), np.nan)
    kind, two_sided = _p_of_sums(values, sums, numbers, p, n_perm, seed, z)
    others = (values.sum() - values) / (n - 1)
    return {"near": near, "moran_i": moran, "z": z, "p": two_sided, "kind": kind, "high": deviation > 0, "near_high": near > others}


def _p_of_sums(values: np.ndarray, sums: np.ndarray, numbers: np.ndarray, p: str, n_perm: int, seed: int | None,
               z: np.ndarray) -> tuple[str, np.ndarray]:
    if p == "normal":
        return p, np.where(np.isnan(z), 1.0, 2 * special.ndtr(-np.abs(np.nan_to_num(z))))
    if p == "exact" and np.issubdtype(values.dtype, np.integer):
        counted = np.bincount(values)
        (number, total, own), which, _ = questions(numbers, sums, values)
        if exact_cost(counted, number, total, own) <= MOST_EXACT:
            return "exact", np.minimum(1, 2 * np.minimum(*exact_sums(counted, number, total, own)))[which]
    tails = permuted_sums(values, numbers, sums, values, n_perm, np.random.default_rng(seed))
    return "permutation", np.minimum(1, 2 * np.minimum(*tails))


def _of_share(values: np.ndarray, sums: np.ndarray, share: np.ndarray, near, part: np.ndarray) -> dict[str, Any]:
    """Chance puts each incident that is not in the place itself near it with the probability that its neighbours' share gives."""
    if not np.issubdtype(values.dtype, np.integer):
        raise InputError(Text(sv="Jämförelsen med ett väntat antal räknas på antal, inte på viktade summor.",
                              en="The comparison with an expected count is made for counts, not for weighted sums."))
    total = int(values[part].sum())
    own, seen, share_near, share_own = values[part], sums[part], near.sum(share)[part], share[part]
    others = total - own
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = np.where(share_near > 1e-12, np.minimum(share_near / (1 - share_own), 1), np.nan)
        spread = np.sqrt(others * chance * (1 - chance))
        z = (seen - others * chance) / spread
        moran = (own - total * share_own) * (seen - others * chance) / np.sqrt(total * share_own * (1 - share_own)) / spread
    above = seen > others * chance
    low = special.bdtr(seen.astype(float), others, chance)
    high = np.where(seen > 0, special.betainc(np.maximum(seen, 1), np.maximum(others - seen + 1.0, 1e-300), chance), 1.0)
    two_sided = np.where(np.isnan(chance), np.nan, np.minimum(1, 2 * np.where(above, high, low)))
    return {"near": seen.astype(float), "expected_near": others * chance, "moran_i": _finite(moran), "z": _finite(z), "p": two_sided,
            "kind": "binomial", "high": own > total * share_own, "near_high": above}


def _spread_out(areas: gpd.GeoDataFrame, counts: str, population: str, part: np.ndarray) -> np.ndarray:
    """Rates less the overall one, over the standard deviation that a rate of that population has."""
    n = values_of(areas, counts, part).astype(float)
    people = np.where(part, pd.to_numeric(areas[population]).to_numpy(dtype=float, na_value=np.nan), 1.0)
    if not (np.isfinite(people) & (people > 0)).all():
        raise InputError(Text(sv="Befolkningen måste vara känd och över 0 i varje prövad plats. Lämna de andra utanför med kolumnen tested.",
                              en="The population must be known and above 0 in every tested place. Leave the others out with the column tested."))
    rate, b = n / people, n[part].sum() / people[part].sum()
    share = people[part] / people[part].sum()
    between = float(share @ (rate[part] - b)**2) - b / people[part].mean()
    variance = between + b / people
    variance = np.where(variance > 0, variance, b / people)
    if not b > 0:
        raise InputError(Text(sv="Det finns inga händelser att jämföra.", en="There are no incidents to compare."))
    return np.where(part, (rate - b) / np.sqrt(variance), 0.0)


def _whole(told: np.ndarray, part: np.ndarray) -> np.ndarray:
    whole = np.full(len(part), np.nan)
    whole[part] = told
    return whole


def _finite(numbers: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(numbers), numbers, np.nan)
