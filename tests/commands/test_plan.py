"""`attnviz plan`: what a change makes stale, said in a sentence, and that `render` draws exactly that."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from attnviz.input.problems import ProblemsFound
from attnviz.render.cache import sources
from tests.conftest import Lecture

ROOT = Path(__file__).parents[2]

BEGINS = "it begins with what {} leaves: {}"


def test_nothing_changed_nothing_to_draw(lecture):
    out = lecture.run("plan")
    assert out.splitlines()[-1] == "0 of 7 shots to draw"
    assert re.findall(r"^(\S+) +up to date$", out, re.MULTILINE) == list(lecture.shots)


def test_where_nothing_changed_neither_manim_nor_torch_is_imported(lecture):
    code = (
        "import atexit, sys; atexit.register(lambda: print(sorted({'manim', 'torch'} & {*sys.modules})))\n"
        "from attnviz.cli import main; main()"
    )
    for command in ("plan", "render"):
        line = [sys.executable, "-c", code, *lecture.arguments(command)]
        done = subprocess.run(line, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.endswith("[]\n")


def test_what_was_never_rendered(new_lecture, lecture):
    plan = new_lecture.run("plan")
    assert plan.count("stale: never rendered") == 7
    assert re.fullmatch(r"7 of 7 shots to draw, about 0:0\d of film", plan.splitlines()[-1])
    assert not new_lecture.film.exists()
    lecture.change(lecture.storyboard, "- move:\n", "- move:\n          - move:\n            id: again\n")
    stale = lecture.plan()
    assert stale.pop("words/small/again") == "never rendered"
    assert stale == {"words/small/wipe": BEGINS.format("again", "never rendered")}


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("storyboard", "title: A small lecture", "# a comment\ntitle: A small lecture"),
        ("storyboard", "{head: meaning, query: apple, key: orange}", "{key: orange, head: meaning, query: apple}"),
        ("storyboard", "title: A small lecture", "title: Another title"),
        ("storyboard", "The apple stands here.", "The apple stands there."),
        ("model", "kind: blackboard", "# a comment\nkind: blackboard"),
        (
            "model",
            "words: {apple: [2, 2, 1], orange: [0, 3, 2]}",
            "words: {apple: [2, 2, 1.0000001], orange: [0, 3, 2]}",
        ),
        ("scene", "class Small", "# a comment\nclass Small"),
        ("scene", '"""A small scene."""', '"""A scene that is small."""'),
    ],
)
def test_what_nobody_can_see_makes_nothing_stale(lecture, file, old, new):
    lecture.change(getattr(lecture, file), old, new)
    assert lecture.plan() == {}


def test_a_number_makes_stale_what_shows_it(lecture):
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    number = "embeddings[apple, fruitness] 2 → 2.2"
    assert lecture.plan() == {
        "words/small/show": number,
        "words/small/move": BEGINS.format("show", number),
        "words/small/wipe": BEGINS.format("show", number),
    }


@pytest.mark.parametrize(
    ("old", "new", "name", "values"),
    [
        ("name: meaning, W_Q: [[1], [0], [0]]", "name: meaning, W_Q: [[2], [0], [0]]", "meaning", "0.8808 → 0.982"),
        ("name: grammar, W_Q: [[0], [0], [1]]", "name: grammar, W_Q: [[0], [0], [2]]", "grammar", "0.1192 → 0.01799"),
    ],
)
def test_a_head_makes_stale_what_shows_it(lecture, old, new, name, values):
    lecture.change(lecture.model, old, new)
    stale = lecture.plan()
    number = f"weights[{name}, apple, orange] {values}"
    assert stale.pop(f"heads/small/{name}") == number
    assert stale == ({"heads/small/wipe": BEGINS.format("meaning", number)} if name == "meaning" else {})


def test_longer_narration_makes_its_shot_stale(lecture):
    lecture.change(lecture.storyboard, "stands here.", "stands here, where apples stand as long as I can think.")
    assert lecture.plan() == {"words/small/show": "narration is 1.8 s longer"}
    lecture.change(
        lecture.storyboard, "            say: The apple stands here", "            hold: 2\n            say: Oh"
    )
    assert lecture.plan() == {"words/small/show": "narration is 1.2 s longer; hold is 2.0 s longer"}


def test_another_speed_of_reading_makes_stale_what_is_read(lecture):
    assert lecture.plan("--wpm", 150) == {"words/small/show": "narration is 0.8 s longer"}


def test_another_argument_is_named(lecture):
    lecture.change(lecture.storyboard, "show: orange\n            id: orange", "show: apple\n            id: orange")
    assert lecture.plan() == {"words/small/orange": "word: orange → apple"}
    lecture.change(lecture.storyboard, "- show: apple\n            id: orange", "- wipe:\n            id: orange")
    assert lecture.plan() == {"words/small/orange": "show → wipe"}


def test_another_title_of_a_chapter_is_another_name(lecture):
    lecture.change(lecture.storyboard, "title: Words", "title: The words")
    assert set(lecture.plan().values()) == {"never rendered"}
    lecture.change(lecture.storyboard, "title: The words", "title: WORDS")
    assert lecture.plan() == dict.fromkeys(lecture.shots[:4], "the scene's title, focus or sentences changed")


def test_what_a_scene_says_makes_it_stale(lecture):
    lecture.change(lecture.scene, "shift(UP)", "shift(2 * UP)")
    assert lecture.plan() == dict.fromkeys(lecture.shots, "scene file small.py changed")


def test_another_size_is_told(lecture):
    assert set(lecture.plan("--fps", 12).values()) == {"320×180 at 10 mp4 → 320×180 at 12 mp4"}
    assert set(lecture.plan("-r", "640,360").values()) == {"320×180 at 10 mp4 → 640×360 at 10 mp4"}
    assert set(lecture.plan("--format", "webm").values()) == {"320×180 at 10 mp4 → 320×180 at 10 webm"}


def test_another_version_of_a_library_is_told(lecture, monkeypatch):
    version = sources.version
    was = version("manim")
    monkeypatch.setattr(sources, "version", lambda name: "99.9" if name == "manim" else version(name))
    assert lecture.plan() == dict.fromkeys(lecture.shots, f"manim {was} → 99.9")


def test_what_is_gone_from_the_cache_or_damaged_is_told(lecture):
    films = sorted((lecture.cache / "objects").rglob("*"), key=lambda path: path.stat().st_size)
    for path in (path for path in films if path.is_file()):
        path.write_bytes(path.read_bytes()[:-1])
    stale = lecture.plan()
    assert list(stale) == list(lecture.shots)
    assert set(stale.values()) == {"its film is not in the cache, or damaged"}


def test_only_a_part(lecture):
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    assert list(lecture.plan("--only", "words/small/move")) == ["words/small/move"]
    assert lecture.plan("--only", "2") == {}


CHANGES = [
    ("model", "apple: [2, 2, 1]", "apple: [2, 2.2, 1]"),
    ("model", "name: meaning, W_Q: [[1]", "name: meaning, W_Q: [[2]"),
    ("storyboard", "stands here.", "stands here, where apples stand as long as I can think."),
    ("scene", "shift(UP)", "shift(2 * UP)"),
    ("storyboard", "          - wipe:\n", ""),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "old", "new"), CHANGES)
def test_render_draws_what_the_plan_says(lecture, monkeypatch, file, old, new):
    from attnviz.render.shots import drawing

    started = []
    start = drawing.Children.start

    def watched(self, label, work, **settings):
        started.append(label)
        return start(self, label, work, **settings)

    monkeypatch.setattr(drawing.Children, "start", watched)
    lecture.change(getattr(lecture, file), old, new)
    planned = lecture.plan()
    assert lecture.render() == len(planned)
    assert sorted(started) == sorted(planned)
    assert planned
    assert lecture.plan() == {}
    assert lecture.render() == 0


def test_render_without_a_plan_before_it_draws_the_same(lecture):
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    assert lecture.render() == 3


def test_going_back_draws_nothing(lecture):
    before = lecture.files()
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    lecture.render()
    changed = lecture.files()
    assert changed["lecture.mp4"] != before["lecture.mp4"]
    lecture.change(lecture.model, "apple: [2, 2.2, 1]", "apple: [2, 2, 1]")
    assert lecture.plan() == {}
    assert lecture.render() == 0
    assert lecture.files() == before
    lecture.change(lecture.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
    assert lecture.render() == 0
    assert lecture.files() == changed


@pytest.mark.slow
def test_what_is_drawn_anew_is_what_would_be_drawn_from_nothing(lecture, new_lecture):
    for each in (lecture, new_lecture):
        each.change(each.model, "apple: [2, 2, 1]", "apple: [2, 2.2, 1]")
        each.change(each.storyboard, "stands here.", "stands here, where apples stand.")
        each.render()
    assert lecture.files() == new_lecture.files()


TRAINING = """\
title: Learning
model: {name: mine, head: 2, steps: 12}
chapters:
  - title: L
    scenes:
      - scene: learning
        sentence: the orange is
        shots:
          - show_embeddings: [orange, phone]
          - show_weights: [is]
          - learn: 20
          - learn: 60
          - learn: 80
