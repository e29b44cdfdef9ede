"""`attnviz script`: the sheet that a lecturer reads from."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from attnviz.cli import app
from attnviz.input.problems import ProblemsFound
from attnviz.voice.recordings import file_name, recordings_in
from tests.conftest import Lecture

STORYBOARD = """\
title: A small *lecture*
model: fruit
words_per_minute: 120
chapters:
  - title: Words & <things>
    scenes:
      - scene: small
        sentence: apple orange
        shots:
          - show: apple
            say: "The apple [] stands at {embeddings[apple, fruitness]:.1f} here, a [[bracket]] and 2 * 3."
          - move:
          - wipe:
          - show: orange
            say: "[] 1. Orange is {embeddings[orange, fruitness]}, {{truly}}."
  - title: Words, again
    scenes:
      - scene: small
        sentence: apple orange
        shots:
          - show: apple
            say: Without a number.
"""


@pytest.fixture
def board(tmp_path):
    return Lecture(tmp_path / "lecture", storyboard=STORYBOARD)


def script(board, *options):
    line = ["script", str(board.storyboard), "--cache", str(board.cache), *map(str, options)]
    result = CliRunner().invoke(app, line)
    if result.exception is not None:
        raise result.exception
    return result


def test_before_the_model_was_run_numbers_stand_as_they_are_written(board):
    result = script(board)
    assert result.stdout == (
        "A small *lecture*\n"
        "3 shots to be spoken, about 12 s; as a file, shot a/b/c is called a--b--c.wav\n\n"
        "WORDS & <THINGS>\n\n"
        "words-things/small/show · 6 s\n"
        "The apple [] stands at {embeddings[apple, fruitness]:.1f} here, a [bracket] and 2 * 3.\n\n"
        "words-things/small/move · 0 s\n(nothing is said)\n\n"
        "words-things/small/wipe · 0 s\n(nothing is said)\n\n"
        "words-things/small/show-2 · 4 s\n"
        "[] 1. Orange is {embeddings[orange, fruitness]}, {truly}.\n\n"
        "WORDS, AGAIN\n\n"
        "words-again/small/show · 2 s\nWithout a number.\n"
    )
    assert result.stderr == "note: 2 numbers are not known yet, as the model has not been run; --deep runs it\n"
    assert not board.cache.exists()


def test_with_the_models_numbers_the_sheet_says_what_will_be_said(board, traces_made_here):
    result = script(board, "--deep")
    assert "The apple [] stands at 2.0 here, a [bracket]" in result.stdout
    assert "[] 1. Orange is 3.00, {truly}." in result.stdout
    assert result.stderr == ""
    assert script(board).stdout == result.stdout  # from the cache


def test_markdown_shows_everything_as_it_is(board, traces_made_here):
    path = board.folder / "sheets" / "script.md"
    assert script(board, "--deep", "-o", path).stdout == f"wrote {path}\n"
    lines = path.read_text().splitlines()
    assert lines[0] == r"# A small \*lecture\*"
    assert r"## Words \& \<things\>" in lines
    assert "`words-things/small/show-2` · 4 s" in lines
    assert r"The apple <small>\[\]</small> stands at 2.0 here, a \[bracket\] and 2 \* 3." in lines
    assert "*(nothing is said)*" in lines
    assert path.read_text() == script(board, "--format", "markdown").stdout


def test_a_line_that_looks_like_a_list_is_none(board):
    board.change(board.storyboard, "Without a number.", "1. Without a number.")
    assert "1\\. Without a number." in script(board, "--format", "markdown").stdout.splitlines()


def test_a_part_can_be_chosen(board):
    out = script(board, "--only", "words-again").stdout
    assert "Without a number." in out
    assert "apple" not in out
    with pytest.raises(ProblemsFound, match="there is no chapter 'nothing'"):
        script(board, "--only", "nothing")


def test_the_names_of_the_sheet_are_those_of_recordings(board, tmp_path):
    names = [line.split(" · ")[0] for line in script(board).stdout.splitlines() if " s" in line and "/" in line][1:]
    folder = tmp_path / "takes"
    folder.mkdir()
    for name in names:
        (folder / f"{file_name(name)}.wav").touch()
    assert set(recordings_in(folder, names).of) == set(names)
    assert len(names) == 5


def test_neither_torch_nor_manim_is_imported(board):
    code = (
        "import atexit, sys; atexit.register(lambda: print(sorted({'manim', 'torch', 'xarray'} & {*sys.modules})))\n"
        "from attnviz.cli import main; main()"
    )
    line = [sys.executable, "-c", code, "script", str(board.storyboard), "--cache", str(board.cache)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(line, capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.endswith("[]\n")
