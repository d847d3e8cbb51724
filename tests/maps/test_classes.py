"""Breaks, labels and colours: what a legend promises must be what the map shows."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_safety.layers.measures import LAYER as MEASURES
from geo_safety.layers.measures import STATUSES
from geo_safety.maps import colours
from geo_safety.maps.classes import classify
from geo_safety.model.describe import Code, Column, Style
from geo_safety.text import Text

COUNT = Style(colour_by="incidents", ramp="sequential")
CHANGE = Style(colour_by="difference", ramp="diverging")


def test_counts_stay_whole_and_zero_has_a_class_of_its_own():
    made = classify([0, 0, 1, 2, 3, 5, 8, 13, 21, 34], COUNT, language="sv")
    assert made.zero and made.labels[0] == "0" and made.counts[0] == 2
    assert all(float(b).is_integer() for b in made.breaks)
    assert all("," not in label for label in made.labels)


def test_few_distinct_values_give_as_many_classes():
    made = classify([1, 1, 2, 2, 3], COUNT, language="sv")
    assert (made.labels, made.counts) == (("1", "2", "3"), (2, 2, 1))


def test_small_counts_in_many_cells_are_told_apart_one_by_one():
    # 60 % zeros, then ones, twos, threes: quantiles alone would put 1 and 2 together and waste a class
    made = classify([0] * 600 + [1] * 250 + [2] * 100 + [3] * 30 + [4] * 12 + [6] * 8, COUNT, language="en")
    assert made.labels == ("0", "1", "2", "3", "4–6")
    assert made.counts == (600, 250, 100, 30, 20)


def test_equal_shares_of_areas_fall_in_each_class():
    made = classify(np.arange(1, 51), COUNT, language="en")   # 50 areas, quantiles at 10.8, 20.6, 30.4, 40.2
    assert made.labels == ("1–10", "11–20", "21–30", "31–40", "41–50")
    assert made.counts == (10, 10, 10, 10, 10)


def test_in_a_grid_the_top_class_is_the_highest_twentieth():
    made = classify(np.arange(1, 1001) / 10, COUNT, language="en")
    assert made.counts[-1] == pytest.approx(50, abs=10)


def test_rates_are_rounded_so_that_they_can_be_said():
    made = classify(np.linspace(373.3, 4754.8, 16), COUNT, language="sv")
    assert made.labels[0] == "373–1\u00a0200" and made.labels[-1].endswith("eller mer")


def test_swedish_and_english_write_numbers_their_own_way():
    values = [0.5, 1.5, 2.5]
    assert classify(values, COUNT, language="sv").labels == ("0,5", "1,5", "2,5")
    assert classify(values, COUNT, language="en").labels == ("0.5", "1.5", "2.5")


def test_a_missing_value_belongs_to_no_class_and_is_counted():
    made = classify([1.0, np.nan, np.inf, 3.0], COUNT, language="sv")
    assert made.missing == 2
    assert made.of([1.0, np.nan, 3.0]).tolist() == [0, -1, 1]


def test_nothing_gives_no_classes():
    assert len(classify([], COUNT, language="sv")) == 0
    assert classify([np.nan], COUNT, language="sv").missing == 1


@given(st.lists(st.one_of(st.integers(0, 5000), st.none()), max_size=300), st.sampled_from(["sv", "en"]))
def test_every_count_falls_in_the_class_that_counts_it(values, language):
    made = classify(values, COUNT, language=language)
    where = made.of(values)
    assert len(made.colours) == len(made.labels) == len(made.counts) <= 5
    assert sum(made.counts) + made.missing == len(values)
    assert np.bincount(where[where >= 0], minlength=len(made)).tolist() == list(made.counts)
    assert all(n > 0 for n in made.counts)
    for value, k in zip(values, where, strict=True):
        if value is not None:
            low, high = made.breaks[k], made.breaks[k + 1]
            assert low <= value < high or (k == len(made) - 1 and low <= value <= high)


@given(st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=300))
def test_every_number_falls_in_the_class_that_counts_it(values):
    made = classify(values, COUNT, language="sv")
    where = made.of(values)
    assert (where >= 0).all() and sum(made.counts) == len(values)
    assert list(made.breaks) == sorted(made.breaks)


def test_change_is_alike_on_both_sides_of_nothing():
    made = classify([-12, -3, -1, 0, 0, 2, 5, 9], CHANGE, language="sv")
    assert made.labels[2] == "0" and made.counts[2] == 2
    assert made.breaks[1] == -made.breaks[4] + 1     # −far+1 … far−1 lie around 0
    assert made.colours == colours.DIVERGING


def test_a_ratio_of_two_is_as_far_from_one_as_a_half():
    made = classify([0.4, 0.6, 1.0, 1.5, 3.0, np.inf], Style(colour_by="ratio", ramp="diverging"), language="sv")
    assert made.labels == ("under 0,5", "0,5–0,8", "0,8–1,25", "1,25–2", "2 eller mer")
    assert made.counts == (1, 1, 1, 1, 1) and made.missing == 1


@pytest.mark.parametrize("spelling", ["hot_99", "hot99", "Hot 99"])
def test_clusters_are_named_hot_to_cold(spelling):
    made = classify([spelling, "hot_90", "none", "cold_99", None], Style(colour_by="cluster", ramp="clusters"), language="sv")
    assert made.of([spelling, "hot_90", "none", "cold_99", None]).tolist() == [0, 2, 3, 6, -1]
    assert made.labels[3] == "Sticker inte ut"


def test_status_of_a_measure_is_told_by_shape_and_sign_too():
    made = classify([code.value for code in STATUSES], MEASURES.style, language="sv", column=MEASURES.column("status"))
    assert made.missing == 0, "every status has a stage"
    assert len({(sign.shape, sign.letter) for sign in made.signs}) == len(made) == 5
    assert len({sign.shape for sign in made.signs}) == 5


def test_the_suppliers_own_codes_are_categories_too():
    kind = Column("kind", Text(sv="Slag", en="Kind"), "code", codes=(Code("a", Text(sv="Äpple", en="Apple")),))
    made = classify(["b", "a", None, "b"], Style(colour_by="kind", ramp="categories"), language="sv", column=kind)
    assert (made.labels, made.counts, made.missing) == (("Äpple", "b"), (1, 2), 1)
    assert made.signs[0].shape != made.signs[1].shape


def test_more_categories_than_colours_end_in_other():
    values = pd.Series([f"k{i:02d}" for i in range(12)])
    made = classify(values, Style(colour_by="kind", ramp="categories"), language="en")
    assert len(made) == 8 and made.labels[-1] == "Other" and made.counts[-1] == 5


# ---- colours, as people with red-green deficiency see them

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
PROTAN = np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]])
DEUTAN = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])
RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, seen: np.ndarray) -> np.ndarray:
    rgb = np.array([int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = RGB_TO_XYZ @ np.clip(seen @ linear, 0, 1) / np.array([0.9505, 1, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


RAMPS = {"sequential": colours.SEQUENTIAL, "sequential_dark": colours.SEQUENTIAL_DARK, "diverging": colours.DIVERGING,
         "diverging_dark": colours.DIVERGING_DARK, "clusters": tuple(g.colour for g in colours.CLUSTERS),
         "clusters_dark": tuple(g.dark for g in colours.CLUSTERS)}


@pytest.mark.parametrize("seen", [np.eye(3), PROTAN, DEUTAN], ids=["usual", "protan", "deutan"])
@pytest.mark.parametrize("ramp", RAMPS)
def test_neighbouring_classes_can_be_told_apart_by_all(ramp, seen):
    steps = [np.linalg.norm(lab(a, seen) - lab(b, seen)) for a, b in zip(RAMPS[ramp], RAMPS[ramp][1:], strict=False)]
    assert min(steps) > 8, steps    # about 2.3 is just noticeable side by side (Mahy 1994)


@pytest.mark.parametrize("seen", [np.eye(3), PROTAN, DEUTAN], ids=["usual", "protan", "deutan"])
def test_more_is_darker_on_light_paper_and_brighter_on_dark(seen):
    light = [lab(c, seen)[0] for c in colours.SEQUENTIAL]
    dark = [lab(c, seen)[0] for c in colours.SEQUENTIAL_DARK]
    assert light == sorted(light, reverse=True) and dark == sorted(dark)


@pytest.mark.parametrize("seen", [PROTAN, DEUTAN], ids=["protan", "deutan"])
@pytest.mark.parametrize("scheme", ["", "_dark"])
def test_more_and_less_are_not_taken_for_each_other(scheme, seen):
    ramp = RAMPS["diverging" + scheme]
    assert np.linalg.norm(lab(ramp[0], seen) - lab(ramp[-1], seen)) > 40
