"""Every shot of every storyboard that comes with the project, played without drawing: receipts, layout, figures."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from attnviz.publish.seen_numbers import digits
from attnviz.render.opening import open_storyboard
from attnviz.render.shots.claims import untrue
from attnviz.storyboard.find_scene import find_scene, scene_folders
from attnviz.storyboard.reading import reading_seconds
from attnviz.storyboard.verbs import read_scene
from attnviz.testing import RehearsedShot, rehearse
from tests.labels_on_screen import Labels, labels_watched
from tests.lecture_folders import claims_tried
from tests.own_colours import colours_watched

STORYBOARDS = sorted((Path(__file__).parent.parent / "storyboards").glob("*.yaml"))
OF_MANIM: dict[Path, set[tuple[str, str]]] = {}  # what was seen in colours that no theme has, by storyboard
LABELS: dict[Path, Labels] = {}  # the words beside the numbers, by storyboard
KEPT: dict[Path, Path] = {}  # the folder with a storyboard's traces, which are computed once
[FIRST] = [path for path in STORYBOARDS if path.stem == "attention_math"]


@pytest.fixture(autouse=True, scope="module")
def traces_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have folders for traces."""
    KEPT.update({path: tmp_path_factory.mktemp(path.stem) for path in STORYBOARDS})


@cache
def rehearsed(path: Path) -> tuple[RehearsedShot, ...]:
    """Play a storyboard once for all the tests below."""
    with colours_watched() as OF_MANIM[path], labels_watched() as LABELS[path]:
        return tuple(rehearse(open_storyboard(path), cache=KEPT[path]))


def needs_minilm(path: Path) -> bool:
    """Tell whether a storyboard has no other model to take instead, as in a list (`- name: minilm`)."""
    return re.search(r"^ *name: minilm", path.read_text(), re.MULTILINE) is not None


def chosen(*paths: Path):
    """Return storyboards for a test's first parameter, by which workers share out the tests (see conftest.py)."""
    published = {path: [pytest.mark.pretrained] if needs_minilm(path) else [] for path in paths}
    return [pytest.param(path, marks=[pytest.mark.slow, *published[path]], id=path.stem) for path in paths]


@pytest.fixture(params=chosen(*STORYBOARDS))
def lecture(request: pytest.FixtureRequest) -> tuple[RehearsedShot, ...]:
    if request.node.get_closest_marker("pretrained"):
        pytest.importorskip("transformers", reason="needs the extra `pretrained`")
    shots = rehearsed(request.param)
    assert sum(len(shot.receipts) for shot in shots) > 50
    return shots


@pytest.mark.parametrize("path", chosen(*STORYBOARDS))
def test_what_is_said_of_numbers_is_claimed_and_holds(path: Path) -> None:
    if needs_minilm(path):
        pytest.importorskip("transformers", reason="needs the extra `pretrained`")
    tried = claims_tried(open_storyboard(path), KEPT[path])
    assert len(tried) > 5
    assert untrue(tried, path) == []


@pytest.mark.slow
@pytest.mark.usefixtures("without_minilm")
@pytest.mark.parametrize("path", [path for path in STORYBOARDS if "- name: minilm" in path.read_text()])
def test_what_is_said_of_a_published_model_is_true_of_the_one_that_is_taken_without_it(
    path: Path, tmp_path: Path
) -> None:
    whole = open_storyboard(path)
    chapters = [replace(c, scenes=tuple(scene for scene in c.scenes if scene.choice)) for c in whole.chapters]
    storyboard = replace(whole, chapters=tuple(chapter for chapter in chapters if chapter.scenes))
    assert {scene.model for scene in storyboard.scenes()} == {"small-encoder"}
    tried = claims_tried(storyboard, tmp_path)
    assert len(tried) > 5
    assert untrue(tried, path) == []
    assert [f"{shot.name}: {fault}" for shot in rehearse(storyboard, cache=tmp_path) for fault in shot.faults] == []


def test_every_number_has_a_receipt_that_names_its_origin(lecture) -> None:
    for shot in lecture:
        for receipt in shot.receipts:
            assert receipt.array or receipt.formula, (shot.name, receipt)
            assert receipt.start <= receipt.end, (shot.name, receipt)


