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


CELLS = {
    "load": "%load_ext attnviz",
    "film": f"%%attnviz {SMALL}\n{STORYBOARD}",
    "path": "import json; print(json.dumps([str(_.path), len(_.numbers), [file.suffix for file in _.files]]))",
    "bad": f"%%attnviz {SMALL}\n{STORYBOARD.replace('show_sentence', 'show_sentnce')}",
    "trace": '%attnviz trace "an apple and an orange" --model fruit_and_tech --words orange,apple',
    "weights": 'from attnviz import trace\nfloat(trace("orange apple", model="fruit_and_tech")["weights"].sum())',
    "refused": 'from attnviz import clip\nclip("an apple", model="nonsense")',
    "unclosed": '%attnviz trace "an apple',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def cells(folder):
    """All cells with their outputs, run by one kernel, which takes seconds to start."""
    environment = {"PYTHONPATH": str(ROOT), "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_PLATFORM_DIRS": "1"}
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS.values()])
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        client = nbclient.NotebookClient(
            notebook,
            timeout=120,
            kernel_name="python3",
            allow_errors=True,
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute(cwd=str(folder), env=dict(os.environ))
    return dict(zip(CELLS, notebook.cells, strict=True))


def results(cell):
    return [output["data"] for output in cell.outputs if output.output_type == "execute_result"]


def errors(cell):
    return [output for output in cell.outputs if output.output_type == "error"]


def test_a_cell_with_a_storyboard_becomes_a_film(cells, folder):
    for name in ("load", "film", "path"):
        assert errors(cells[name]) == []
    [shown] = results(cells["film"])
    assert shown["text/html"].startswith("<video controls")
    assert '<track kind="captions"' in shown["text/html"]
    told = cells["path"].outputs[0].text
    assert re.search(r'"[^"]*/out/cell-[0-9a-f]{8}/lecture\.mp4", 0, \["\.mp4", "\.srt"', told)
    assert not list(folder.glob(".cell-*"))


def test_what_is_wrong_in_a_cell_is_told_with_its_line(cells):
    [refused] = errors(cells["bad"])
    assert refused.traceback == [
        "line 11 of the cell: chapters.0.scenes.0.shots.0.show_sentnce: scene 'attention_table' has no such verb; "
        "did you mean 'show_sentence'?"
    ]


def test_traces_in_a_notebook(cells):
    assert "xarray.Dataset" in results(cells["trace"])[0]["text/plain"]
    assert float(results(cells["weights"])[0]["text/plain"]) == pytest.approx(2, abs=1e-12)


def test_what_is_refused_is_one_message(cells):
    [refused], [unclosed] = errors(cells["refused"]), errors(cells["unclosed"])
    assert len(refused.traceback) == 1
    assert "unknown model 'nonsense'" in refused.traceback[0]
    assert "no closing quotation; put quotation marks around the sentence" in unclosed.traceback[0]
