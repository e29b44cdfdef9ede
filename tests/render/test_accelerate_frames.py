"""Every acceleration of Manim, alone and together with all others, against stock Manim: each frame, byte by byte."""

import functools
import hashlib

import pytest

from attnviz.render.accelerate import NAMES, PLAIN, Accelerations, accelerated
from attnviz.render.film_format import FilmFormat
from attnviz.render.studio import studio

from .stock_scenes import SCENES, stock_frames

FORMAT = FilmFormat(320, 180, 10)
CASES = {name: Accelerations(**{each: each == name for each in NAMES}) for name in NAMES if name != "colours"} | {
    "layers": Accelerations(**{each: each in {"drawing", "layers"} for each in NAMES}),
    "all": Accelerations(),
}


def frames(scene, accelerations):
    with studio(FORMAT, accelerated=False), accelerated(accelerations):
        return [hashlib.sha256(picture.tobytes()).hexdigest() for picture in stock_frames(scene)]


@functools.cache
def stock(scene):
    # Manim remembers the text it has read, and gives a rule in a formula another width from the second time on.
    frames(scene, PLAIN)
    return frames(scene, PLAIN)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("case", CASES)
def test_frames_are_those_of_stock_manim(scene, case):
    expected = stock(scene)
    assert len(expected) > 5
    assert len(set(expected)) > 4  # it moves
    assert frames(scene, CASES[case]) == expected