def test_every_shot_is_described_in_few_sentences_whose_numbers_are_on_screen(lecture) -> None:
    for shot in lecture:
        assert shot.seen, shot.name
        assert 1 < reading_seconds(" ".join(shot.seen), 165) < 17, (shot.name, shot.seen)
        assert 0 < len(shot.alt) <= 250
        shown = {digits(receipt.text) for receipt in shot.receipts}
        stays = {digits(receipt.text) for receipt in shot.receipts if receipt.end > (shot.frames - 2) / 60}
        for text, numbers in ((" ".join(shot.seen), shown), (shot.alt, stays)):
            told = re.sub(r"head [\w-]+ of layer \d+|“[^”]*”", "", text)  # names
            assert set(re.findall(r"−?\d+(?:\.\d+)?[%°]?", told)) <= numbers, (shot.name, text)


def test_the_shown_text_is_the_recorded_value(lecture) -> None:
    for shot in lecture:
        for receipt in shot.receipts:
            text = receipt.text.removesuffix("°")
            percent = text.endswith(" %")
            text = text.removesuffix(" %")
            if text == "?":
                assert math.isnan(receipt.value)
                continue
            if text == "-inf":  # what a mask hides
                assert receipt.value == -math.inf
                continue
            places = len(text.partition(".")[2])
            value = receipt.value * 100 if percent else receipt.value
            assert abs(float(text) - value) <= 0.50001 * 10**-places, (shot.name, receipt)


def test_nothing_is_cut_off_too_small_covered_or_far_from_its_anchor_at_rest_and_in_motion(lecture) -> None:
    found = [f"{shot.name}: {fault}" for shot in lecture for fault in shot.faults]
    assert found == []


def test_every_colour_is_the_themes(lecture, request) -> None:
    """What has none of its own is white, as Manim leaves it, and gone on paper."""
    assert lecture
    assert OF_MANIM[request.node.callspec.params["lecture"]] == set()


def test_the_words_beside_a_number_are_the_labels_of_its_receipt(lecture, request) -> None:
    """A table's heads, an arrow's name, the word of a bar: found from where they stand, after every play."""
    assert lecture
    path = request.node.callspec.params["lecture"]
    assert [*LABELS[path].wrong] == []
    if path == FIRST:
        assert all(LABELS[path].compared[kind] for kind in ("table", "arrow", "bar"))


def test_numbers_at_rest_stand_inside_the_frame(lecture) -> None:
    for shot in lecture:
        for receipt in shot.receipts:
            x0, y0, x1, y1 = receipt.box
            assert 0 < x0 < x1 < 1, (shot.name, receipt)
            assert 0 < y0 < y1 < 1, (shot.name, receipt)


def test_plays_are_named_as_their_verbs_list_them_in_this_order(lecture) -> None:
    for shot in lecture:
        listed = read_scene(find_scene(shot.scene, scene_folders(STORYBOARDS[0]))).verbs[shot.verb].plays
        named = [*dict.fromkeys(filter(None, shot.beats))]
        assert named == [name for name in listed if name in named], shot.name


def test_every_shot_says_something_and_lasts(lecture) -> None:
    for shot in lecture:
        assert shot.narration, shot.name
        assert 1 <= shot.frames / 60 <= 40, shot.name


