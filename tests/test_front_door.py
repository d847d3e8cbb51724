"""What `import geo_safety` gives: a short list, loaded when it is used."""
from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

import geo_safety
from geo_safety.analysis import counts

PACKAGE = Path(geo_safety.__file__).parent


def test_every_name_on_the_list_is_there_and_has_words_about_it():
    for name in geo_safety.__all__:
        thing = getattr(geo_safety, name)
        assert not callable(thing) or thing.__doc__, name
    assert set(geo_safety.__all__) <= set(dir(geo_safety))


def test_a_name_that_is_not_there_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'predict'"):
        geo_safety.predict


def test_importing_the_package_loads_nothing_heavy_and_asks_the_surroundings_nothing():
    heavy = ["numpy", "pandas", "geopandas", "shapely", "numba", "sqlalchemy", "dash"]
    told = subprocess.run([sys.executable, "-c", f"import geo_safety, sys; print([m for m in {heavy} if m in sys.modules])"],
                          capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert told.stdout.strip() == "[]"


def test_numba_is_loaded_only_when_a_loop_needs_it():
    told = subprocess.run([sys.executable, "-c", "import geo_safety, geo_safety.hotspots, sys; geo_safety.kernel_density; print('numba' in sys.modules)"],
                          capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert told.stdout.strip() == "False"


def test_the_map_of_the_package_names_every_part():
    parts = {path.stem for path in PACKAGE.iterdir() if (path / "__init__.py").is_file() or path.suffix == ".py"} - {"__init__", "__main__"}
    words = set(re.findall(r"\w+", geo_safety.__doc__))
    assert parts <= words, parts - words


@pytest.mark.parametrize("module", [geo_safety, counts])
def test_the_examples_in_the_words_are_true(module):
    told = doctest.testmod(module)
    assert told.attempted > 0 and told.failed == 0
