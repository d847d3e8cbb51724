"""Runs the notebooks from top to bottom; with `--write` the results are kept in the files."""
from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook after a run in a fresh kernel, from the folder above so that `data/` is found; an error in a cell is raised."""
    notebook = nbformat.read(path, as_version=4)
    # what a cell prints is one text, however the kernel happens to send it
    NotebookClient(notebook, timeout=300, kernel_name="python3", coalesce_streams=True, resources={"metadata": {"path": str(HERE.parent)}}).execute()
    return notebook


def main() -> None:
    for path in sorted(HERE.glob("*.ipynb")):
        notebook = executed(path)
        if "--write" in sys.argv:
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)
            nbformat.write(notebook, path)


if __name__ == "__main__":
    main()