FIGURES = [  # chapter, array, its labels, the text on screen
    ("similarity", "dot", "cherry orange", "12"),
    ("similarity", "dot", "cherry phone", "3"),
    ("similarity", "dot", "orange phone", "0"),
    ("similarity", "angle", "cherry orange", "14°"),
    ("similarity", "angle", "cherry phone", "76°"),
    ("similarity", "angle", "orange phone", "90°"),
    ("similarity", "cosine", "cherry orange", "0.97"),
    ("similarity", "cosine", "cherry phone", "0.24"),
    ("similarity", "cosine", "orange phone", "0"),
    ("similarity", "scaled_dot", "cherry orange", "8.49"),
    ("similarity", "scaled_dot", "cherry phone", "2.12"),
    ("similarity", "scaled_dot", "orange phone", "0"),
    ("attention", "similarity", "orange apple", "0.71"),
    ("attention", "similarity", "and an", "1.00"),
    ("attention", "similarity", "orange and", "0.00"),
    ("attention", "normalised", "apple apple", "0.58"),
    ("attention", "normalised", "apple orange", "0.42"),
    ("attention", "normalised", "orange motorcycle", "?"),
    ("attention", "similarity_sum", "orange", "0.00"),
    ("attention", "softmax", "orange orange", "0.88"),
    ("attention", "softmax", "orange motorcycle", "0.12"),
    ("attention", "softmax", "apple apple", "0.57"),
    ("attention", "softmax", "apple orange", "0.43"),
    ("attention", "softmax", "orange orange", "0.40"),
    ("attention", "softmax", "orange apple", "0.30"),
    ("attention", "softmax", "orange and", "0.15"),
    ("attention", "softmax", "orange an", "0.15"),
    ("attention", "weights", "apple orange", "43 %"),
    ("attention", "weights", "apple phone", "43 %"),
    ("attention", "output", "apple technology", "1.14"),
    ("attention", "output", "apple fruitness", "2.43"),
    ("attention", "output", "apple technology", "2.86"),
    ("attention", "output", "apple fruitness", "1.14"),
    ("keys-and-queries", "determinant", "good", "1"),
    ("keys-and-queries", "plane_distance", "fruit-apple tech-apple", "2.15"),
    ("keys-and-queries", "mapped_distance", "so-so fruit-apple tech-apple", "2.38"),
    ("keys-and-queries", "mapped_distance", "bad fruit-apple tech-apple", "0.96"),
    ("keys-and-queries", "mapped_distance", "good fruit-apple tech-apple", "5.61"),
    ("keys-and-queries", "queries", "good apple 1", "1"),
    ("keys-and-queries", "queries", "good apple 2", "0"),
    ("keys-and-queries", "query_key_dot", "good apple phone", "4"),
    ("keys-and-queries", "query_key_dot", "good apple orange", "-1.5"),
    ("keys-and-queries", "bilinear", "good technology technology", "1.25"),
    ("keys-and-queries", "bilinear", "good technology fruitness", "-0.75"),
    ("the-values-matrix", "weights", "attention apple orange", "0.30"),
    ("the-values-matrix", "weights", "attention apple apple", "0.40"),
    ("the-values-matrix", "weights", "attention apple and", "0.15"),
    ("the-values-matrix", "weights", "attention apple an", "0.15"),
    ("the-values-matrix", "head_outputs", "attention apple 1", "1.97"),
    ("the-values-matrix", "head_outputs", "attention apple 2", "0.42"),
    ("self-attention-and-multi-head-attention", "weights", "good apple phone", "0.88"),
    ("self-attention-and-multi-head-attention", "head_outputs", "good apple 1", "3.72"),
    ("self-attention-and-multi-head-attention", "output", "apple technology", "5.19"),
    ("self-attention-and-multi-head-attention", "output", "apple fruitness", "1.33"),
    ("self-attention-and-multi-head-attention", "contribution_norm", "good apple", "4.47"),
    ("self-attention-and-multi-head-attention", "contribution_norm", "so-so apple", "0.99"),
    ("self-attention-and-multi-head-attention", "contribution_norm", "bad apple", "0.26"),
]


@pytest.fixture(scope="module")
def shown() -> set[tuple[str, str, str, str]]:
    """Chapter, array, labels and text of every number that the first lecture shows."""
    shots = rehearsed(FIRST)
    return {
        (shot.name.split("/")[0], str(receipt.array), " ".join(receipt.coords.values()), receipt.text)
        for shot in shots
        for receipt in shot.receipts
    }


@pytest.mark.parametrize("figure", FIGURES, ids=" ".join)
@pytest.mark.parametrize("path", chosen(FIRST))
def test_the_figures_of_the_first_lecture_come_out(path: Path, figure: tuple[str, str, str, str], shown) -> None:
    assert figure in shown


@pytest.mark.parametrize("path", chosen(FIRST))
def test_chapters_and_narration_tell_the_first_lecture(path: Path) -> None:
    shots = rehearsed(path)
    chapters = list(dict.fromkeys(shot.chapter for shot in shots))
    assert chapters == [
        "Introduction",
        "Embeddings and context",
        "Similarity",
        "Attention",
        "Keys and queries",
        "The values matrix",
        "Self-attention and multi-head attention",
        "Conclusion",
    ]
    told = " ".join(shot.narration for shot in shots)
    assert "{" not in told
    assert "NaN" not in told


@pytest.mark.parametrize("path", chosen(*STORYBOARDS))
def test_vectors_have_norms_and_no_lecture_says_what_its_lecturer_has_withdrawn(path: Path) -> None:
    told = " ".join(shot.narration.lower() for shot in rehearsed(path))
    assert not re.search(r"\blengths?\b|(high|low)[- ]level", told)
