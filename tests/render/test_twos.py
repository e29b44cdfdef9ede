"""What hardly changes from frame to frame is drawn for every second frame; what moves across the picture is not."""

import itertools

import numpy as np
import pytest
from manim import RIGHT, Dot, FadeIn, Scene, Square, Text, linear

from attnviz.render.film.encoder import still_packets
from attnviz.render.film.format import FilmFormat
from attnviz.render.film.twos import FEW, Twos
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.renderer import ShotSegments, StageRenderer

from .film_reading import frames_of

FORMAT = FilmFormat(640, 360, 60)


def filmed(play, film_format=FORMAT):
    """Return the frames of what is played."""
    with manim_setup(film_format):
        segments = ShotSegments(still_packets(film_format))
        play(Scene(renderer=StageRenderer(film_format, segments)))
        return frames_of([segments.joined()], film_format)


def held(frames):
    return [np.array_equal(*pair) for pair in itertools.pairwise(frames)]


def fade(scene):
    scene.play(FadeIn(Square(fill_opacity=1)), run_time=0.5, rate_func=linear)  # by eight levels a frame


def travel(scene):
    scene.play(Dot(radius=0.5).animate.shift(5 * RIGHT), run_time=1, rate_func=linear)


def test_what_fades_is_shown_on_twos():
    again = held(filmed(fade))
    assert sum(again) >= 12
    assert not any(one and next_one for one, next_one in itertools.pairwise(again))


def test_what_travels_is_drawn_for_every_frame():
    assert sum(held(filmed(travel))) <= 1


@pytest.mark.parametrize("film_format", [FilmFormat(640, 360, 30), FilmFormat(640, 360, 24)])
def test_at_fewer_frames_a_second_all_are_drawn(film_format):
    assert not any(held(filmed(fade, film_format)))


def test_what_moves_by_the_clock_is_drawn_for_every_frame():
    passed = []

    def clock(scene):
        square = Square(fill_opacity=0)
        square.add_updater(lambda square, dt: passed.append(dt) or square.set_fill(opacity=sum(passed)))
        scene.add(square)
        scene.wait(1)

    assert len(filmed(clock)) == 60
    assert max(passed) == pytest.approx(1 / 60)


def test_it_can_be_switched_off(monkeypatch):
    on = filmed(fade)
    monkeypatch.setenv("ATTNVIZ_PLAIN", "twos")
    off = filmed(fade)
    assert not any(held(off))
    assert len(on) == len(off) == 30
    # a frame is late by a sixtieth of a second at most, so by eight levels, and the quantiser's step is 16 of them
    assert max(np.abs(one.astype(int) - other).max() for one, other in zip(on, off, strict=True)) < 30


def test_what_stands_still_in_the_middle_of_a_play_is_not_encoded():
    def late(scene):
        word = Text("attention")
        scene.add(word)
        scene.play(word.animate(rate_func=lambda alpha: max(0.0, 2 * alpha - 1)).shift(RIGHT), run_time=1)

    again = held(filmed(late))
    assert all(again[:28])
    assert sum(again[32:]) <= 2


def test_a_frame_is_shown_twice_after_one_that_hardly_changed():
    twos = Twos(FORMAT, can_skip=True)
    few = int(FEW * FORMAT.width * FORMAT.height / 1e6)
    told = []
    for changed in (None, few, 0, few + 1, few, few + 1, few + 1):
        twos.saw(changed)
        told.append((twos.shows_again(), twos.shows_again()))
    assert [first for first, _ in told] == [False, True, True, False, True, False, False]
    assert not any(second for _, second in told)
