from __future__ import annotations

import pytest
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    AnimationGroup,
    DecimalNumber,
    FadeIn,
    FadeOut,
    ReplacementTransform,
    Succession,
    Text,
    Transform,
    Typst,
)

from attnviz.input.problems import ProblemsFound
from attnviz.stage import Stage, derive, frame
from attnviz.stage.flights import MOMENTS, courses
from attnviz.stage.motion import send


class Pull(Stage):
    """A scene for tests."""

    def show(self) -> None:
        """Draw a weight."""
        self.weight = self.formula("{w}", w=self.number("weights", query="apple", key="orange"))
        self.play(FadeIn(self.weight), run_time=1)

    def flash(self) -> None:
        """Draw a weight and take it away again."""
        line = self.formula("{w}", w=self.number("weights", query="apple", key="apple"))
        self.play(FadeIn(line), run_time=1)
        self.play(FadeOut(line), run_time=0.5)


def test_a_receipt_says_what_where_when_and_from(stage_of) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("the-pull")
    stage.show()
    stage.hold(2)
    (receipt,) = stage.end_shot()
    assert (receipt.text, receipt.value) == ("0.43", 0.42728172)
    assert (receipt.array, dict(receipt.coords)) == ("weights", {"query": "apple", "key": "orange"})
    assert (receipt.shot, receipt.start, receipt.end) == ("the-pull", 0, 3)
    x0, y0, x1, y1 = receipt.box
    assert 0.45 < x0 < 0.5 < x1 < 0.55
    assert 0.45 < y0 < 0.5 < y1 < 0.55


def test_a_number_that_flies_has_its_way_and_one_that_only_comes_has_none(stage_of) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("one")
    stage.show()
    mark = stage.weight.marks["w"]
    stage.play(stage.weight.animate.shift(3 * LEFT), run_time=1)
    goal = stage.formula("{w}", w=stage.number("weights", query="apple", key="apple")).shift(2 * UP)
    stage.play(derive(goal, mark), run_time=0.5)
    stage.play(send(mark, goal), run_time=0.5)
    cause, result = stage.end_shot()
    (moved, sent), (flown,) = cause.ways, result.ways
    assert (moved.start, moved.end, sent.start, sent.end) == (1, 2, 2.5, 3)
    assert (flown.start, flown.end) == (2, 2.5)
    assert moved.goal == cause.box
    assert moved.origin[0] - moved.goal[0] == pytest.approx(3 / frame.WIDTH, abs=1e-4)
    assert flown.goal == result.box
    for way in (sent, flown):
        for corner in (0, 1):  # from the middle of the cause to that of the goal
            middles = [(box[corner] + box[corner + 2]) / 2 for box in (way.origin, cause.box, way.goal, result.box)]
            assert middles[:1] + middles[2:3] == pytest.approx(middles[1:2] + middles[3:], abs=2e-4)
    stage.begin_shot("two")
    stage.hold(1)
    assert [receipt.ways for receipt in stage.end_shot()] == [(), ()]


@pytest.mark.parametrize("lag", [0.0, 0.3])
def test_on_its_way_a_number_is_where_its_receipt_says(stage_of, lag) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("one")
    stage.show()
    mark = stage.weight.marks["w"]
    goals = [
        stage.formula(f"{text} {{w}}", w=stage.number("weights", query="apple", key="apple")).shift(2 * UP + side)
        for text, side in (("a +", LEFT), ("b", 3 * LEFT))
    ]
    flights = [*(derive(goal, mark) for goal in goals), send(mark, goals[0]), stage.weight.animate.shift(DOWN).build()]
    group = AnimationGroup(*flights, lag_ratio=lag)
    group.begin()
    told = courses([group])
    flying = [*(goal.marks["w"] for goal in goals), flights[2].mobject]
    assert set(told) == {mark, *flying}
    for moment, places in zip(MOMENTS, zip(*(told[each] for each in flying), strict=True), strict=True):
        group.interpolate(moment)
        for each, place in zip(flying, places, strict=True):
            assert each.get_center() == pytest.approx(place, abs=1e-6)
        assert told[mark][MOMENTS.index(moment)] == pytest.approx(-mark.get_center()[1], abs=1e-6)


