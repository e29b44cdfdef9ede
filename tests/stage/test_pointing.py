"""The picture points at what is said while it stands still: at what, when, how, and that nothing is left of it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import pytest
from manim import RIGHT, Dot, FadeIn, Rectangle, VGroup, config
from PIL import Image

from attnviz.render.shots.fingerprint import digest_of_stage
from attnviz.render.shots.player import Watch
from attnviz.stage import Stage, frame, theme
from attnviz.stage.gestures import GESTURES, LEAVING, PROMPT, STROKE, SWELL, gesture_of
from attnviz.stage.placement import rect_of
from attnviz.stage.pointing import Sights
from attnviz.stage.resting import EVERY, LONGEST, SHORTEST, Pointing, pointings
from attnviz.stage.spots import Spot
from attnviz.stage.typesetting import NumberMark, Writing
from attnviz.storyboard.cues import Cue, NumberNamed
from attnviz.testing import open_stage, play, traces_of

FRUIT = {"text": "an apple and an orange", "words": ["orange", "apple"]}
OWN = NumberNamed("weights", {"query": "apple", "key": "orange"})


@pytest.fixture(scope="module")
def traces(manim_set_up: None) -> dict:
    return traces_of("fruit_and_tech", {"fruit": FRUIT})


@pytest.fixture
def plane(traces: dict) -> Stage:
    stage = open_stage("embedding_plane", traces, focus="apple")
    play(stage, "show_plane", ticks=True)
    play(stage, "show_words", words=["apple", "orange"])
    stage.begin_shot("pull")
    stage.perform("pull", {"word": "apple", "toward": "orange"})
    return stage


@pytest.fixture
def table(traces: dict) -> Stage:
    stage = open_stage("attention_table", traces, focus="apple")
    play(stage, "show_similarity")
    stage.begin_shot("softmax")
    stage.perform("softmax", {})
    return stage


def words(text: str, *, since: float = 0.0, each: float = 0.4) -> list[Cue]:
    return [Cue(since + k * each, since + (k + 1) * each, word) for k, word in enumerate(text.split())]


def seen_on(stage: Stage) -> Sights:
    return Sights(stage.mobjects, stage.title_written, stage._latest_plays, "fruit")


def found(stage: Stage, text: str, number: NumberNamed | None = None, gesture: str = "") -> Spot | None:
    return next(iter(seen_on(stage).of(Cue(0, 1, text, number, gesture))), None)


def text_of(spot: Spot | None) -> str | None:
    if spot is None:
        return None
    return spot.seen.number.text if isinstance(spot.seen, NumberMark) else spot.seen.source


def picture(stage: Stage) -> np.ndarray:
    file = io.BytesIO()
    stage.renderer.save_frame(stage, file)
    return np.asarray(Image.open(file).convert("RGB"), dtype=int)


def pixel(x: float, y: float) -> tuple[int, int]:
    return round((0.5 - y / frame.HEIGHT) * 1080), round((x / frame.WIDTH + 0.5) * 1920)


# What is pointed at ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["apple", "Apple,", "apples", "apple’s"])
def test_a_word_is_the_thing_that_has_its_name(plane: Stage, said: str) -> None:
    spot = found(plane, said)
    assert spot is not None
    assert (spot.words, spot.shape) == (("apple",), "ring")


@pytest.mark.parametrize("said", ["pineapple", "app", "cloud", "", "…", "(", "A"])
def test_what_is_not_on_stage_is_not_pointed_at(plane: Stage, said: str) -> None:
    assert found(plane, said) is None


def test_small_words_are_pointed_at_only_if_a_mark_names_them(stage_of) -> None:
    stage = stage_of()
    stage.add(stage.prose("and", own=True))
    assert found(stage, "and") is None
    assert text_of(found(stage, "and", gesture="indicate")) == "and"


def test_an_axis_that_ends_at_the_edge_of_the_frame_or_beyond_can_be_traced(manim_set_up: None) -> None:
    stage = open_stage("embedding_plane", traces_of("words_in_a_plane", {"s": {"words": ["strawberry", "phone"]}}))
    play(stage, "show_plane")
    [axis, _] = stage.board.plane.axis_lines
    assert found(stage, "technology", gesture="trace").thing is axis
    axis.scale(1.1)
    assert found(stage, "technology", gesture="trace").thing is axis
    axis.shift(frame.WIDTH * RIGHT)
    assert found(stage, "technology", gesture="trace").thing is not axis


def test_an_axis_is_found_by_its_name(plane: Stage) -> None:
    assert text_of(found(plane, "technology")) == "technology"
    way = found(plane, "technology", gesture="trace")
    assert way is not None
    x0, y0, x1, y1 = rect_of(way.thing)
    assert x1 - x0 > 3 > 100 * (y1 - y0)  # the axis across, not its name


def test_a_number_is_found_by_where_it_was_read_in_its_cell(table: Stage) -> None:
    said, own = found(table, "0.43", OWN), found(table, "", OWN, "indicate")
    assert said is not None
    assert (text_of(said), said.shape) == ("0.43", "box")
    assert text_of(own) == "0.43"
    assert text_of(found(table, "43%", OWN)) == "0.43"
    assert text_of(found(table, "0.71", NumberNamed("similarity", OWN.coords))) == "0.71"


def test_no_other_number_is_pointed_at_in_place_of_one_that_is_not_on_stage(table: Stage) -> None:
    assert found(table, "0.42", NumberNamed("normalised", OWN.coords)) is None
    assert found(table, "0.43", NumberNamed("weights", {"query": "apple", "key": "phone"})) is None
    assert found(table, "0.43", NumberNamed("weights", OWN.coords, "tech")) is None


def test_what_leads_to_a_word_is_its_way(plane: Stage) -> None:
    way = found(plane, "apple", gesture="trace")
    assert way is not None
    assert (way.words, way.shape) == (("apple",), "path")


def test_an_arc_is_found_by_its_two_words_in_either_order_and_by_its_weight(stage_of) -> None:
    from attnviz.stage import Arcs

    stage = stage_of()
    weights = {word: stage.number("weights", query="apple", key=word) for word in ("apple", "orange")}
    arcs = Arcs(stage, "apple", weights, [*weights])
    stage.add(arcs)
    sights = Sights(stage.mobjects, stage.title_written)
    apple, orange = Cue(0, 1, "apple", None, "trace"), Cue(0, 1, "orange", None, "trace")
    for pair in ((apple, orange), (orange, apple)):
        assert [spot.thing for spot in sights.between(*pair)] == [arcs.arcs["orange"]]
    weighed = Cue(0, 1, "", NumberNamed("weights", {"query": "apple", "key": "orange"}), "trace")
    assert [spot.thing for spot in sights.of(weighed)] == [arcs.arcs["orange"]]


def test_of_things_alike_the_one_near_what_moved_last_is_meant_or_else_the_largest(stage_of) -> None:
    stage = stage_of()
    small = stage.prose("apple", size=theme.NOTE, own=True).shift(5 * RIGHT)
    large = stage.prose("apple", size=theme.BIG, own=True).shift(-5 * RIGHT)
    stage.add(small, large)
    assert found(stage, "apple").thing is large
    stage.play(FadeIn(Dot().shift(5 * RIGHT)))
    assert found(stage, "apple").thing is small


def test_of_words_that_come_twice_a_mark_can_name_one(stage_of) -> None:
    stage = stage_of()

    class Named(VGroup):
        def pointable(self) -> Iterator[Spot]:
            yield from (Spot((token,), text, text=text) for token, text in zip(("an", "an#2"), self, strict=True))

    pair = Named(stage.prose("an", own=True), stage.prose("an", size=theme.BIG, own=True).shift(3 * RIGHT))
    stage.add(pair)
    assert found(stage, "an", gesture="indicate").thing is pair[1]
    assert found(stage, "an#2", gesture="indicate").thing is pair[1]
    pair[1].scale(0.3)
    assert found(stage, "an", gesture="indicate").thing is pair[0]
    assert found(stage, "an#2", gesture="indicate").thing is pair[1]


def test_what_cannot_be_seen_is_not_pointed_at(stage_of) -> None:
    stage = stage_of(title="apple")
    assert found(stage, "apple") is None  # nor is the title
    text = stage.prose("apple", own=True)
    stage.add(text)
    assert found(stage, "apple") is not None
    cover = Rectangle(width=3, height=2).set_fill(theme.GROUND, 1)
    stage.add(cover)
    assert found(stage, "apple") is None
    cover.set_z_index(-1)
    assert found(stage, "apple") is not None
    text.set_fill(opacity=0.1)
    assert found(stage, "apple") is None
    text.set_fill(opacity=1).shift(frame.WIDTH / 2 * RIGHT)
    assert found(stage, "apple") is None


# When ----------------------------------------------------------------------------------------------------------


def spoken_gaps(found: Sequence[Pointing], begins: float, ends: float) -> list[float]:
    bounds = [begins, *(time for each in found for time in (each.begins, each.ends)), ends]
    return [after - before for before, after in list(pairwise(bounds))[::2]]


def test_a_thing_is_pointed_at_as_its_word_is_spoken_and_not_too_often(plane: Stage) -> None:
    cues = words("apple orange apple orange apple orange apple orange")
    shown = pointings(cues, 0.0, 4.0, seen_on(plane))
    starts = [each.begins for each in shown if each.gesture == "indicate"]
    assert set(starts) <= {cue.begins for cue in cues}
    assert len(starts) == 2
    assert min(after - before for before, after in pairwise(starts)) >= EVERY


def test_while_anything_is_said_no_stillness_is_long(plane: Stage) -> None:
    cues = words("nobody knows what all of it could mean unless somebody says apple at some time soon after " * 2)
    ends = cues[-1].ends + 2.5
    shown = pointings(cues, 0.3, ends, seen_on(plane))
    assert {"sweep", "indicate"} <= {each.gesture for each in shown}
    gaps = spoken_gaps(shown, 0.3, cues[-1].ends)
    assert min(gaps) > -1e-9
    assert max(gaps) <= LONGEST
    assert shown[-1].ends <= cues[-1].ends + SHORTEST  # in the pause at the end of a shot nothing is


def test_what_a_mark_asks_for_is_done_whatever_is_said(plane: Stage) -> None:
    marks = [Cue(1.0, 2.2, "orange", None, "focus"), Cue(1.0, 2.2, "apple", None, "focus")]
    shown = pointings([*words("apple apple apple orange orange orange apple"), *marks], 0.0, 4.0, seen_on(plane))
    chosen = next(each for each in shown if each.gesture == "focus")
    assert (chosen.begins, chosen.ends) == (1.0, 2.2)
    assert sorted(spot.words for spot in chosen.spots) == [("apple",), ("orange",)]
    assert min(spoken_gaps(shown, 0.0, 4.0)) > -1e-9


def test_a_mark_is_late_rather_than_left_out_and_done_once(plane: Stage) -> None:
    mark = Cue(0.6, 3.0, "orange", None, "indicate")
    shown = pointings([mark], 1.0, 3.0, seen_on(plane))
    assert [(each.begins, each.ends) for each in shown] == [(1.0, 3.0)]
    assert pointings([mark], 1.0, 1.0 + LONGEST, seen_on(plane), [mark]) == []


@pytest.mark.parametrize(("since", "is_shown"), [(0.9, True), (0.5, False)])
def test_a_word_that_was_begun_just_before_all_stood_still_is_pointed_at(plane: Stage, since: float, is_shown) -> None:
    shown = pointings([Cue(since, 2.0, "orange")], 1.0, 2.5, seen_on(plane))
    assert [(each.begins, each.ends) for each in shown] == ([(1.0, 2.0)] if is_shown else [])


@pytest.mark.parametrize("begins", [5.55, 9.36, 9.7, 10.03])
def test_a_mark_at_the_end_is_drawn_in_the_pause(plane: Stage, begins: float) -> None:
    shown = pointings([Cue(begins, begins, "orange", None, "indicate")], begins, begins + 1.2, seen_on(plane))
    assert [each.ends - begins for each in shown] == [pytest.approx(SHORTEST)]


def test_numbers_come_before_words(table: Stage) -> None:
    cues = [Cue(0.0, 0.4, "apple"), Cue(0.6, 1.6, "0.43", OWN), Cue(2.0, 2.4, "orange")]
    shown = pointings(cues, 0.0, 3.0, seen_on(table))
    assert [text_of(each.spots[0]) for each in shown if each.gesture == "indicate"] == ["0.43"]


@pytest.mark.parametrize("seconds", [0.69, 0.2])
def test_in_a_short_rest_nothing_is_pointed_at(plane: Stage, seconds: float) -> None:
    assert pointings(words("apple"), 0.0, seconds, seen_on(plane)) == []


def test_without_cues_or_things_nothing_is_pointed_at(plane: Stage, stage_of) -> None:
    assert pointings([], 0.0, 9.0, seen_on(plane)) == []
    stage = stage_of()
    assert pointings(words("apple " * 20), 0.0, 8.0, Sights(stage.mobjects, stage.title_written)) == []


# How, and that nothing is left of it -----------------------------------------------------------------------------


@pytest.mark.parametrize("scene", ["plane", "table"])
@pytest.mark.parametrize("gesture", [*GESTURES, ""])
def test_a_gesture_leaves_the_stage_exactly_as_it_was(scene: str, gesture: str, request) -> None:
    stage: Stage = request.getfixturevalue(scene)
    now, plays, frames = stage.time - stage._began, stage.plays, stage.renderer.frames
    cues = words("we say a lot about the orange and more", since=now, each=0.5)
    cues += (
        [Cue(now + 0.5, now + 2, "apple", None, gesture), Cue(now + 0.5, now + 2, "", OWN, gesture)] if gesture else []
    )
    before, family = digest_of_stage(stage), stage.get_mobject_family_members()
    assert before is not None
    moved = []
    stage.renderer.watch = lambda scene: moved.append([part for m in scene.moving_mobjects for part in m.get_family()])
    stage.rest(5.03, cues)
    assert digest_of_stage(stage) == before
    assert stage.renderer.frames - frames == round(5.03 * 60)
    assert stage.plays == plays
    assert len(moved) >= 4
    assert not set(family).intersection(part for parts in moved for part in parts)  # only what is laid over it is drawn


def test_what_a_shot_leaves_does_not_depend_on_what_was_said_in_it(plane: Stage) -> None:
    asked: list[int] = []
    plane.end_shot()
    plane.begin_shot("silent")
    plane.rest(3.0)
    plane.end_shot()
    silent = digest_of_stage(plane)
    plane.begin_shot("spoken", before_play=asked.append)
    plane.rest(3.0, words("apple and orange apple"))
    plane.end_shot()
    assert plane.pointing_times
    assert digest_of_stage(plane) == silent is not None


def test_gestures_are_no_layout_faults_and_have_no_receipts(plane: Stage) -> None:
    now = plane.time - plane._began
    cues = [
        Cue(now + k, now + k + 1, word, None, gesture)
        for k, gesture in enumerate(GESTURES)
        for word in ("apple", "orange")
    ]
    with Watch(plane.renderer) as watch:
        plane.rest(4.0, cues)
    assert watch.faults == []
    receipts = plane.end_shot()
    assert all(receipt.end <= plane.time - plane._began + 1e-6 for receipt in receipts)
    assert not [way for receipt in receipts for way in receipt.ways if way.start >= now]


def test_a_silent_rest_is_one_still_picture_and_no_play(plane: Stage) -> None:
    plays, frames, count = plane.plays, plane.renderer.frames, plane.renderer.num_plays
    plane.rest(2.5)
    assert (plane.plays, plane.renderer.frames - frames, plane.renderer.num_plays - count) == (plays, 150, 1)
    plane.rest(0.0)
    assert plane.renderer.frames - frames == 150


def test_a_mark_is_drawn_while_its_word_is_spoken_and_is_gone_after_it(stage_of) -> None:
    stage = stage_of()
    text = stage.prose("apple", own=True)
    stage.add(text)
    stage.begin_shot("a shot")
    under = pixel(rect_of(text)[0] + frame.px(8), rect_of(text)[1] - frame.px(9))
    seen: dict[float, bool] = {}
    ground = picture(stage)[under]

    def look(scene: Stage) -> None:
        seen[round(stage.time + scene.last_t, 2)] = bool((picture(stage)[under] != ground).any())

    stage.renderer.watch = look
    stage.rest(3.0, [Cue(1.0, 2.0, "apple")])
    assert set(seen.values()) == {True}
    assert min(seen) >= 1.0
    assert max(seen) <= 2.0
    assert (picture(stage)[under] == ground).all()


def test_a_focus_dims_the_rest_to_a_third_and_leaves_its_target_as_it_is(stage_of) -> None:
    stage = stage_of()
    here, there = Rectangle(width=1, height=1), Rectangle(width=1, height=1).shift(4 * RIGHT)
    for box in (here, there):
        box.set_fill(theme.INK, 1)
    stage.add(here, there)
    veiled = gesture_of("focus", [Spot((), here, "box"), Spot((), here, "box")])
    stage.add(veiled.comes.mobject)
    pixels = picture(stage).mean(axis=2)
    ground, bright, dim = (float(pixels[pixel(x, 0)]) for x in (-4, 0, 4))
    assert (dim - ground) / (bright - ground) == pytest.approx(0.35, abs=0.02)  # 256 levels, two roundings
    assert bright == pytest.approx(picture_of(theme.INK), abs=1)


def picture_of(color: str) -> float:
    return float(np.mean([int(color[k : k + 2], 16) for k in (1, 3, 5)]))


def test_a_short_gesture_still_comes_and_goes(manim_set_up: None) -> None:
    gesture = gesture_of("indicate", [Spot((), Rectangle(), "box")])
    assert [frames for _, frames in gesture.phases(60)] == [33, 6, 21]
    assert [frames for _, frames in gesture.phases(3)] == [2, 0, 1]


def test_a_long_gesture_comes_at_once_and_breathes_until_it_goes(stage_of) -> None:
    gesture = gesture_of("indicate", [Spot((), Rectangle(), "box")])
    (_, promptly), (breath, long), (_, last) = gesture.phases(240)
    assert (promptly, last) == (round(PROMPT * config.frame_rate), round(LEAVING * config.frame_rate))
    assert promptly + long + last == 240
    [mark] = breath.mobject
    breath.run_time = long / config.frame_rate
    widths = []
    for alpha in np.linspace(0, 1, 101):
        breath.interpolate(alpha)
        widths.append(float(mark.get_stroke_width()))
    assert widths[0] == pytest.approx(STROKE) == pytest.approx(widths[-1])
    assert max(widths) == pytest.approx(STROKE * (1 + SWELL), rel=0.01)
    assert min(widths) >= STROKE - 1e-9


def test_a_sign_by_itself_and_a_count_are_not_swept_over(stage_of) -> None:
    stage = stage_of(title="7 names, such as head 1")
    stage.play(FadeIn(stage.formula("dot"), stage.prose("7", own=True), word := stage.prose("head 1", own=True)))
    assert [spot.thing for spot in seen_on(stage).recent[0]] == [word]


def test_writing_and_its_numbers_are_one_thing_in_a_sweep(stage_of) -> None:
    stage = stage_of()
    line = stage.formula("{a} + {a}", a=stage.number("weights", query="apple", key="orange"))
    stage.play(FadeIn(line))
    sights = Sights(stage.mobjects, stage.title_written, stage._latest_plays)
    assert [spot.thing for spot in sights.recent[0]] == [line]
    assert isinstance(line, Writing)
