"""The linear map, played without drawing: what a viewer reads from the screen."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import yaml
from manim import Circle, ManimColor, RoundedRectangle

from attnviz.input.problems import ProblemsFound
from attnviz.model.blackboard.file import BlackboardSpec
from attnviz.model.blackboard.run import run
from attnviz.model.blackboard.tensors import Blackboard, load_blackboard
from attnviz.stage import frame, theme
from attnviz.stage.layout import strays
from attnviz.stage.maps.bend import Bend
from attnviz.stage.maps.bending import BendingPlane
from attnviz.stage.maps.grid import NARROW
from attnviz.stage.maps.rulers import CarriedAngle
from attnviz.stage.placement import overlap, rect_of, rects_along
from attnviz.stage.receipts import box_of
from attnviz.stage.typesetting import NumberMark, Writing
from attnviz.testing import open_stage, play, traces_of

ROOT = Path(__file__).parents[2]
APPLES = ["fruit-apple", "tech-apple"]
ODD = {
    "kind": "blackboard",
    "axes": ["left and right", "height", "third"],
    "words": {"un": [-1.5, 0.25, 2], "deux": [2, -1, 0], "extraordinarily-long-word": [0.5, 1.5, 1]},
    "similarity": "dot",
    "weights": "softmax",
    "maps": {
        "flip": [[1, 0.5], [1, -1]],
        "flat": [[1, 0.5], [2, 1]],
        "half a turn": [[-1, 0], [0, -1]],
        "nearly flat": [[1, 0.5], [2, 1.01]],
        "a quarter turn": [[0, 1], [-1, 0]],
    },
}


def stage(trace):
    return open_stage("linear_map", {"s": trace})


@pytest.fixture
def maps():
    model = load_blackboard(ROOT / "storyboards" / "models" / "three_maps.yaml")
    return stage(run(model, None, words=[*APPLES, "orange"]))


@pytest.fixture
def odd():
    model = Blackboard("odd", BlackboardSpec.model_validate(ODD))
    return stage(run(model, None, words=list(ODD["words"])))


def shot(scene, verb, **arguments):
    played = play(scene, verb, **arguments)
    assert not strays(scene.get_mobject_family_members())
    receipts = played.receipts
    for receipt in receipts:
        assert -1e-6 <= receipt.box[0] <= receipt.box[2] <= 1
        assert 0 <= receipt.box[1] <= receipt.box[3] <= 1
    return [(r.text, r.array or r.formula) for r in receipts]


def test_a_map_moves_basis_square_and_words(maps):
    shot(maps, "show_words", words=APPLES)
    assert ("1", "area of the unit square") in shot(maps, "show_basis")
    steps = shot(maps, "follow", word="tech-apple")
    assert ("2.86", "embeddings") in steps
    assert ("1.14", "embeddings") in steps
    shot(maps, "show_matrix", map="good")
    assert [mark.number.text for mark in maps.marks.values()] == ["2", "-1", "-1", "1"]
    assert [digits(arrow.label) for arrow in maps.landings] == [["2", "-1"], ["-1", "1"]]
    seen = shot(maps, "apply_map", map="good")
    assert {("1", "determinant"), ("4.58", "mapped"), ("-1.72", "mapped")} <= set(seen)
    np.testing.assert_allclose(maps.plane.words["tech-apple"].vector, [4.58, -1.72], atol=1e-6)
    np.testing.assert_allclose(maps.plane.words["tech-apple"].place, maps.plane.at([4.58, -1.72]), atol=1e-6)
    np.testing.assert_allclose(maps.basis[0].tip.points[0], maps.plane.at([2, -1]), atol=1e-6)


@pytest.mark.slow
def test_the_distance_is_measured_before_and_after_every_map(maps):
    shot(maps, "show_words", words=APPLES)
    assert shot(maps, "measure", first=APPLES[0], second=APPLES[1]) == [("2.15", "plane_distance")]
    for name, apart in (("good", "5.61"), ("bad", "0.96"), ("so-so", "2.38")):
        seen = shot(maps, "apply_map", map=name)
        assert seen[-1] == (apart, "mapped_distance")
        assert ("2.15", "plane_distance") in seen
    assert shot(maps, "undo_map")[-1] == ("2.15", "plane_distance")
    np.testing.assert_allclose(maps.plane.matrix, np.eye(2))


def digits(writing):
    return [m.number.text for m in writing.get_family() if isinstance(m, NumberMark)]


def standing(scene):
    """Return the numbers that stand on screen."""
    return [m.number for m in scene.get_mobject_family_members() if isinstance(m, NumberMark)]


def test_a_new_measurement_takes_the_place_of_the_former_one(maps):
    shot(maps, "show_words", words=[*APPLES, "orange"])
    shot(maps, "measure", first=APPLES[0], second=APPLES[1])
    shot(maps, "apply_map", map="bad")
    former = [number for number in standing(maps) if number.array == "plane_distance"]
    assert len(former) == 2  # beside the dashed line and in the panel
    shot(maps, "measure", first=APPLES[0], second="orange", by="angle")
    assert {number.array for number in standing(maps)} >= {"plane_angle", "mapped_angle"}
    assert "plane_distance" not in {number.array for number in standing(maps)}
    dashed = maps.before
    shot(maps, "undo_map")
    assert dashed not in maps.get_mobject_family_members()
    assert [number.array for number in standing(maps) if number.array != "maps"] == ["plane_angle"]


@pytest.mark.parametrize("map", [None, "good"])
def test_an_angle_is_drawn_with_its_arc(maps, map):
    shot(maps, "show_words", words=APPLES)
    shot(maps, "measure", first=APPLES[0], second=APPLES[1], by="angle")
    if map:
        shot(maps, "apply_map", map=map)
    angles = [m for m in maps.get_mobject_family_members() if isinstance(m, CarriedAngle)]
    assert len(angles) == 1 + (map is not None)  # the angle before the map stays, too
    (rule,) = (angle for angle in angles if not angle.past)
    corner = maps.plane.origin
    rays = [maps.plane.words[word].place - corner for word in APPLES]
    ends = [rule.arc.get_start() - corner, rule.arc.get_end() - corner]
    for ray, end in zip(rays, ends, strict=True):
        assert np.linalg.norm(end) > 0.4
        np.testing.assert_allclose(end / np.linalg.norm(end), ray / np.linalg.norm(ray), atol=1e-6)


def test_where_a_basis_vector_goes_is_written_clear_of_the_square(odd):
    shot(odd, "show_words", words=["deux"])
    shot(odd, "show_basis")
    shot(odd, "show_matrix", map="a quarter turn")
    edges = [
        rect
        for a, b in (((1, 0), (1, 1)), ((0, 1), (1, 1)))
        for rect in rects_along(odd.plane.at(a), odd.plane.at(b), 0.06)
    ]
    assert len(odd.landings) == 2
    for arrow in odd.landings:
        assert sum(overlap(rect_of(arrow.label), edge) for edge in edges) == 0


def test_maps_are_ranked_by_what_they_part(maps):
    seen = shot(maps, "compare_maps", first=APPLES[0], second=APPLES[1])
    assert {text for text, array in seen if array == "plane_distance"} == {"2.15"}
    assert [text for text, array in seen if array == "mapped_distance"] == ["0.96", "2.38", "5.61"]
    assert ("1", "determinant") in seen
    assert maps.beats.count("results") == 3  # one comes after the other, so that each can be said as it comes
    angles = shot(maps, "compare_maps", first=APPLES[0], second=APPLES[1], by="angle", maps=["good", "bad"])
    assert [text for text, array in angles if array == "mapped_angle"] == ["7°", "117°"]


@pytest.mark.slow
def test_nothing_leaves_the_plane(odd):
    shot(odd, "show_plane", ticks=True)
    shot(odd, "show_words", words=list(ODD["words"]))
    shot(odd, "show_basis")
    for name in ODD["maps"]:
        shot(odd, "apply_map", map=name)
        left, bottom, right, top = odd.plane.region
        for line in odd.plane.seen:
            assert left - 1e-6 <= line.get_left()[0] <= line.get_right()[0] <= right + 1e-6
            assert bottom - 1e-6 <= line.get_bottom()[1] <= line.get_top()[1] <= top + 1e-6
        for point in odd.plane.words.values():
            assert 0 <= box_of(point)[0] <= box_of(point)[2] <= 1


def test_determinants_that_turn_over_or_flatten(odd):
    shot(odd, "show_words", words=["un"])
    seen = shot(odd, "apply_map", map="flip")
    assert {("-1.5", "determinant"), ("1.5", "abs(determinant[flip])")} <= set(seen)
    seen = shot(odd, "apply_map", map="flat")
    assert {("0", "determinant"), ("0", "abs(determinant[flat])")} <= set(seen)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1.0, 0.2, 0.03])
@pytest.mark.parametrize("map", ["flip", "half a turn", "nearly flat"])
def test_lines_of_the_grid_keep_clear_of_each_other_and_reach_across_the_plane(odd, map, size):
    shot(odd, "show_words", words=["un"])
    matrix = size * odd._matrix(map)
    odd.play(Bend(odd.plane, matrix))
    left, bottom, right, top = odd.plane.region
    for along in (0, 1):
        lines = [m for m in odd.plane.seen if m.along == along and m.get_stroke_opacity() > 0]
        way = matrix[along] / np.linalg.norm(matrix[along])
        across = sorted(float(way @ [-m.get_start()[1], m.get_start()[0]]) for m in lines)
        gaps = np.diff(across)
        assert (gaps > NARROW).all()
        # No strip of lines in the middle of an empty plane
        corners = [float(way @ [-y, x]) for x in (left, right) for y in (bottom, top)]
        if map != "nearly flat":
            widest = max(gaps.max() if len(gaps) else 0.0, 8 * NARROW)
            assert across[0] - min(corners) < widest + 1.5
            assert max(corners) - across[-1] < widest + 1.5


def test_half_a_turn_does_not_fold_the_plane_flat(odd):
    from attnviz.stage.maps.matrix_path import matrix_path

    path = matrix_path(np.eye(2), -np.eye(2))
    assert min(abs(np.linalg.det(path(share))) for share in np.linspace(0, 1, 11)) > 0.99
    np.testing.assert_allclose(path(1), -np.eye(2), atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("before", "verb", "arguments", "message"),
    [
        ([], "undo_map", {}, "no map is applied"),
        ([], "follow", {"word": "orange"}, "'orange' is not on the plane yet"),
        ([("show_plane", {})], "show_plane", {}, "the plane is already there"),
        ([("show_basis", {})], "show_basis", {}, "the basis is already there"),
        ([("apply_map", {"map": "bad"})], "apply_map", {"map": "bad"}, "the map 'bad' is already applied"),
        ([("apply_map", {"map": "bad"})], "show_words", {"words": APPLES}, "a map is applied to the plane"),
        (
            [("show_plane", {"maps": ["so-so"]}), ("show_words", {"words": APPLES})],
            "apply_map",
            {"map": "good"},
            "the map 'good' takes words out of the plane",
        ),
        ([], "compare_maps", {"first": APPLES[0], "second": APPLES[1], "maps": ["bad"]}, "two, three or four maps"),
    ],
)
def test_refusals(maps, before, verb, arguments, message):
    for earlier, given in before:
        shot(maps, earlier, **given)
    with pytest.raises(ProblemsFound, match=message):
        shot(maps, verb, **arguments)


finish = Bend.finish


def lines_in(group, color):
    """Return the contrasts with a colour of a grid's lines that are in the window."""
    return {round(theme.contrast(line.get_stroke_color(), color), 2) for line in group if line.has_points()}


