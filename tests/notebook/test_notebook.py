"""A real notebook: cells with the magics, run by a kernel."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
STORYBOARD = """\
title: In a cell
model: fruit_and_tech
chapters:
  - title: Attention
    scenes:
      - scene: attention_table
        sentence: an apple and an orange
        words: [orange, apple]
        shots:
          - show_sentence:
            say: Two words.
"""
SMALL = "-r 320,180 --fps 10 --cache cache"


def run(folder, monkeypatch, *cells):
    """Run cells in a new kernel, and return them with their outputs."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(cwd=str(folder), env=dict(os.environ))
    return notebook.cells


def results(cell):
    return [output["data"] for output in cell.outputs if output.output_type == "execute_result"]


def errors(cell):
    return [output for output in cell.outputs if output.output_type == "error"]


def test_a_cell_with_a_storyboard_becomes_a_film(tmp_path, monkeypatch):
    load, film, path, bad, trace = run(
        tmp_path,
        monkeypatch,
        "%load_ext attnviz",
        f"%%attnviz {SMALL}\n{STORYBOARD}",
        "import json; print(json.dumps([str(_.path), len(_.numbers), [file.suffix for file in _.files]]))",
        f"%%attnviz {SMALL}\n{STORYBOARD.replace('show_sentence', 'show_sentnce')}",
        '%attnviz trace "an apple and an orange" --model fruit_and_tech --words orange,apple',
    )
    assert errors(load) == errors(film) == errors(path) == errors(trace) == []
    [shown] = results(film)
    assert shown["text/html"].startswith("<video controls")
    assert '<track kind="captions"' in shown["text/html"]
    assert re.search(r'"[^"]*/out/cell-[0-9a-f]{8}/lecture\.mp4", 0, \["\.mp4", "\.srt"', path.outputs[0].text)
    assert not list(tmp_path.glob(".cell-*"))
    [refused] = errors(bad)
    assert refused.traceback == [
        "line 11 of the cell: chapters.0.scenes.0.shots.0.show_sentnce: scene 'attention_table' has no such verb; "
        "did you mean 'show_sentence'?"
    ]
    assert "xarray.Dataset" in results(trace)[0]["text/plain"]


def test_functions_in_a_notebook(tmp_path, monkeypatch):
    weights, refused, unclosed = run(
        tmp_path,
        monkeypatch,
        'from attnviz import trace\nfloat(trace("orange apple", model="fruit_and_tech")["weights"].sum())',
        'from attnviz import clip\nclip("an apple", model="nonsense")',
        '%load_ext attnviz\n%attnviz trace "an apple',
    )
    assert float(results(weights)[0]["text/plain"]) == pytest.approx(2, abs=1e-12)
    assert errors(refused)[0].traceback == errors(refused)[0].traceback[:1]
    assert "unknown model 'nonsense'" in errors(refused)[0].traceback[0]
    assert "no closing quotation; put quotation marks around the sentence" in errors(unclosed)[0].traceback[0]
