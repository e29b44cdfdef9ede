"""Claims as a person meets them: `attnviz render` and `attnviz check` as processes, with and without a model's numbers."""

from __future__ import annotations

import json
import math
import os
import shutil
from pathlib import Path

import pytest

from tests.lecture_folders import keep_traces, written
from tests.processes import ForkedProcess

pytestmark = pytest.mark.slow

STORYBOARD = """\
title: Claims
model: fruit
chapters:
  - title: First things
    scenes:
      - scene: attention_table
        sentence: an apple and an orange
        words: [apple, orange]
        shots:
          - show_similarity:
            say: Apple is most like itself.
            claim: argmax(similarity[apple, :]) == apple
          - softmax:
            say: It takes more from orange than from itself, and all in all one.
            claim:
              - weights[apple, orange] > weights[apple, apple]
              - abs(sum(weights[apple, :]) - 1) < 0.01
  - title: Second things
    scenes:
      - scene: attention_table
        sentence: an apple and an orange
        shots:
          - show_similarity:
            claim: normalised[apple, apple] > 0.6
"""
MODEL = """\
kind: blackboard
axes: [technology, fruitness, other]
words: {apple: [2, 2, 0], orange: [0, 3, 0], and: [0, 0, 2], an: [0, 0, 3]}
similarity: cosine
weights: softmax
"""
FILES = {"board.yaml": STORYBOARD, "models/fruit.yaml": MODEL}
ROOT = Path(__file__).parents[2]
# Apple and orange stand at an angle of 45°, the small words at right angles to both.
APPLE, ORANGE, OTHER = math.exp(1), math.exp(math.sqrt(0.5)), 1 / (1 + math.sqrt(0.5))
UNTRUE = (
    "board.yaml:16: the claim 'weights[apple, orange] > weights[apple, apple]' does not hold with the model 'fruit': "
    f"weights[apple, orange] = {ORANGE / (APPLE + ORANGE):.6g}, weights[apple, apple] = {APPLE / (APPLE + ORANGE):.6g}"
)
SECOND = (
    "board.yaml:24: the claim 'normalised[apple, apple] > 0.6' does not hold with the model 'fruit': "
    f"normalised[apple, apple] = {OTHER:.6g}"
)
HINT = "; correct it and what is said, or go on with --claims warn"


@pytest.fixture
def untouched(tmp_path):
    """A storyboard whose sentences no model has read yet."""
    return written(tmp_path, FILES)


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A cache with the traces of the storyboard: to import torch takes as long as all the rest."""
    folder = tmp_path_factory.mktemp("traced")
    keep_traces(written(folder, FILES), folder / ".attnviz")
    return folder / ".attnviz"


@pytest.fixture
def storyboard(untouched, traced):
    shutil.copytree(traced, untouched.parent / ".attnviz")
    return untouched


def attnviz(storyboard, command, *options, before=""):
    """Run a command in a process of its own, in the storyboard's folder."""
    small = ("-r", "320,180", "--fps", "5") if command == "render" else ()
    line = ["attnviz", command, storyboard.name, *small, *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(storyboard.parent)}
    process = ForkedProcess(line, cwd=storyboard.parent, environment=environment, before=before)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err.splitlines()


def claims(storyboard):
    content = json.loads((storyboard.parent / "out/board/lecture.numbers.json").read_text(), parse_constant=pytest.fail)
    return content["claims"]


def change(storyboard, old, new):
    text = storyboard.read_text()
    assert old in text
    storyboard.write_text(text.replace(old, new, 1))


def test_claims_that_do_not_hold_stop_a_render_before_anything_is_drawn(storyboard):
    assert attnviz(storyboard, "render") == (2, "", [UNTRUE + HINT, SECOND + HINT])
    assert [path for path in (storyboard.parent / "out").rglob("*") if path.is_file()] == []
    assert not (storyboard.parent / ".attnviz/films").exists()
    assert not (storyboard.parent / ".attnviz/reports").exists()


