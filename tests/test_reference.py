"""The method reference says what the descriptions say, and no method is without its formula and its warnings."""
from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from geo_safety.services.methods import ALL

DOCS = Path(__file__).resolve().parent.parent / "docs"
spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return reference.written()


@pytest.mark.parametrize("name", [*reference.PAGES.values(), reference.LIBRARY])
def test_the_reference_is_made_anew_when_a_description_changes(name, written):
    same = (DOCS / name).read_text("utf-8") == written[name]
    assert same, f"docs/{name} no longer says what the descriptions say. Run `make reference` and commit the page."


@pytest.mark.parametrize("method", ALL.values(), ids=lambda method: method.name)
def test_a_method_has_a_formula_in_the_names_of_its_columns_and_parameters(method):
    formula = reference.formula(method)
    assert "=" in formula
    known = {column.name for column in method.result.columns} | {parameter.name for parameter in method.parameters} | set(ALL)
    assert set(re.findall(r"\b[a-z]{2,}_[a-z_]{2,}\b", formula)) <= known


def test_the_warnings_of_a_method_are_those_in_its_code_and_in_what_it_calls():
    # by hand from hotspots/area_clusters.py, which takes `registered` and `outside` from beside it
    assert reference.codes_of(ALL["area_clusters"].compute) == {"SMALL_N", "MANY_AREAS", "EFFORT_LEFT_OUT", "UNEVEN_EFFORT", "OUTSIDE_AREAS"}
    # streets have no cells to leave out; TWO_PEAKS and OVERDISPERSED come from the analysis beneath
    assert "LEFT_OUT_CELLS" not in reference.codes_of(ALL["hot_streets"].compute)
    assert "TWO_PEAKS" in reference.codes_of(ALL["hour_of_week"].compute)
    assert "OVERDISPERSED" in reference.codes_of(ALL["monitor"].compute)


def test_a_doi_becomes_a_link_with_its_brackets_and_signs():
    assert reference._linked("Krishnamoorthy & Thomson 2004, doi:10.1016/S0378-3758(02)00408-1") == (
        "Krishnamoorthy & Thomson 2004, [doi:10.1016/S0378-3758(02)00408-1](https://doi.org/10.1016/S0378-3758(02)00408-1)")
    assert "(https://doi.org/10.1002/(SICI)1:16%3C2147::AID-SIM179%3E3.0.CO;2-I)" in reference._linked("doi:10.1002/(SICI)1:16<2147::AID-SIM179>3.0.CO;2-I; B")


def test_a_bound_keeps_its_decimals_in_both_languages():
    assert [reference._bound(value, "sv") for value in (0.0005, 0.1, 5000, 2**31 - 1)] == ["0,0005", "0,1", "5\xa0000", "2\xa0147\xa0483\xa0647"]
