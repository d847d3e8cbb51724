"""Regression of counts, against statsmodels."""
from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from geo_safety.analysis.loglinear import fit
from geo_safety.errors import InputError


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(4)
    columns = np.column_stack([np.ones(300), rng.normal(size=300), rng.integers(0, 2, 300)])
    offset = np.log(rng.uniform(0.5, 3, 300))
    mean = np.exp(columns @ [0.7, 0.3, -0.5] + offset)
    return columns, offset, rng.poisson(mean), rng.negative_binomial(2, 2 / (2 + mean))


def test_poisson_equals_statsmodels(made):
    columns, offset, counts, _ = made
    ours, theirs = fit(counts, columns, offset=offset), sm.GLM(counts, columns, family=sm.families.Poisson(), offset=offset).fit(tol=1e-12)
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-7)
    assert ours.log_likelihood == pytest.approx(theirs.llf) and ours.scatter == pytest.approx(theirs.pearson_chi2 / theirs.df_resid)


def test_negative_binomial_equals_statsmodels(made):
    columns, offset, _, counts = made
    theirs = sm.NegativeBinomial(counts, columns, offset=offset).fit(disp=0, method="bfgs", gtol=1e-9, maxiter=500)
    ours = fit(counts, columns, offset=offset, alpha=None)
    assert ours.alpha == pytest.approx(theirs.params[-1], rel=1e-4)
    np.testing.assert_allclose(ours.coefficients, theirs.params[:-1], atol=1e-5)
    given = sm.GLM(counts, columns, family=sm.families.NegativeBinomial(alpha=0.8), offset=offset).fit(tol=1e-12)
    np.testing.assert_allclose(fit(counts, columns, offset=offset, alpha=0.8).coefficients, given.params, rtol=1e-7)


def test_without_extra_scatter_the_poisson_answer_stands(made):
    columns, *_ = made
    even = np.full(300, 4)
    assert fit(even, columns[:, :1], alpha=None).alpha == 0
    assert fit(even, columns[:, :1]).expected == pytest.approx(even)


def test_unknowns_that_cannot_be_told_apart_are_refused():
    with pytest.raises(InputError):
        fit(np.arange(5), np.ones((5, 2)))
    with pytest.raises(InputError):
        fit(np.arange(2), np.eye(2))