def test_a_claim_is_tried_as_soon_as_the_model_has_been_run(untouched):
    status, out, err = attnviz(untouched, "check")
    assert (status, err) == (0, [])
    assert out.startswith("ok: 2 chapters, 2 scenes, 3 shots, about ")
    assert out.endswith("; 4 claims not tried, as the model has not been run yet\n")
    status, _, err = attnviz(untouched, "render")
    assert (status, err) == (2, [UNTRUE + HINT, SECOND + HINT])
    assert attnviz(untouched, "check") == (2, "", [UNTRUE + HINT, SECOND + HINT])


def test_with_warnings_the_film_is_made(storyboard):
    status, out, err = attnviz(storyboard, "render", "--claims", "warn")
    assert (status, err) == (0, [f"warning: {UNTRUE}", f"warning: {SECOND}"])
    assert out.startswith("wrote out/board/lecture.mp4 and 5 more: ")
    found = claims(storyboard)
    assert [(each["text"], each["chapter"], each["holds"]) for each in found] == [
        ("argmax(similarity[apple, :]) == apple", "first-things", True),
        ("weights[apple, orange] > weights[apple, apple]", "first-things", False),
        ("abs(sum(weights[apple, :]) - 1) < 0.01", "first-things", True),
        ("normalised[apple, apple] > 0.6", "second-things", False),
    ]
    assert found[1]["shot"] == "first-things/attention_table/softmax"
    assert [(each["of"], round(each["value"], 4)) for each in found[1]["values"]] == [
        ("weights[apple, orange]", 0.4273),
        ("weights[apple, apple]", 0.5727),
    ]
    # They are no part of the pictures: what is true now is written down, and nothing is drawn again
    change(storyboard, "weights[apple, orange] > weights", "weights[apple, orange] < weights")
    change(storyboard, "normalised[apple, apple] > 0.6", "normalised[apple, apple] > 0.5")
    status, out, err = attnviz(storyboard, "render")
    assert (status, err) == (0, [])
    assert "3 shots, 0 drawn" in out
    assert [each["holds"] for each in claims(storyboard)] == [True] * 4
    assert attnviz(storyboard, "render")[1].startswith("up to date: ")


def test_only_the_claims_of_what_is_rendered_count(storyboard):
    status, out, err = attnviz(storyboard, "render", "--only", "1/1/1", "--stills")
    assert (status, err) == (0, [])
    assert "1 shot, 1 drawn" in out
    assert attnviz(storyboard, "render", "--only", "2/1/1")[::2] == (2, [SECOND + HINT])


def test_claims_can_be_left_untried(storyboard):
    status, out, err = attnviz(storyboard, "render", "--claims", "off", "--only", "1/1/1")
    assert (status, err, claims(storyboard)) == (0, [], [])
    status, out, err = attnviz(storyboard, "check", "--claims", "off")
    assert (status, err) == (0, [])
    assert "claim" not in out


def test_check_tries_them_without_torch_and_manim(storyboard, cli):
    done = cli(
        "check", storyboard, "--cache", storyboard.parent / ".attnviz", "--claims", "warn",
        after="print(sorted({'torch', 'manim'} & sys.modules.keys()))",
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.splitlines()[0].endswith("; 2 claims hold, 2 not")
    assert done.stdout.splitlines()[1] == "[]"
    assert done.stderr.replace(f"{storyboard.parent}/", "").splitlines() == [f"warning: {UNTRUE}", f"warning: {SECOND}"]


def test_scenes_whose_model_was_not_run_are_told_of(storyboard):
    change(storyboard, "orange\n        shots:\n          - show_similarity:\n            claim", "apple\n" + (
        "        shots:\n          - show_similarity:\n            claim"
    ))  # fmt: skip
    change(storyboard, "weights[apple, orange] > weights", "weights[apple, orange] < weights")
    status, out, _ = attnviz(storyboard, "check")
    assert status == 0
    assert out.endswith("; 3 claims hold, 1 claim not tried, as the model has not been run yet\n")
