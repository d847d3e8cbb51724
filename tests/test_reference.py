"""The method reference says what the descriptions say."""
from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
spec = importlib.util.spec_from_file_location("reference", DOCS / "reference.py")
reference = importlib.util.module_from_spec(spec)
spec.loader.exec_module(reference)


@pytest.mark.parametrize("name", [*reference.PAGES.values(), reference.LIBRARY])
def test_the_reference_is_made_anew_when_a_description_changes(name):
    assert (DOCS / name).read_text("utf-8") == reference.written()[name], "run `make reference`"
