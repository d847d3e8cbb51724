"""Made-up answers to a safety survey: in one quiet area many feel unsafe, in the busy centre few; elsewhere it varies by chance."""
from __future__ import annotations

import numpy as np
import pandas as pd

SOURCE = "sample_survey"
YEARS, LATER = (2023, 2025), 2026
UNSAFE_THOUGH_QUIET, SAFE_THOUGH_BUSY = "Provsjö", "Exempelby centrum"     # planted
SURVEY = "Exempelbys trygghetsmätning"
_COMMON = 0.24


def answers(areas: pd.DataFrame, years: tuple[int, ...], seed: int) -> pd.DataFrame:
    """One row per statistical area (RegSO) and year; two of the areas have too few answers to be told."""
    regso = areas[areas["kind"] == "regso"].sort_values("code")
    rows = []
    for year in years:
        rng = np.random.default_rng([seed, year])
        asked = rng.integers(45, 160, len(regso))
        asked[rng.choice(len(regso), 2, replace=False)] = rng.integers(12, 28, 2)
        share = rng.normal(_COMMON, 0.04, len(regso)).clip(0.08, 0.5)
        for place, (code, name) in enumerate(zip(regso["code"], regso["name"], strict=True)):
            planted = {UNSAFE_THOUGH_QUIET: 0.45, SAFE_THOUGH_BUSY: 0.13}.get(name)
            n = max(int(asked[place]), 110) if planted else int(asked[place])
            rows.append({"source_code": SOURCE, "survey": SURVEY, "survey_year": year, "question": "unsafe_evening", "area_code": code, "answers": n,
                         "unsafe": int(rng.binomial(n, planted or share[place]))})
    return pd.DataFrame(rows)