"""


@pytest.mark.slow
@pytest.mark.usefixtures("traces_made_here")
def test_of_a_training_only_the_shots_that_show_a_step_are_drawn_again_when_its_file_is_another(tmp_path):
    """The rest of the model, and other steps, are as they were."""
    lecture = Lecture(tmp_path, TRAINING)
    folder = lecture.model.with_name("mine")
    shutil.copytree(ROOT / "storyboards" / "models" / "learning", folder)
    assert lecture.render() == 5
    changed = load_file(folder / "steps/000040.safetensors")
    changed["decoder.layers.0.attention.W_Q"][:, 4:] *= 1.5  # the queries of head 2
    save_file(changed, folder / "steps/000040.safetensors")
    stale = dict(re.findall(r"^l/learning/(\S+) +(.*)$", lecture.run("plan"), re.MULTILINE))
    assert stale.pop("learn-2").startswith("stale: step_weights[40, is, ")
    assert set(stale.values()) == {"up to date"}
    assert len(stale) == 4


PRODUCT = """\
from manim import FadeIn

from attnviz.stage import Head, Slice, Stage, Word, product_of


class Small(Stage):
    def show(self, word: Word) -> None:
        self.clear_stage()
        self.play(FadeIn(self.formula("{n}", n=self.number("embeddings", token=word, d_model="fruitness"))), run_time=0.2)

    def multiply(self, head: Head) -> None:
        self.clear_stage()
        parts = Slice("embeddings"), Slice("W_Q", head=head), Slice("queries", head=head)
        self.play(FadeIn(product_of(self, *parts, names=("X", "W_Q", "Q"))), run_time=0.2)
"""
PRODUCTS = """\
title: Products
model: fruit
chapters:
  - title: A
    scenes:
      - scene: small
        sentence: apple orange
        shots:
          - show: apple
          - multiply: meaning
          - show: orange
"""


@pytest.mark.slow
@pytest.mark.usefixtures("traces_made_here")
def test_another_convention_makes_stale_what_shows_products(tmp_path):
    lecture = Lecture(tmp_path, PRODUCTS, PRODUCT)
    assert lecture.render() == 3
    rows = {(each["text"], each.get("array"), str(each.get("labels"))) for each in lecture.numbers()}
    lecture.change(lecture.storyboard, "model: fruit", "model: fruit\nconvention: column")
    told = "convention: row → column"
    assert lecture.plan() == {"a/small/multiply": told, "a/small/show-2": BEGINS.format("multiply", told)}
    assert lecture.render() == 2
    assert {(each["text"], each.get("array"), str(each.get("labels"))) for each in lecture.numbers()} == rows
    lecture.change(lecture.storyboard, "convention: column", "convention: columns")
    with pytest.raises(ProblemsFound, match=r"board.yaml:3: convention: expected .*row.*column"):
        lecture.run("plan")