def test_the_bent_grid_stands_out_while_it_bends_and_the_straight_one_does_not(maps, monkeypatch):
    seen = []
    monkeypatch.setattr(
        Bend, "finish", lambda bend: (finish(bend), seen.append(lines_in(bend.plane.grid, theme.GROUND)))
    )
    shot(maps, "show_words", words=APPLES)
    assert max(lines_in(maps.plane.grid, theme.GROUND)) < 4.5
    shot(maps, "apply_map", map="good")
    assert min(seen[-1]) >= 4.5
    # Then it stands back, since what is on it is read; but it can still be told from the ground
    assert 1.5 < min(lines_in(maps.plane.grid, theme.GROUND)) <= max(lines_in(maps.plane.grid, theme.GROUND)) < 4.5
    assert max(lines_in(maps.plane.still, theme.GROUND)) < 1.5
    shot(maps, "undo_map")
    assert max(lines_in(maps.plane.grid, theme.GROUND)) < 4.5


def test_the_plane_takes_the_whole_frame_until_something_stands_beside_it(maps):
    shot(maps, "show_words", words=APPLES)
    shot(maps, "show_basis")
    shot(maps, "follow", word="tech-apple")
    assert maps.plane.region == frame.FULL
    large = maps.plane.unit
    played = play(maps, "show_matrix", map="good")
    assert played.faults == []
    assert maps.plane.region == frame.BENT_PLANE_ASIDE
    assert maps.plane.unit < large  # there is room for where the maps take the words
    assert rect_of(maps.panel["matrix"])[0] > maps.plane.region.right


