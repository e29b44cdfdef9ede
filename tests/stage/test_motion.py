"""The words of motion, and what the layout check sees while things move."""

from __future__ import annotations

import numpy as np
import pytest
from manim import RIGHT, UP, Dot, FadeIn, FadeOut, Mobject

from attnviz.input.problems import ProblemsFound
from attnviz.render.shots.player import Watch
from attnviz.render.shots.renderer import StageRenderer
from attnviz.stage import Number, Stage, Tag, derive, frame, lift, replaced, roll, theme
from attnviz.stage.layout import strays
from attnviz.stage.receipts import is_visible
from attnviz.testing import REHEARSAL_FORMAT

QUARTER = Number(0.25, "0.25", formula="one quarter")


class Plain(Stage):
    """A stage that reads nothing."""


@pytest.fixture
def stage() -> Stage:
    return Plain(title="", traces={}, renderer=StageRenderer(REHEARSAL_FORMAT))


def middles(stage: Stage, mobject: Mobject, *animations, run_time: float = 1.0) -> list[tuple[np.ndarray, bool]]:
    """Play animations, and return where something is in the middle, at some moments, and whether it is seen."""
    seen: list[tuple[np.ndarray, bool]] = []
    stage.renderer.watch = lambda scene: seen.append((mobject.get_center().copy(), is_visible(mobject)))
    stage.play(*animations, run_time=run_time)
    stage.renderer.watch = None
    return seen


def faults_while(stage: Stage, *animations) -> list[str]:
    with Watch(stage.renderer) as watch:
        stage.play(*animations, run_time=1.0)
    return watch.faults


def test_a_number_flies_from_its_cause_and_lands_with_its_receipt(stage: Stage) -> None:
    number = QUARTER
    there, here = stage.formula("{n}", n=number).shift(4 * RIGHT), stage.formula("{n}", n=number).shift(2 * UP)
    stage.add(there)
    ways = middles(stage, here, derive(here, there))
    assert ways[0][0][0] > ways[1][0][0] > 0  # from the right to the left
    assert np.allclose(here.get_center(), (0, 2, 0), atol=1e-6)
    assert is_visible(there)
    assert {receipt.text for receipt in stage.end_shot()} == {"0.25"}


def test_a_number_flies_past_the_points_that_it_is_given_and_lands_where_it_stands(stage: Stage) -> None:
    there, here = (stage.formula("{n}", n=QUARTER).shift(x * RIGHT) for x in (-4, 4))
    stage.add(there)
    start, end, corner = there.get_center(), here.get_center(), np.array([-4.0, 2.0, 0.0])
    ways = middles(stage, here, derive(here, there, via=[corner, corner + 8 * RIGHT]))
    assert max(place[1] for place, _ in ways) == pytest.approx(2, abs=0.01)
    assert all(start[0] - 1e-6 <= place[0] <= end[0] + 1e-6 for place, _ in ways)
    assert here.get_center() == pytest.approx(end, abs=1e-6)


def test_what_comes_from_several_causes_is_seen_where_they_meet(stage: Stage) -> None:
    goal = stage.formula("{n}", n=QUARTER)
    causes = [Dot([x, 2, 0]) for x in (-3, 3)]
    stage.add(*causes)
    seen = middles(stage, goal, derive(goal, *causes))
    assert not seen[0][1]
    assert is_visible(goal)
    assert [m for m in stage.mobjects if isinstance(m, Dot)] == causes  # their copies are gone


def test_digits_roll_and_never_melt(stage: Stage) -> None:
    old, new = (stage.formula("{n}", n=Number(value, f"{value}", formula="a value")) for value in (0.71, 0.43))
    stage.add(old)
    outlines = {len(glyph.points) for each in (old, new) for glyph in each.family_members_with_points()}
    shapes: set[int] = set()

    def look(scene) -> None:
        family = scene.get_mobject_family_members()
        shapes.update(len(part.points) for part in family if len(getattr(part, "points", ())))

    stage.renderer.watch = look
    stage.play(roll(old.marks["n"], new.marks["n"]), run_time=1.0)
    assert shapes <= outlines | {0}
    assert {receipt.text for receipt in stage.end_shot() if receipt.end} == {"0.43"}


def test_captions_that_fade_into_one_another_are_seen(stage: Stage) -> None:
    old, new = stage.prose("similarity"), stage.prose("attention")
    stage.add(old)
    assert faults_while(stage, FadeOut(old), FadeIn(new)) == ["for a while 'similarity' is seen on top of 'attention'"]
    other = stage.prose("weights")
    assert faults_while(stage, *replaced(new, other)) == []
    assert is_visible(other)


def test_digits_may_fly_over_other_text(stage: Stage) -> None:
    still, number = stage.prose("similarity"), QUARTER
    cause, goal = (stage.formula("{n}", n=number).shift(x * RIGHT) for x in (-4, 4))
    stage.add(still, cause)
    assert faults_while(stage, derive(goal, cause)) == []


def test_a_copy_that_waits_where_its_number_is_written_covers_nothing(stage: Stage) -> None:
    number = QUARTER
    written = stage.formula("x = {n}", n=number)
    goals = [stage.formula("{n}", n=number).shift(y * UP).marks["n"] for y in (3, 2, 1)]
    stage.add(written)
    assert faults_while(stage, lift([written.marks["n"]] * 3, goals, lag=1.0)) == []


@pytest.mark.parametrize("moves", [True, False])
def test_a_label_moves_with_its_anchor(stage: Stage, moves: bool) -> None:
    dot = Dot()
    tag = Tag(stage.prose("apple").next_to(dot, RIGHT, buff=0.1), dot)
    stage.add(dot, tag)
    assert strays(stage.get_mobject_family_members()) == []
    moved = [dot, tag] if moves else [dot]
    found = faults_while(stage, *[each.animate.shift(2 * UP - 4 * RIGHT) for each in moved])
    assert [fault.partition(" stands")[0] for fault in found] == (
        [] if moves else ["in the middle of a play, 'apple'"] * len(found)
    )
    assert bool(strays(stage.get_mobject_family_members())) == bool(found) == (not moves)


def test_a_leader_line_leads_to_what_is_far_off(stage: Stage) -> None:
    dot = Dot([3, 2, 0], color=theme.FOCUS)
    tag = Tag(stage.prose("apple"), dot)
    stage.add(dot, tag)
    assert len(strays(stage.get_mobject_family_members())) == 1
    assert tag.lead().leader is not None
    assert strays(stage.get_mobject_family_members()) == []
    assert np.allclose(tag.leader[-1].get_center(), dot.get_center(), atol=frame.px(40))
    assert tag.copy().anchor is dot  # a copy of a label belongs to the same thing


def test_a_title_is_large_until_something_moves(stage: Stage) -> None:
    other = Plain(title="One word, two meanings", traces={}, renderer=StageRenderer(REHEARSAL_FORMAT))
    [title] = other.mobjects
    large = title.height
    other.play(FadeIn(Dot()), run_time=0.5)
    assert title.height == pytest.approx(large * theme.TITLE / theme.BIG, rel=1e-6)
    assert title.get_color().to_hex().lower() == theme.DIM.lower()
    assert title.get_left()[0] == pytest.approx(frame.CONTENT.left, abs=frame.px(2))


def test_a_scene_cannot_take_the_place_of_what_the_stage_does_itself() -> None:
    with pytest.raises(ProblemsFound, match="the scene's _hand_over would take the place of the stage's own"):
        type("Clash", (Stage,), {"_hand_over": lambda self: None})
