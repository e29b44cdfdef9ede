"""The digest of a stage: it changes when the picture could, and only then."""

import io
import os
import random
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr
from manim import BLUE, DOWN, RED, RIGHT, UP, Circle, Dot, Square, VGroup

from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.fingerprint import digest_of_stage
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.renderer import StageRenderer
from attnviz.stage import Stage
from attnviz.stage.icons import icon

FORMAT = FilmFormat(320, 180, 10)
ROOT = Path(__file__).parents[2]


class Small(Stage):
    """A stage with some things on it."""

    def setup(self):
        self.dots = VGroup(Dot(RIGHT), Dot(UP))
        self.square = Square(color=BLUE, fill_opacity=0.5)
        self.remembered = {"words": ["apple", "orange"], "at": np.array([1.0, 2.0]), "seen": {"a", "b", "c"}}
        self.add(self.dots, self.square)


@pytest.fixture(autouse=True, scope="module")
def _manim_set_up():
    with manim_setup(FORMAT):
        yield


def stage():
    return Small(title="A title", traces={}, renderer=StageRenderer(FORMAT))


def after(change):
    made = stage()
    change(made)
    return digest_of_stage(made)


def test_stages_that_were_made_alike_have_one_digest():
    first, second = stage(), stage()
    assert digest_of_stage(first) == digest_of_stage(second) == digest_of_stage(first) is not None


@pytest.mark.slow
def test_every_process_finds_the_same_digest():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.render.test_fingerprint import *\n"
    code += "with manim_setup(FORMAT): print(digest_of_stage(stage()))"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.PIPE, text=True
        )
        for seed in ("1", "2")
    ]
    digests = [process.communicate()[0].strip() for process in processes]
    assert digests[0] == digests[1]
    assert len(digests[0]) == 64


def nudge(made):
    made.square.points[0, 0] += 1e-9


def add_and_remove(made):
    extra = Circle()
    made.add(extra)
    made.remove(extra)


