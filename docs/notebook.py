"""Runs examples/lecture.ipynb anew and keeps its outputs: `python docs/notebook.py`.

Needs `pip install 'graphgrad[notebook]'`. What differs from run to run (times, the version of
Python) is left out, so that a second run changes nothing.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent.parent / "examples" / "lecture.ipynb"


def executed(path: Path = NOTEBOOK) -> nbformat.NotebookNode:
    """The notebook with the outputs of a fresh run.

    Raises nbclient.exceptions.CellExecutionError with the traceback of a cell that fails.
    """
    notebook = nbformat.read(path, as_version=4)
    # The kernel sends what a cell prints in as many pieces as its timing makes of it.
    NotebookClient(notebook, timeout=120, record_timing=False, coalesce_streams=True).execute()
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else NOTEBOOK
    nbformat.write(executed(), target)
    print(target)