def test_words_that_are_taken_off_need_no_room(maps):
    shot(maps, "show_plane", maps=["good"])
    shot(maps, "show_words", words=[*APPLES, "orange"])
    crowded = maps._wide().unit
    shot(maps, "hide_words", words=["orange"])
    assert maps._wide().unit > crowded
    assert [*maps.plane.words] == APPLES
    with pytest.raises(ProblemsFound, match="'orange' is not on the plane yet"):
        play(maps, "hide_words", words=["orange"])


def test_both_distances_stand_at_their_rulers(maps):
    shot(maps, "show_words", words=APPLES)
    shot(maps, "apply_map", map="good")
    shot(maps, "measure", first=APPLES[0], second=APPLES[1])
    past, now = maps.before[0], maps.rule
    assert [digits(ruler.label) for ruler in (past, now)] == [["2.15"], ["5.61"]]
    for ruler, shown in ((past, 2.15), (now, 5.61)):
        length = np.linalg.norm(ruler.bar.get_end() - ruler.bar.get_start()) / maps.plane.unit
        assert length == pytest.approx(shown, abs=0.0051)  # half of the last digit
        assert [anchor for _, anchor in ruler.owned()] == [ruler.bar]
    assert play(maps, "undo_map").faults == []


def test_labels_stay_with_what_they_belong_to_while_the_plane_bends(maps):
    shot(maps, "show_words", words=APPLES)
    shot(maps, "show_basis")
    shot(maps, "follow", word="tech-apple")
    bend = Bend(maps.plane, maps._matrix("good"), maps._wide())
    bend.begin()
    for share in (0.2, 0.5, 0.8):
        bend.interpolate(share)
        assert not strays(maps.get_mobject_family_members())


