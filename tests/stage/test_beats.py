"""Plays have names, by which a narration starts them: those that the verb of the shot gives them itself."""

from __future__ import annotations

import pytest
from manim import Dot, FadeIn

from attnviz.stage import Stage
from attnviz.testing import play


class Dots(Stage):
    """Dots, one at a time."""

    def first(self) -> None:
        """Show a dot."""
        self.clear_stage(then=[FadeIn(Dot(), run_time=0.5)], beat="dot")

    def second(self) -> None:
        """Show another dot, after the first."""
        self.first()
        self.play(FadeIn(Dot()), run_time=0.2)
        for _ in range(2):
            self.play(FadeIn(Dot()), run_time=0.3, beat="others")
        self.clear_stage(beat="gone")


def test_the_plays_of_a_shot_have_the_names_that_its_verb_gives_them(stage_of) -> None:
    stage = stage_of(Dots)
    assert play(stage, "first").beats == ("dot",)
    assert play(stage, "second").beats == ("", "", "others", "others", "gone")


def test_names_and_times_are_of_this_shot_one_for_each_play(stage_of) -> None:
    stage = stage_of(Dots)
    stage.begin_shot("a")
    stage.play(FadeIn(Dot()), run_time=0.5, beat="one")
    stage.begin_shot("b")
    assert (stage.plays, stage.beats, stage.beat_times) == (0, [], [])
    stage.play(FadeIn(Dot()), run_time=0.5)
    stage.play(FadeIn(Dot()), run_time=1.0, beat="two")
    assert stage.beats == ["", "two"]
    assert stage.beat_times == [pytest.approx((0.0, 0.5)), pytest.approx((0.5, 1.5))]
    assert stage.plays == 2
