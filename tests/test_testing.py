"""The harness for tests of scenes: verbs and storyboards that are played, and what is told when something goes wrong."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from attnviz.input.problems import ProblemsFound
from attnviz.input.whole_files import write_whole
from attnviz.render.cache import sources
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.opening import open_storyboard
from attnviz.render.shots import manim_setup
from attnviz.render.traces.library import TraceLibrary
from attnviz.storyboard.length import PAUSE
from attnviz.testing import open_stage, play, rehearse, traces_of, undrawn
from tests.lecture_folders import written

STORYBOARD = """\
title: A small lecture
model: fruit
words_per_minute: 60
chapters:
  - title: First
    scenes:
      - scene: small
        title: Point
        sentences:
          fruit: {text: an apple and an orange, words: [apple, orange]}
          tech: an apple
        shots:
          - show: apple
            say: In all {weights[apple, orange]:percent}, or {tech.embeddings[apple, technology]}.
          - show: orange
            id: again
            hold: 2
"""
MODEL = """\
kind: blackboard
axes: [technology, fruitness, other]
words: {apple: [2, 2, 0], orange: [0, 3, 0], and: [0, 0, 2], an: [0, 0, 3]}
similarity: cosine
weights: softmax
"""
SCENE = '''\
"""A small scene."""

from manim import FadeOut, Write

from attnviz.stage import Stage
from attnviz.stage.arguments import Word


class Small(Stage):
    """One number."""

    experiments = ("dot_growth",)

    def show(self, word: Word) -> None:
        """Show a number of a word."""
        number = self.number("embeddings", token=word, d_model="fruitness")
        line = self.formula("f = {f}", f=number)
        self.play(Write(line), run_time=1.5)
        assert self.read("dot_growth", dimension=4).ndim == 0
'''


@pytest.fixture
def board(tmp_path):
    return written(tmp_path, {"board.yaml": STORYBOARD, "models/fruit.yaml": MODEL, "scenes/small.py": SCENE})


def test_a_shot_lasts_while_its_narration_is_read(board):
    first, again = rehearse(open_storyboard(board))
    assert first.narration == "In all 43%, or 2.00."
    # "In all forty three percent or two point zero zero" at a word a second
    assert first.frames == round((10 + PAUSE) * 60)
    assert again.name == "first/small/again"
    assert (first.film_start, again.film_start) == (0, first.frames)
    assert again.frames == round((1.5 + PAUSE + 2) * 60)
    assert [receipt.text for receipt in again.receipts] == ["2.00", "3.00"]
    assert [receipt.shot for receipt in again.receipts] == ["again", "again"]
    assert all(0 <= edge <= 1 for placed in again.layout for edge in placed.box)


def test_only_one_shot_is_returned_though_the_earlier_are_played(board):
    [again] = rehearse(open_storyboard(board), ["first/small/again"])
    assert (again.name, again.film_start) == ("first/small/again", 0)
    assert [receipt.text for receipt in again.receipts] == ["2.00", "3.00"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("self.refuse('no', 'yes')", "board.yaml:13: no; yes"),
        ("1 / 0", "small.py:16: ZeroDivisionError: division by zero, while playing first/small/show"),
        ("self.number('weight', key=word)", "board.yaml:13: the model's trace has no array 'weight'"),
        ("open('missing.png')", "small.py:16: FileNotFoundError: [Errno 2] No such file or directory: 'missing.png'"),
        ("raise SystemExit(0)", "small.py:16: SystemExit: 0, while playing first/small/show"),
        ("raise OSError(28, 'No space')", "the disk is full, while playing first/small/show"),
    ],
)
def test_what_goes_wrong_in_a_verb_has_a_place(board, broken, message):
    scene = board.parent / "scenes" / "small.py"
    scene.write_text(SCENE.replace("number = self.number", f"{broken}\n        number = self.number"))
    with pytest.raises(ProblemsFound) as found:
        rehearse(open_storyboard(board))
    assert message in str(found.value)


def test_a_scene_file_that_cannot_be_imported_is_named(board):
    scene = board.parent / "scenes" / "small.py"
    scene.write_text(SCENE.replace("from manim import", "from manim import Nothing,"))
    with pytest.raises(ProblemsFound, match=r"small\.py:3: ImportError: cannot import name 'Nothing'"):
        rehearse(open_storyboard(board))
    assert not (scene.parent / "__pycache__").exists()


@pytest.mark.slow
@pytest.mark.parametrize("library", ["torch", "tokenizers", "transformers"])
def test_with_another_version_of_what_computes_them_traces_are_missing(board, monkeypatch, tmp_path, library):
    opened, store = open_storyboard(board), Store(tmp_path / "cache")

    def traces():
        return TraceLibrary(opened, [opened.chapters[0].scenes[0]], store, Sources(store))

    traces().scenes()
    assert not traces().missing.wanted
    monkeypatch.setattr(sources, "version", lambda name: "0" if name == library else version(name))
    assert len(traces().missing.wanted) == 3


@pytest.mark.slow
def test_files_beside_the_person_are_not_taken_for_modules(board, monkeypatch, tmp_path):
    stand = tmp_path / "stand"
    stand.mkdir()
    for name in ("xarray", "torch", "attnviz"):
        (stand / f"{name}.py").write_text("raise SystemExit('run by mistake')")
    scene = board.parent / "scenes" / "small.py"
    scene.write_text(SCENE.replace('experiments = ("dot_growth",)', ""))
    opened = open_storyboard(board)
    monkeypatch.chdir(stand)
    store = Store(tmp_path / "cache")
    with TraceLibrary(opened, [opened.chapters[0].scenes[0]], store, Sources(store)) as library:
        [traces] = library.scenes()
    assert list(traces.load()) == ["fruit", "tech"]


def test_text_is_set_without_a_home_and_with_a_cache_that_takes_nothing(board, monkeypatch, tmp_path):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    assert len(rehearse(open_storyboard(board))) == 2

    def full(path, data):
        if path.is_relative_to(tmp_path):
            raise OSError(28, "No space left on device", str(path))
        write_whole(path, data)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(manim_setup, "write_whole", full)
    assert len(rehearse(open_storyboard(board))) == 2
    [folder] = (tmp_path / "cache" / "attnviz").iterdir()
    assert list(folder.iterdir()) == []
    monkeypatch.setattr(manim_setup, "write_whole", write_whole)
    rehearse(open_storyboard(board))
    assert list(folder.glob("*.svg"))


def test_the_process_that_forks_does_not_import_torch():
    imports = "import sys, attnviz.render.opening, attnviz.commands.render, attnviz.publish.lecture"
    check = "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", f"{imports}; {check}"], check=False).returncode == 0


def test_a_verb_is_played_on_a_stage_of_its_own():
    with undrawn():
        sentence = {"text": "an apple and an orange", "words": ["orange", "apple"]}
        traces = traces_of("fruit_and_tech", {"fruit": sentence})
        stage = open_stage("embedding_plane", traces, focus="apple")
        play(stage, "show_plane", side="left")
        play(stage, "show_words", words=["apple", "orange"])
        shot = play(stage, "show_weights", word="apple")
    assert shot.texts("weights") == [
        f"{weight:.2f}" for weight in traces["fruit"].weights.sel(query="apple").values.flat
    ]
    assert shot.faults == []
    assert shot.stage is stage


def test_a_scene_of_ones_own_reads_a_board_that_the_test_writes(board):
    model = {"kind": "blackboard", "axes": ["fruitness", "size"], "words": {"apple": [2, 1], "plum": [4, 0]}}
    sentences = {"both": {"text": "apple plum", "words": ["plum"]}}
    scene = board.parent / "scenes" / "small.py"
    scene.write_text(SCENE.replace("        assert self.read", "        self.line = line\n        # self.read"))
    with undrawn():
        stage = open_stage(scene, traces_of(model | {"similarity": "dot", "weights": "softmax"}, sentences))
        shot = play(stage, "show", word="plum")
        assert shot.texts("embeddings") == ["4.00"]
        assert shot.seconds == 1.5 + PAUSE
        assert [receipt.shot for receipt in shot.receipts] == ["show"]
        stage.line.shift([100, 0, 0])
        assert "reaches out of the frame" in play(stage, "show", word="plum").faults[0]
        with pytest.raises(ProblemsFound, match="apple"):
            play(stage, "show", word="apple")
