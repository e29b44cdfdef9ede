"""Programs get what the command line gives: traces as datasets, films as objects, refusals as one message."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import attnviz
from attnviz.input.problems import ProblemsFound
from attnviz.notebook.magics import run_line
from attnviz.notebook.programs import arguments_of
from attnviz.notebook.worker import run_command


def test_options_are_those_of_the_command_line():
    options = {"word": "it", "layer": 2, "only": ["1/2", Path("a")], "last_frame": True, "sheet": False, "head": None}
    assert arguments_of(options) == ["--word", "it", "--layer", "2", "--only", "1/2", "--only", "a", "--last-frame"]


def test_a_trace_has_the_weights_that_follow_from_its_scores():
    trace = attnviz.trace("an apple and an orange", model="fruit_and_tech", words="orange,apple")
    assert trace.attrs["sentence"] == "an apple and an orange"
    assert trace["token"].values.tolist() == ["orange", "apple"]
    vectors = trace["embeddings"].values  # (token, d_model)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    exponentials = np.exp(unit @ unit.T)
    expected = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(trace["weights"].sel(head="1").values, expected, rtol=1e-12)


def test_what_is_refused_is_one_message():
    with pytest.raises(ProblemsFound, match="unknown model 'smal'; did you mean 'small'") as refused:
        attnviz.trace("an apple", model="smal")
    assert refused.value._render_traceback_() == [str(refused.value)]
    with pytest.raises(ProblemsFound, match="No such option '--colour'"):
        attnviz.trace("an apple", colour="red")
    with pytest.raises(ProblemsFound, match="there is no such file"):
        attnviz.render_storyboard("nowhere.yaml")


def test_a_sentence_is_no_option():
    with pytest.raises(ProblemsFound, match="does not know the word 'help'"):
        attnviz.trace("--help", model="fruit_and_tech")


def test_commands_that_make_nothing_say_something():
    assert "embedding_plane" in run_command(["scenes"]).said
    assert run_command(["scenes"]).files == ()


@pytest.mark.parametrize("saving", [["--save=x.nc"], ["--save", "x.nc"]])
def test_a_magic_that_saves_is_the_command_itself(tmp_path, monkeypatch, saving):
    monkeypatch.chdir(tmp_path)
    assert run_line(["trace", "an apple", "--model", "fruit_and_tech", "--array", "weights", *saving]) is None
    assert (tmp_path / "x.nc").is_file()


def test_a_sentence_that_looks_like_an_option_is_traced():
    trace = run_line(["trace", "--model", "fruit_and_tech", "--words=orange,apple", "--", "--save orange apple"])
    assert trace is not None
    assert trace["token"].values.tolist() == ["orange", "apple"]


def test_importing_takes_no_library():
    code = (
        "import sys, attnviz\nfrom attnviz import render\n"
        "assert callable(render) and {'clip', 'trace', 'render'} <= set(dir(attnviz))\n"
        "heavy = {'numpy', 'torch', 'manim', 'xarray', 'IPython', 'click'} & set(sys.modules)\nassert not heavy, heavy\n"
        "try:\n    attnviz.nothing\nexcept AttributeError as error:\n    assert 'nothing' in str(error)\nelse:\n    raise SystemExit(1)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_a_storyboard_becomes_a_film(lecture):
    from attnviz import render

    film = render(lecture.storyboard, resolution="320,180", fps=10, cache=lecture.cache, output=lecture.film)
    assert film.path == lecture.film
    texts = ["lecture.srt", "lecture.vtt", "lecture.descriptions.srt", "lecture.descriptions.vtt"]
    assert [file.name for file in film.files] == ["lecture.mp4", *texts, "lecture.numbers.json"]
    assert film.numbers == lecture.numbers()
    assert film.numbers[0]["array"] == "embeddings"
    lecture.change(lecture.storyboard, "- move:", "- mov:")
    with pytest.raises(ProblemsFound, match=r"board\.yaml:12: .*did you mean 'move'"):
        render(lecture.storyboard, cache=lecture.cache)


@pytest.mark.slow
def test_a_sentence_becomes_a_clip(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    film = attnviz.clip("an apple and an orange", model="fruit_and_tech", word="apple", resolution="320,180", fps=10)
    assert film.path.suffix == ".mp4"
    assert {"apple", "orange"} <= {
        number["coords"].get("key") for number in film.numbers if number["array"] == "weights"
    }
    weights = attnviz.trace("an apple and an orange", model="fruit_and_tech")["weights"].isel(head=0)
    for number in film.numbers:
        if number["array"] == "weights":
            coords = {dim: label for dim, label in number["coords"].items() if dim in weights.dims}
            assert number["value"] == pytest.approx(float(weights.sel(coords)), rel=1e-5)