CHANGES = {
    "a point": nudge,
    "a colour": lambda made: made.square.set_fill(RED),
    "an opacity": lambda made: made.square.set_stroke(opacity=0.9),
    "a stroke": lambda made: made.square.set_stroke(width=3),
    "a depth": lambda made: made.square.set_z_index(1),
    "an order of parts": lambda made: made.dots.submobjects.reverse(),
    "an order on stage": lambda made: made.bring_to_back(made.square),
    "one thing more": lambda made: made.add(Circle()),
    "one thing less": lambda made: made.remove(made.dots),
    "something remembered": lambda made: made.remembered["words"].append("plum"),
    "a number remembered": lambda made: made.remembered["at"].__setitem__(1, 2.0000001),
    "a set remembered": lambda made: made.remembered["seen"].add("d"),
    "a new attribute": lambda made: setattr(made, "flag", False),
    "an array remembered": lambda made: setattr(made, "table", xr.DataArray([1.0], {"a": ["x"]}, ["a"])),
    "something that goes on": lambda made: made.square.add_updater(lambda mobject: mobject.shift(0 * UP)),
    "sharing": lambda made: setattr(made, "square", made.square.copy()),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_changes_the_digest(change):
    assert after(change) != after(lambda made: None)


ALIKE = [0, 1, 0.0, -0.0, False, True, None, "", "0", b"", [], (), {}, set(), [0], [[]], ["a", "b"], ["ab"], 10**30]
ALIKE += [np.float64(0), np.float32(0), np.zeros(0), np.zeros((0, 3)), np.zeros(1), np.zeros(1, np.float32)]
ALIKE += [np.array([0, 1]), np.array([[0], [1]]), np.array([0, 1.0]), np.array(["0"], object), np.array([0], object)]
ALIKE += [RED, int, "int", Path("a"), "a", UP.tolist(), UP]


class Chain(list):
    pass


class Row(deque):
    pass


def with_attribute(thing, value):
    thing.value = value
    return thing


def a_function():
    return lambda: None


HIDDEN = {
    "random numbers": (lambda: random.Random(1), lambda chance: chance.random()),
    "a method that draws random numbers": (lambda: random.Random(1).random, lambda draw: draw()),
    "a subclass of deque": (lambda: Row([1]), lambda row: row.append(2)),
    "text that is written to": (io.StringIO, lambda text: text.write("x")),
    "a mask": (lambda: np.ma.array([1.0, 2.0], mask=[False, False]), lambda array: array.mask.__setitem__(0, True)),
    "a list's attribute": (lambda: with_attribute(Chain([1]), 1), lambda chain: with_attribute(chain, 2)),
    "a function's attribute": (lambda: with_attribute(a_function(), 1), lambda found: with_attribute(found, 2)),
    "a helper's shot": (lambda: SimpleNamespace(_shot=1), lambda helper: setattr(helper, "_shot", 2)),
}


@pytest.mark.parametrize(("make", "change"), HIDDEN.values(), ids=HIDDEN)
def test_what_is_kept_in_a_hidden_place_counts_or_there_is_no_digest(make, change):
    def made_and_changed(made):
        made.thing = make()
        change(made.thing)

    before, changed = after(lambda made: setattr(made, "thing", make())), after(made_and_changed)
    assert changed is None or changed != before


SEEN = {"words": [], "counted": 0}


class Counting(Small):
    """A scene whose verbs remember something outside the stage."""

    counted = 0


@pytest.mark.parametrize(
    "change",
    [
        lambda made: SEEN["words"].append("apple"),
        lambda made: SEEN.update(counted=1),
        lambda made: setattr(Counting, "counted", 1),
    ],
    ids=["a list of the module", "a number of the module", "a number of the class"],
)
def test_what_a_verb_remembers_outside_the_stage_counts(change, monkeypatch):
    monkeypatch.setitem(SEEN, "words", [])
    monkeypatch.setitem(SEEN, "counted", 0)
    monkeypatch.setattr(Counting, "counted", 0)
    made = Counting(title="A title", traces={}, renderer=StageRenderer(FORMAT))
    before = digest_of_stage(made)
    assert before == digest_of_stage(made) is not None
    change(made)
    assert digest_of_stage(made) != before


def test_what_only_looks_alike_is_told_apart():
    digests = [after(lambda made, value=value: setattr(made, "thing", value)) for value in ALIKE]
    assert len(set(digests)) == len(ALIKE)


def test_an_array_may_lie_in_memory_in_any_way():
    there = np.arange(6.0).reshape(2, 3)
    for other in (np.asfortranarray(there), np.arange(12.0).reshape(2, 6)[:, :3] * 1.0):
        same = np.array_equal(there, other)
        assert (
            after(lambda made: setattr(made, "at", there)) == after(lambda made, at=other: setattr(made, "at", at))
        ) == same


def test_what_an_updater_has_caught_counts():
    def follow(made, place):
        made.square.add_updater(lambda mobject: mobject.move_to(place))

    assert after(lambda made: follow(made, UP)) == after(lambda made: follow(made, UP))
    assert after(lambda made: follow(made, UP)) != after(lambda made: follow(made, DOWN))


def replace_by_a_copy(made):
    copy = made.dots.copy()
    made.replace(made.dots, copy)
    made.dots = copy


def set_in_another_order(made):
    attributes = dict(reversed(vars(made).items()))
    vars(made).clear()
    vars(made).update(attributes)


@pytest.mark.parametrize("same", [replace_by_a_copy, set_in_another_order, add_and_remove])
def test_what_looks_the_same_has_the_same_digest(same):
    assert after(same) == after(lambda made: None)


def test_a_text_is_the_same_whether_it_was_set_before_or_not():
    def write(made):
        made.add(made.formula("a + b + c"))

    assert after(write) == after(write)


@pytest.mark.parametrize("word", ["orange", "phone"])
def test_an_icon_is_the_same_whether_it_was_drawn_before_or_not(word):
    def place(made):
        made.point = icon(word, 0.5)
        made.add(made.point)

    assert after(place) == after(place)


def test_what_knows_its_stage_can_be_told():
    def know(made):
        made.helper = SimpleNamespace(stage=made, mark=made.square)

    def know_another(made):
        made.helper = SimpleNamespace(stage=made, mark=made.dots)

    assert after(know) == after(know) is not None
    assert after(know) != after(know_another)


@pytest.mark.parametrize(
    "thing", [(number for number in range(3)), threading.Lock(), iter([1])], ids=["generator", "lock", "iterator"]
)
def test_what_cannot_be_told_has_no_digest(thing):
    assert after(lambda made: setattr(made, "thing", thing)) is None


def test_a_long_chain_has_no_digest():
    chain = []
    for _ in range(100_000):
        chain = [chain]
    assert after(lambda made: setattr(made, "chain", chain)) is None
    while chain:  # taken apart: to free it at one stroke would overflow
        chain = chain.pop()
