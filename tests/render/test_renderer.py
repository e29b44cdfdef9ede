"""The play loop, on small scenes: what is filmed, read back from the encoded segments."""

import tempfile

import numpy as np
import pytest
from manim import DOWN, ORANGE, RIGHT, UP, Create, Rotate, Scene, Square, Succession, Transform, Typst, Write

from attnviz.render.film.encoder import still_packets
from attnviz.render.film.format import FilmFormat
from attnviz.render.film.segment import Segment, join
from attnviz.render.shots.children import WorkError
from attnviz.render.shots.manim_setup import manim_setup
from attnviz.render.shots.renderer import ShotSegments, StageRenderer

from .film_reading import frames_of

FORMAT = FilmFormat(320, 180, 10)


def play_text_and_shapes(scene):
    text = Typst("Hello *world*")
    square = Square(color=ORANGE, fill_opacity=0.5).shift(DOWN)
    scene.play(Write(text), run_time=0.6)
    scene.wait(1.04)
    scene.play(text.animate.shift(UP), Create(square), run_time=0.5)
    scene.play(Succession(Rotate(square), Transform(square, Square().shift(2 * RIGHT))), run_time=0.7)
    scene.wait(0.5)


class Takes(list):
    """Stands in for a shot's segments, and keeps every play by itself."""

    def __init__(self):
        self.still_packets = still_packets(FORMAT)

    def beat(self):
        pass

    def add(self, draw):
        self.append(draw())
        return True


def film(play, *, accelerated=True):
    """Play and return the renderer with what was filmed, play by play."""
    with manim_setup(FORMAT, accelerated=accelerated):
        takes = Takes()
        renderer = StageRenderer(FORMAT, takes)
        play(Scene(renderer=renderer))
        return renderer, list(takes)


def shot(play, jobs):
    """Play and return what was filmed as one segment; with two jobs and more the plays are drawn by children."""
    with manim_setup(FORMAT):
        segments = ShotSegments(still_packets(FORMAT), jobs=jobs)
        play(Scene(renderer=StageRenderer(FORMAT, segments)))
        return segments.joined()


def rehearse(play):
    with manim_setup(FORMAT):
        renderer = StageRenderer(FORMAT)
        scene = Scene(renderer=renderer)
        play(scene)
        return renderer, scene


def test_time_advances_by_whole_frames():
    renderer, segments = film(play_text_and_shapes)
    assert [segment.frames for segment in segments] == [6, 10, 5, 7, 5]
    assert renderer.frames == 33
    assert renderer.time == 3.3


def test_every_segment_decodes_to_its_frames_from_its_own_start():
    _, segments = film(play_text_and_shapes)
    for segment in segments:
        assert segment.packets[0].key
        assert len(frames_of([segment], FORMAT)) == segment.frames


def test_a_still_is_the_same_in_every_frame_and_a_motion_is_not():
    _, segments = film(play_text_and_shapes)
    still, motion = frames_of([segments[1]], FORMAT), frames_of([segments[2]], FORMAT)
    assert all(np.array_equal(frame, still[0]) for frame in still)
    assert not np.array_equal(motion[0], motion[-1])


def test_two_jobs_make_the_same_bytes_as_one():
    one, two = (shot(play_text_and_shapes, jobs) for jobs in (1, 2))
    assert one == two
    assert one.frames == 33
    assert one == join(film(play_text_and_shapes)[1])


def test_accelerations_change_no_byte_of_a_segment(monkeypatch):
    monkeypatch.setenv("ATTNVIZ_PLAIN", "colours")  # its bytes are others, by a rounding
    assert film(play_text_and_shapes)[1] == film(play_text_and_shapes, accelerated=False)[1]


def test_a_jump_to_the_end_leaves_what_drawing_every_frame_would_leave():
    _, scene = rehearse(play_text_and_shapes)
    with manim_setup(FORMAT):
        stock = Scene(skip_animations=True)
        play_text_and_shapes(stock)
    places = [[mobject.get_center() for mobject in each.get_mobject_family_members()] for each in (scene, stock)]
    assert len(places[0]) == len(places[1]) > 5
    np.testing.assert_allclose(places[0], places[1], atol=1e-9)


def test_a_rehearsal_takes_the_same_time_and_draws_nothing(monkeypatch):
    monkeypatch.setattr(StageRenderer, "update_frame", lambda *_: pytest.fail("drawn"))
    assert rehearse(play_text_and_shapes)[0].time == 3.3


def test_what_moves_with_time_is_stepped_frame_by_frame():
    def play(scene):
        square = Square()
        steps.clear()
        square.add_updater(lambda mobject, dt: steps.append(dt) or mobject.shift(dt * RIGHT))
        scene.add(square)
        scene.wait(1)
        ends.append(square.get_center()[0])

    steps, ends = [], []
    rehearse(play)
    assert sum(steps) == pytest.approx(0.9)  # from the first frame of ten to the last
    film(play)
    assert ends[0] == pytest.approx(ends[1]) == pytest.approx(0.9)


def test_short_plays_take_one_frame():
    def play(scene):
        scene.wait(0.01)
        scene.play(Create(Square()), run_time=0.02)

    assert [segment.frames for segment in film(play)[1]] == [1, 1]


def test_a_wait_without_an_end_is_refused():
    with pytest.raises(ValueError, match="cannot be filmed"):
        rehearse(lambda scene: scene.wait_until(lambda: True))


def test_a_segment_survives_being_saved(tmp_path):
    segment = film(play_text_and_shapes)[1][2]
    segment.save(tmp_path / "a.segment")
    assert Segment.load(tmp_path / "a.segment") == segment


def test_a_still_picture_has_the_colours_of_the_scene(tmp_path):
    from PIL import Image

    with manim_setup(FORMAT):
        renderer = StageRenderer(FORMAT)
        scene = Scene(renderer=renderer)
        scene.add(Square(side_length=4, fill_opacity=1, stroke_width=0, color="#ff8000"))
        renderer.save_frame(scene, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.size == (320, 180)
        assert image.getpixel((160, 90)) == (255, 128, 0)
        assert image.getpixel((2, 2)) == (0x0E, 0x11, 0x16)


def test_a_part_that_cannot_be_drawn_is_told_and_no_file_is_left(monkeypatch, tmp_path):
    def broken(self, scene, frames):
        raise RuntimeError("no paint")

    monkeypatch.setattr(StageRenderer, "_draw", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(WorkError, match="RuntimeError: no paint"):
        shot(lambda scene: scene.wait(1), jobs=2)
    assert list(tmp_path.iterdir()) == []
