"""A scene that moves by the clock: it goes on in the stillness at a shot's end, and from shot to shot."""

import av
import numpy as np
import pytest
from PIL import Image

from tests.conftest import Here, Lecture

pytestmark = pytest.mark.slow

LONG = "A dot goes on and on while a good many words are said about where it will have come to."
STORYBOARD = f"""\
title: A clock
model: fruit
words_per_minute: 300
chapters:
  - title: Time
    scenes:
      - scene: small
        sentence: apple orange
        shots:
          - start:
            say: {LONG}
          - go:
"""
SCENE = '''\
"""A dot that moves by the clock."""

from manim import LEFT, RIGHT, Dot

from attnviz.stage import Stage


class Small(Stage):
    """A dot that moves by the clock."""

    def start(self) -> None:
        """Let it start."""
        self.add(Dot(6 * LEFT, radius=0.4).add_updater(lambda dot, dt: dot.shift(dt * RIGHT)))
        self.wait(0.5)

    def go(self) -> None:
        """Let it go on."""
        self.wait(1)
'''


def place(picture):
    return np.nonzero(picture.max(axis=0) > 120)[0].mean()


def places(film):
    with av.open(str(film)) as opened:
        return np.array([place(frame.to_ndarray(format="gray")[60:]) for frame in opened.decode(video=0)])


def last_pictures(lecture):
    lecture.run("render", "--stills")
    stills = sorted((lecture.film.parent / "stills").glob("*start.png")), sorted(lecture.film.parent.rglob("*go.png"))
    return [place(np.asarray(Image.open(path).convert("L"))[60:]) for [path] in stills]


def test_it_never_jumps_and_its_pictures_are_those_of_the_film(tmp_path, monkeypatch):
    monkeypatch.setattr("attnviz.render.traces.library.TraceProcess", Here)
    lecture = Lecture(tmp_path, STORYBOARD, SCENE)
    assert lecture.render() == 2
    long = places(lecture.film)
    steps = np.diff(long)
    assert steps.max() < 4  # a unit a second is 2.25 pixels a frame here
    assert (steps > 1).mean() > 0.9  # it goes on while words are said, too; a play begins where the last one ended
    assert last_pictures(lecture)[1] == pytest.approx(long[-1], abs=2)

    # With fewer words the dot does not come so far; so both shots and both pictures are others
    lecture.change(lecture.storyboard, LONG, "A dot.")
    assert list(lecture.plan()) == ["time/small/start", "time/small/go"]
    assert lecture.render() == 2
    short = places(lecture.film)
    assert np.diff(short).max() < 4
    assert len(short) < len(long) - 20
    assert last_pictures(lecture)[1] == pytest.approx(short[-1], abs=2)

    # And back again: nothing is drawn
    lecture.change(lecture.storyboard, "A dot.", LONG)
    assert lecture.plan() == {}
    assert lecture.render() == 0
    assert np.array_equal(places(lecture.film), long)
