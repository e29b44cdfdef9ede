"""The benchmark of clips, on a clip of one shot: all time is accounted for, and manim draws the same film."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.test_bench import tabled

TEMPLATE = """\
about: Only the tokens
title: ${short}
model: ${model}
chapters:
  - title: Tokens
    scenes:
      - scene: one_sentence
        sentence: ${sentence}
        shots:
          - show_tokens:
            say: The tokens.
"""


@pytest.mark.slow
def test_where_the_time_goes_adds_up_to_the_whole(tmp_path: Path) -> None:
    from bench.clip import main
    from bench.clip_table import ALL, COLUMNS, MANIM, TOLD, UNSEEN

    (tmp_path / "own.yaml").write_text(TEMPLATE)
    done = CliRunner().invoke(main, ["--quick", "--template", str(tmp_path / "own.yaml")], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    rows = tabled(done.stdout)
    assert list(rows) == ["", "---", *TOLD, UNSEEN, ALL, MANIM]
    assert len(rows[ALL]) == len(COLUMNS) - 1
    told = [list(map(float, rows[name])) for name in (*TOLD, UNSEEN)]
    for column, whole in enumerate(map(float, rows[ALL])):
        assert sum(row[column] for row in told) == pytest.approx(whole, abs=0.006 * len(told))  # each is rounded
        assert all(row[column] > -0.05 for row in told)
    assert float(rows[TOLD_TRACE][1]) > 0  # processor time of the forward passes, in a process that was counted
    assert re.search(r"^small, 854x480 at 15 fps, \d+ jobs, 1 rounds; the first film has \d+ frames", done.stdout, re.M)


TOLD_TRACE = "trace: waiting for the helper"


def test_two_sentences_or_none_are_given() -> None:
    from bench.clip import main

    done = CliRunner().invoke(main, ["--sentence", "only one"])
    assert done.exit_code == 1
    assert "give it twice" in done.stderr
