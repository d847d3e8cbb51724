"""The sample municipality, built once for all tests of it."""
from __future__ import annotations

import pytest

from geo_safety import sample


@pytest.fixture(scope="session")
def made() -> sample.Sample:
    return sample.build()
