"""Official totals for Exempelby and 289 made-up peers: reported offences a year, in the layout of Brå's yearly list."""
from __future__ import annotations

import numpy as np
import pandas as pd

from . import plan
from .divisions import peer_name
from .patterns import ZONE

SOURCE = "sample_totals"
PEERS = 289
GROUP = "total"         # the list has only totals
COVERAGE = {2020: 0.66, 2021: 0.69, 2022: 0.68, 2023: 0.71, 2024: 0.73, 2025: 0.72}    # share of the reported offences that the extract holds
_SWEDEN = np.array([1.04, 0.99, 0.98, 1.01, 1.0, 0.98])


def official(incidents: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per municipality and year. Exempelby's total is what the extract holds by year of registration, divided by its coverage."""
    years = np.array(list(COVERAGE))
    registered = incidents["reported_at"].dt.tz_convert(ZONE).dt.year.value_counts()
    own = np.array([round(registered[year] / COVERAGE[year]) for year in years])
    residents = np.round(np.exp(rng.normal(9.75, 0.95, PEERS))).clip(2_400, 950_000)
    level = np.exp(rng.normal(8.85, 0.3, PEERS)) * (residents / 20_000) ** 0.13
    mean = (residents * level / 100_000)[:, None] * _SWEDEN[None, :] * np.exp(rng.normal(0, 0.05, (PEERS, len(years))))
    reported = np.vstack([own[None, :], rng.poisson(mean)])
    people = np.concatenate([[plan.POPULATION], residents])
    names = [plan.TOWN.name, *[peer_name(i + 1) for i in range(PEERS)]]
    return pd.DataFrame({
        "source_code": SOURCE, "municipality_code": np.repeat([plan.CODE, *[None] * PEERS], len(years)), "municipality_name": np.repeat(names, len(years)),
        "year": np.tile(years, len(names)), "offence_group": GROUP, "reported": reported.ravel(),
        "per_100k": np.round(reported / people[:, None] * 100_000).ravel(), "preliminary": np.tile(years == years[-1], len(names)).astype(object)})