@pytest.mark.parametrize(("map", "text"), [("flip", "1.5"), ("flat", "0")])
def test_the_area_is_written_at_what_the_unit_square_has_become(odd, map, text):
    shot(odd, "show_words", words=["un"])
    shot(odd, "show_basis")
    assert digits(odd.square.label) == ["1"]
    shot(odd, "apply_map", map=map)
    assert digits(odd.square.label) == [text]
    said = {part.source for part in odd.panel["area"].get_family() if isinstance(part, Writing)}
    assert ("turned over" in said) == (map == "flip")


def test_two_kinds_of_a_thing_wear_its_icon_in_rings_of_their_colours(maps):
    shot(maps, "show_words", words=[*APPLES, "orange"])
    points = maps.plane.words
    assert all(point.has_icon for point in points.values())
    assert [points[word].ring_color for word in APPLES] == [maps.word_color(word) for word in APPLES]
    assert points["orange"].ring_color is None
    shot(maps, "apply_map", map="good")
    rings = [ring.get_center() for ring in maps.ghosts if isinstance(ring, Circle)]
    np.testing.assert_allclose(rings, [maps.plane.at(home) for home in maps.plane.homes.values()], atol=1e-6)


def test_small_planes_share_one_scale_and_the_best_is_framed_in_ink(maps):
    played = play(maps, "compare_maps", first=APPLES[0], second=APPLES[1])
    assert played.faults == []
    planes = [m for m in maps.get_mobject_family_members() if isinstance(m, BendingPlane)]
    assert len({plane.unit for plane in planes}) == 1
    windows = sorted(plane.region for plane in planes)
    assert [b.left - a.right for a, b in pairwise(windows)] == pytest.approx([frame.px(36)] * 2)
    (outline,) = (m for m in maps.mobjects if isinstance(m, RoundedRectangle) and m.get_stroke_width() > 0)
    assert outline.get_stroke_color() == ManimColor(theme.INK)
    np.testing.assert_allclose(outline.get_center()[:2], windows[-1].center, atol=1e-6)


