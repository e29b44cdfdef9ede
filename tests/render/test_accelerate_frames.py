"""Every acceleration of Manim, alone and together with all others, against stock Manim: each frame, byte by byte."""

import functools
import hashlib

import numpy as np
import pytest
from manim import Camera, Line, Scene, Text

from attnviz.render.accelerate import NAMES, PLAIN, Accelerations, accelerated
from attnviz.render.accelerate.compiled import library
from attnviz.render.accelerate.layers import rows_changed
from attnviz.render.film.format import FilmFormat
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.stage import haloed, theme

from .stock_scenes import SCENES, StockRenderer, stock_frames

pytestmark = pytest.mark.slow

FORMAT = FilmFormat(320, 180, 6)  # few frames, but all kinds of them
ELSEWHERE = {"colours", "encoding", "stills"}  # what becomes of the pictures
CASES = {name: Accelerations(**{each: each == name for each in NAMES}) for name in NAMES if name not in ELSEWHERE} | {
    "layers": Accelerations(**{each: each in {"drawing", "layers"} for each in NAMES}),
    "all": Accelerations(),
}


@pytest.fixture(autouse=True, scope="module")
def _manim_set_up():
    with manim_setup(FORMAT, accelerated=False):
        yield


def frames(scene, accelerations):
    with accelerated(accelerations):
        return [hashlib.sha256(picture.tobytes()).hexdigest() for picture in stock_frames(scene)]


@functools.cache
def stock(scene):
    # Manim remembers the text it has read, and gives a rule in a formula another width from the second time on.
    if scene == "text_and_formulas":
        frames(scene, PLAIN)
    return frames(scene, PLAIN)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("case", CASES)
def test_frames_are_those_of_stock_manim(scene, case):
    expected = stock(scene)
    assert len(expected) > 5
    assert len(set(expected)) > 4  # it moves
    assert frames(scene, CASES[case]) == expected


@pytest.mark.skipif(library("drawing") is None, reason="there is no C compiler")
@pytest.mark.parametrize("scene", SCENES)
def test_outside_of_the_rows_that_changed_a_picture_is_the_last_one(scene, monkeypatch):
    told, add_frame = [], StockRenderer.add_frame

    def add_and_ask(self, frame, num_frames=1):
        add_frame(self, frame, num_frames)
        told.append(rows_changed(self))

    monkeypatch.setattr(StockRenderer, "add_frame", add_and_ask)
    with accelerated(Accelerations()):
        pictures = stock_frames(scene)
    for (first, last), before, after in zip(told[1:], pictures, pictures[1:], strict=False):
        changed = np.flatnonzero((before != after).any(axis=(1, 2)))
        assert all(first <= row < last for row in changed)
    if scene in {"chains_and_lags", "shapes_into_shapes", "over_and_under"}:  # plain mobjects, and few of them move
        assert any(last - first < FORMAT.height / 2 for first, last in told)


@pytest.mark.skipif(library("drawing") is None, reason="there is no C compiler")
def test_halos_on_bare_ground_change_softened_pixels_by_one_step_at_most():
    def played():
        renderer = StockRenderer(Camera)
        renderer.camera.background_color = theme.GROUND
        renderer.camera.reset()
        scene = Scene(renderer=renderer)
        words = [haloed(Text("apple")).shift([0, y, 0]) for y in (-2, 1)]
        scene.add(Line([-6, 1, 0], [6, 1, 0], color=theme.INK), *words)
        scene.play(*[word.animate.shift([0.7, 0, 0]) for word in words])
        return renderer.pictures

    with accelerated(PLAIN):
        expected = played()
    with accelerated(Accelerations(layers=False)):
        found = played()
    steps = [np.abs(each.astype(int) - other) for each, other in zip(expected, found, strict=True)]
    assert len(steps) > 4
    assert any(step.any() for step in steps)  # else the halos were drawn
    assert all(step.max() <= 1 and np.mean(step > 0) < 1e-3 for step in steps)
