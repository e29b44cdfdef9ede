"""`attnviz worksheet` and `attnviz quiz` as a person runs them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from tests.processes import ForkedProcess

QUICKSTART = Path(__file__).parents[2] / "storyboards" / "quickstart.yaml"


def run(folder, *line):
    process = ForkedProcess(["attnviz", *line], cwd=folder, environment={**os.environ, "ATTNVIZ_CACHE": "cache"})
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


@pytest.mark.slow
def test_a_worksheet_and_a_quiz_are_written(tmp_path):
    assert run(tmp_path, "worksheet", QUICKSTART) == (0, "wrote out/quickstart/worksheet.pdf: 4 exercises\n", "")
    assert (tmp_path / "out" / "quickstart" / "worksheet.pdf").read_bytes().startswith(b"%PDF")
    assert run(tmp_path, "worksheet", QUICKSTART, "--key", "-o", "key.html")[0] == 0
    assert "<summary>Solution</summary>" in (tmp_path / "key.html").read_text()
    status, out, err = run(tmp_path, "quiz", QUICKSTART, "-o", "quiz.json", "-n", 3)
    assert (status, out) == (0, "wrote quiz.json: 3 questions\n")
    assert err.startswith("note: times are estimates")
    quiz = json.loads((tmp_path / "quiz.json").read_text())
    assert [len(each["options"]) >= 2 for each in quiz["questions"]] == [True] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "key.html", "out", "quiz.json"]


@pytest.mark.parametrize(
    ("verb", "hint"), [("worksheet", "w.pdf or w.html"), ("quiz", "w.html, w.json, or w.gift for Moodle")]
)
def test_another_kind_of_file_is_refused_before_anything_is_done(verb, hint, tmp_path):
    done = CliRunner().invoke(app, [verb, str(QUICKSTART), "-o", str(tmp_path / "w.docx")])
    assert isinstance(done.exception, ProblemsFound)
    assert hint in str(done.exception).replace(f"{tmp_path}/", "")
    assert list(tmp_path.iterdir()) == []