def test_small_planes_tell_determinants_that_differ(odd):
    played = play(odd, "compare_maps", first="un", second="deux", maps=["flip", "a quarter turn", "flat"])
    wanted = [odd.number("determinant", style="short", map=name).text for name in ("flat", "flip", "a quarter turn")]
    assert sorted(played.texts("determinant")) == sorted(wanted) == ["-1.5", "0", "1"]


SENTENCES = {"fruit": {"words": ["orange", "apple"]}, "tech": {"words": ["phone", "apple"]}}


def attended(model, name, context):
    """Return where attention takes apple beside another word in the plane of a map, and its weight on that word."""
    x = np.array([model["words"][word] for word in (context, "apple")], dtype=float) @ np.array(model["maps"][name])
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    powers = np.exp(unit @ unit[1])
    weights = powers / powers.sum()
    return weights @ x, weights[0]


def test_attention_in_the_plane_of_each_map_parts_two_meanings():
    model = yaml.safe_load((ROOT / "storyboards" / "models" / "three_maps.yaml").read_text())
    scene = open_stage("linear_map", traces_of("three_maps", SENTENCES, ROOT / "storyboards"), focus="apple")
    seen = play(scene, "compare_attention", word="apple", first="fruit", second="tech")
    assert seen.faults == []
    found = {name: [attended(model, name, each) for each in ("orange", "phone")] for name in model["maps"]}
    apart = {name: np.linalg.norm(one - other) for name, ((one, _), (other, _)) in found.items()}
    texts = [each for each in seen.at_rest if str(each.formula).startswith("norm(mapped_attended")]
    assert [each.text for each in texts] == [f"{apart[name]:.2f}" for name in ("bad", "so-so", "good")]
    for receipt, name in zip(texts, ("bad", "so-so", "good"), strict=True):
        assert receipt.formula == (
            f"norm(mapped_attended[{name}, apple] of 'fruit' - mapped_attended[{name}, apple] of 'tech')"
        )
    shares = {
        (each.coords["map"], each.sentence, each.coords["key"]): each.text
        for each in seen.at_rest
        if each.array == "mapped_weights"
    }
    assert shares == {
        (name, sentence, word): f"{100 * share:.0f} %"
        for name, pair in found.items()
        for sentence, (_, weight), other in zip(SENTENCES, pair, ("orange", "phone"), strict=True)
        for word, share in ((other, weight), ("apple", 1 - weight))
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"word": "orange", "first": "fruit", "second": "tech"}, "the sentence 'tech' does not have the word 'orange'"),
        ({"word": "apple", "first": "alone", "second": "tech"}, "in the sentence 'alone' there is no word"),
        ({"word": "apple", "first": "fruit", "second": "tech", "maps": ["bad"]}, "two, three or four maps"),
    ],
)
def test_attention_that_cannot_be_compared_is_refused(arguments, message):
    sentences = SENTENCES | {"alone": {"words": ["apple"]}}
    scene = open_stage("linear_map", traces_of("three_maps", sentences, ROOT / "storyboards"))
    with pytest.raises(ProblemsFound, match=re.escape(message)):
        play(scene, "compare_attention", **arguments)
