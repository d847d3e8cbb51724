"""The small made-up town, for all tests of maps."""
from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def town():
    spec = importlib.util.spec_from_file_location("made_up_town", Path(__file__).parents[1] / "town.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
