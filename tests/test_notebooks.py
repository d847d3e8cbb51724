"""Each notebook runs from top to bottom and gives what is kept in it."""
from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
spec = importlib.util.spec_from_file_location("run_notebooks", FOLDER / "run.py")
run = importlib.util.module_from_spec(spec)
spec.loader.exec_module(run)


def texts(notebook) -> list[str]:
    """What the cells printed and gave, without pictures and paths."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            if "Axes" not in text and output.get("name") != "stderr":
                found.append(re.sub(r"\s+", " ", text).strip())
    return found


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_and_gives_what_is_kept_in_it(path):
    kept = nbformat.read(path, as_version=4)
    assert texts(kept), "the notebook is kept with its results"
    assert texts(run.executed(path)) == texts(kept)
