"""Interrupted series, against statsmodels and by simulation."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from geo_safety.analysis.interrupted import interrupted
from geo_safety.errors import InputError, Refusal

MONTHS = pd.period_range("2020-01", periods=72, freq="M")
START = "2024-01-01"


def series(mean=20.0, fall=1.0, season=0.0, trend=0.0, seed=1, clump=0.0) -> pd.Series:
    rng = np.random.default_rng(seed)
    month = np.arange(72)
    level = mean / 30.44 * MONTHS.days_in_month.to_numpy() * (1 + season * np.cos(2 * np.pi * month / 12)) * np.exp(trend * month / 12)
    level = level * np.where(MONTHS.start_time >= START, fall, 1.0)
    return pd.Series(rng.poisson(level * (rng.gamma(1 / clump, clump, 72) if clump else 1.0)), index=MONTHS)


def codes(told) -> list[str]:
    return [doubt.code for doubt in told.warnings]


def test_level_and_slope_equal_statsmodels():
    counts = series(fall=0.7, trend=0.05)
    ours = interrupted(counts, START, season=False, slope=True)
    years = (MONTHS.start_time - pd.Timestamp(START)).days / 365.25
    after = (years >= 0).astype(float)
    columns = np.column_stack([np.ones(72), years, after, after * years])
    theirs = sm.GLM(counts.to_numpy(), columns, family=sm.families.Poisson(), offset=np.log(MONTHS.days_in_month)).fit(tol=1e-12)
    assert ours.level[0] == pytest.approx(np.exp(theirs.params[2]), rel=1e-6)
    assert ours.slope[0] == pytest.approx(np.exp(theirs.params[3]), rel=1e-6)
    scatter = max(1, theirs.pearson_chi2 / theirs.df_resid)
    r = ours.neighbours
    wanted = theirs.bse[2] * np.sqrt(scatter * max(1, (1 + r) / (1 - r)))
    assert np.log(ours.level[2] / ours.level[0]) == pytest.approx(wanted * 1.99547, rel=1e-4)   # t with 68 degrees of freedom


def test_a_jump_is_found_through_season_and_trend():
    told = interrupted(series(mean=60, fall=0.6, season=0.5, trend=0.1), START)
    assert told.season and told.p < 0.01
    assert told.level[1] < 0.6 < told.level[2]
    assert (told.steps, told.n) == ((48, 24), int(series(mean=60, fall=0.6, season=0.5, trend=0.1).sum()))


def test_season_alone_is_no_jump():
    # the measure begins in the season's trough
    told = interrupted(series(mean=60, season=0.6, seed=3), "2023-06-01")
    assert told.level[1] < 1 < told.level[2]


def test_the_course_without_the_measure_is_that_of_the_steps_before():
    told = interrupted(series(mean=60, fall=0.5), START)
    after = told.frame[told.frame["after"]]
    assert (after["without_low"] < after["without"]).all() and (after["without"] < after["without_high"]).all()
    assert after["expected"].sum() / after["without"].sum() == pytest.approx(told.level[0])
    before = told.frame[~told.frame["after"]]
    np.testing.assert_allclose(before["expected"], before["without"])


def test_a_step_that_is_cut_in_two_and_those_of_the_lag_belong_to_neither_side():
    told = interrupted(series(), "2024-01-15", lag=2)
    assert told.frame.loc[told.frame["left_out"], "start"].dt.strftime("%Y-%m").tolist() == ["2024-01", "2024-02", "2024-03"]
    assert told.steps == (48, 21)


def test_first_days_serve_as_well_as_periods():
    counts = series()
    by_day = pd.Series(counts.to_numpy(), index=counts.index.start_time)
    assert interrupted(by_day, START).level == interrupted(counts, START).level
    weeks = pd.Series(np.random.default_rng(1).poisson(5, 120), index=pd.date_range("2022-01-03", periods=120, freq="W-MON"))
    told = interrupted(weeks, "2023-05-01")
    assert told.frame["start"].iloc[0] == pd.Timestamp("2022-01-03") and told.steps == (69, 51)


def test_scatter_and_dependence_widen_the_interval_and_are_said():
    clumped = interrupted(series(clump=0.4, seed=5), START)
    assert "OVERDISPERSED" in codes(clumped) and clumped.scatter > 1.5
    drift = np.round(20 + 12 * np.sin(np.arange(72) / 5)).astype(int)
    assert "AUTOCORRELATED" in codes(interrupted(pd.Series(drift, index=MONTHS), START, season=False))


def test_it_is_always_said_that_there_is_no_control():
    assert codes(interrupted(series(seed=8), START))[0] == "NO_CONTROL"


def test_few_steps_on_a_side_are_refused():
    with pytest.raises(Refusal) as refused:
        interrupted(series(), "2025-06-01")
    assert refused.value.code == "FEW_STEPS" and refused.value.text.sv.startswith("7 tidssteg efter start")


@pytest.mark.parametrize("counts", [
    series().drop(MONTHS[5]), series() + 0.5, -series(), pd.Series([1, 2, 3]), series().where(MONTHS[3] != MONTHS),
    pd.Series(np.where(np.arange(72) < 48, 3, 0), index=MONTHS)])
def test_a_series_that_cannot_be_used_is_refused_in_words(counts):
    with pytest.raises(InputError) as refused:
        interrupted(counts, START)
    assert refused.value.text.sv.endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize("clump", [0.0, 0.15])
def test_a_series_without_a_jump_is_seldom_called_one(clump):
    false = np.mean([interrupted(series(mean=12, season=0.3, trend=0.1, seed=seed, clump=clump), START).p < 0.05 for seed in range(600)])
    assert false < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600), false
