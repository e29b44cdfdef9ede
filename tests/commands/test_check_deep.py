"""`attnviz check --deep`: what depends on numbers, and is not declared, is told without rendering, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from tests.conftest import Here

pytestmark = pytest.mark.slow

OVERFLOWING = """\
title: Overflow
model: board
chapters:
  - title: A
    scenes:
      - scene: attention_table
        sentence: a b
        shots:
          - show_similarity:
            say: "{exponentials[b, b]}"
          - exponentiate:
            say: "{shifted_exponentials[b, b]}"
"""
BOARD = """\
title: Too much
model: fruit_and_tech
chapters:
  - title: A
    scenes:
      - scene: embedding_plane
        words: [orange, apple]
        shots:
          - show_words: [orange]
          - gather: 2
          - gather: 2
      - scene: attention_table
        words: [orange, apple]
        shots:
          - show_similarity:
      - scene: layer_drift
        words: [orange, apple]
        shots:
          - show_plane:
          - show_share: apple
"""
TOLD = [
    "11: 2 steps are already done; ask for more, or let_go first",
    "20: this model's plane shows all of its vectors; leave this shot out",
]


def said(*arguments: object) -> list[str]:
    error = CliRunner().invoke(app, list(map(str, arguments))).exception
    assert isinstance(error, ProblemsFound)
    return [str(problem).partition("board.yaml:")[2] for problem in error.problems]


def test_what_the_numbers_forbid_is_told_of_all_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)
    board, cache = tmp_path / "board.yaml", tmp_path / "cache"
    board.write_text(BOARD)
    assert CliRunner().invoke(app, ["check", str(board)]).exit_code == 0
    assert said("check", board, "--deep", "--cache", cache) == TOLD
    assert said("plan", board, "-q", "l", "--cache", cache) == TOLD
    assert said("render", board, "-q", "l", "--cache", cache, "-o", tmp_path / "out") == TOLD
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    board.write_text(
        BOARD.replace("gather: 2\n      -", "let_go:\n      -").replace("show_share: apple", "show_model:")
    )
    done = CliRunner().invoke(app, ["check", "--deep", str(board), "--cache", str(cache)])
    assert (done.exit_code, done.stdout[:3]) == (0, "ok:")


def test_what_has_overflowed_is_not_said_to_be_infinite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)
    (tmp_path / "large.yaml").write_text(
        "kind: blackboard\naxes: [x, y]\nwords: {a: [1, 0], b: [30, 0]}\nsimilarity: dot\nweights: softmax\n"
    )
    board, cache = tmp_path / "board.yaml", tmp_path / "cache"
    board.write_text(OVERFLOWING.replace("model: board", "model: ./large.yaml"))
    (told,) = said("check", board, "--deep", "--cache", cache)
    assert told.startswith("9: '{exponentials[b, b]}' is too large for a floating-point number; say `shifted_exponen")
    board.write_text(board.read_text().replace("{exponentials", "{shifted_exponentials"))
    done = CliRunner().invoke(app, ["check", "--deep", str(board), "--cache", str(cache)])
    assert done.exit_code == 0, done.output
