"""Felt safety: shares with the interval of others' programs, few answers held back, crime beside it and nothing subtracted."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from geo_safety.analysis.felt_safety import beside_crime, felt_safety, share_interval
from geo_safety.errors import InputError


def survey(**areas: tuple[int, int]) -> pd.DataFrame:
    """Areas with (unsafe, safe) answers."""
    return pd.DataFrame([(name, said) for name, (unsafe, safe) in areas.items() for said in [True] * unsafe + [False] * safe],
                        columns=["area_code", "unsafe"])


@pytest.mark.parametrize(("k", "n"), [(0, 12), (3, 40), (40, 40), (17, 300)])
def test_the_interval_is_wilsons(k, n):
    low, high = share_interval(k, n)
    assert (float(low), float(high)) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)


def test_shares_stand_with_their_number_and_side():
    told = felt_safety(survey(north=(60, 60), south=(5, 115), west=(30, 90), east=(4, 10)))
    assert told.loc["north", ["answers", "unsafe_share", "side"]].tolist() == [120, 0.5, "more"]
    assert told.loc["south", "side"] == "less"
    assert told.loc["west", "side"] == "unclear"
    assert told.loc["east", ["answers", "side"]].tolist() == [14, "unknown"]
    assert np.isnan(told.loc["east", "unsafe_share"])


def test_weights_widen_the_interval_as_much_as_they_are_unequal():
    answers = survey(north=(40, 60))
    even, uneven = (felt_safety(answers.assign(w=w), weight="w").loc["north"] for w in (2.0, np.tile([1.0, 3.0], 50)))
    assert even["effective"] == pytest.approx(100)
    assert uneven["effective"] == pytest.approx(80)     # (Σw)² / Σw² = 200² / 500
    assert uneven["share_high"] - uneven["share_low"] > even["share_high"] - even["share_low"]


def test_those_who_do_not_know_have_not_answered():
    answers = pd.concat([survey(north=(20, 20)), pd.DataFrame({"area_code": ["north"] * 9, "unsafe": [None] * 9})])
    assert felt_safety(answers).loc["north", "answers"] == 40


def test_crime_stands_beside_with_its_own_interval_and_nothing_is_subtracted():
    felt = felt_safety(survey(north=(60, 60), south=(5, 115)))
    told = beside_crime(felt, pd.Series({"north": 4, "south": 90, "lake": 3}), pd.Series({"north": 5000, "south": 5000}), years=2)
    assert told.loc["north", ["felt_side", "crime_side"]].tolist() == ["more", "less"]
    assert told.loc["south", ["felt_side", "crime_side"]].tolist() == ["less", "more"]
    assert told.loc["north", "rate"] == pytest.approx(40)
    assert told.loc["lake", ["felt_side", "crime_side"]].isna().tolist() == [True, False] and told.loc["lake", "crime_side"] == "unknown"
    assert not {"difference", "index", "mismatch"} & set(told.columns)


@pytest.mark.parametrize(("answers", "wish"), [
    (survey(north=(1, 1)).drop(columns="unsafe"), {}), (survey(north=(1, 1)).iloc[:0], {}), (survey(north=(1, 1)).assign(w=0), {"weight": "w"})])
def test_what_is_no_survey_is_refused_in_words(answers, wish):
    with pytest.raises(InputError):
        felt_safety(answers, **wish)


def test_more_unsafe_than_answered_is_refused():
    with pytest.raises(InputError, match="More unsafe"):
        share_interval(5, 4)