def test_what_flies_later_in_a_succession_is_told_as_if_its_way_were_straight(stage_of) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("one")
    stage.show()
    mark = stage.weight.marks["w"]
    goal = stage.formula("{w}", w=stage.number("weights", query="apple", key="apple")).shift(2 * UP)
    later = Succession(stage.weight.animate.shift(LEFT).build(), derive(goal, mark))
    later._setup_scene(stage)
    later.begin()
    assert all(isinstance(place, float) for place in courses([later])[goal.marks["w"]])
    stage.play(Succession(stage.weight.animate.shift(LEFT), derive(goal, mark)), run_time=1)
    assert [len(receipt.ways) for receipt in stage.end_shot()] == [1, 0]


def test_a_number_that_stays_has_a_receipt_in_every_shot_with_its_place_at_rest(stage_of) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("one")
    stage.show()
    stage.end_shot()
    stage.begin_shot("two")
    stage.play(stage.weight.animate.shift(4 * UP * 0.5 + 3 * RIGHT), run_time=1)
    (receipt,) = stage.end_shot()
    assert (receipt.shot, receipt.start, receipt.end) == ("two", 0, 1)
    assert receipt.box[0] > 0.6
    assert receipt.box[3] < 0.35


def test_a_number_that_is_gone_again_has_a_receipt_too(stage_of) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("one")
    stage.flash()
    stage.hold(1)
    (receipt,) = stage.end_shot()
    assert (receipt.text, receipt.start, receipt.end) == ("0.57", 0, 1.5)
    stage.begin_shot("two")
    stage.hold(1)
    assert stage.end_shot() == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: Typst("43 percent"),
        lambda: Text("0.43", font="Libertinus Serif"),
        lambda: DecimalNumber(0.5, mob_class=Text),
    ],
)
def test_a_number_drawn_past_the_door_is_an_error(stage_of, make) -> None:
    stage = stage_of()
    stage.begin_shot("x")
    stage.add(make())
    with pytest.raises(ProblemsFound, match="draws a number without a receipt"):
        stage.end_shot()


def test_a_transform_must_not_leave_the_old_receipt_on_new_digits(stage_of) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("x")
    stage.show()
    other = stage.formula("{w}", w=stage.number("weights", query="apple", key="apple"))
    with pytest.raises(ProblemsFound, match="use ReplacementTransform"):
        stage.play(Transform(stage.weight, other))


def test_a_replacement_changes_the_receipt(stage_of) -> None:
    stage = stage_of(Pull)
    stage.begin_shot("x")
    stage.show()
    other = stage.formula("{w}", w=stage.number("weights", query="apple", key="apple"))
    stage.play(ReplacementTransform(stage.weight, other))
    assert [r.text for r in stage.end_shot()] == ["0.43", "0.57"]


@pytest.mark.parametrize(
    ("coords", "message"),
    [
        ({"array": "weigths"}, "the model's trace has no array 'weigths'; did you mean 'weights'?"),
        (
            {"array": "weights", "query": "aple", "key": "orange"},
            "'weights' has no query 'aple'; did you mean 'apple'?",
        ),
        (
            {"array": "weights", "token": "apple"},
            "'weights' has no dimension 'token'; its dimensions are head, query, key",
        ),
        ({"array": "weights", "query": "apple"}, "'weights' has 2 entries there; name a label for every dimension"),
        ({"array": "weights", "sentence": "tech"}, "there is no sentence called 'tech'; the sentences are: sentence"),
    ],
)
def test_what_is_not_in_the_trace_is_refused_with_a_suggestion(stage_of, coords, message) -> None:
    with pytest.raises(ProblemsFound) as error:
        stage_of().number(**coords)
    assert str(error.value) == message


def test_a_title_stands_in_the_frame_however_long(stage_of) -> None:
    stage = stage_of(title="A title that is far too long to stand in one line of the frame " * 3)
    assert stage.mobjects[0].width < 13.5
