"""The title card, played without drawing and without a model."""

import pytest
from manim import Group
from title_card.paragraph import paragraph, split

from attnviz.input.problems import ProblemsFound
from attnviz.stage import frame, theme
from attnviz.stage.layout import FLOOR
from attnviz.stage.receipts import box_of
from attnviz.stage.typesetting import Writing
from attnviz.testing import open_stage, play

STEPS = ["Attention at a high level", "Its mathematics", "Transformer models"]


@pytest.fixture
def card():
    return open_stage("title_card")


def shot(scene, verb, **arguments):
    assert play(scene, verb, **arguments).receipts == ()
    texts = [m for m in scene.get_mobject_family_members() if isinstance(m, Writing)]
    for text in texts:
        x0, y0, x1, y1 = box_of(text)
        assert 0.02 < x0 < x1 < 0.98
        assert 0.02 < y0 < y1 < 0.98
        assert text.type_size >= theme.SMALLEST - 0.5
        assert y1 <= FLOOR
    return texts


def test_the_verbs_follow_one_another_on_one_stage(card):
    assert len(shot(card, "show_title", title="Attention in 2017", subtitle="A start", icons=["apple", "phone"])) == 3
    lines = [text.source for text in shot(card, "show_journey", steps=STEPS, here=STEPS[1])]
    assert all(step in " ".join(lines) for step in STEPS)
    assert len(shot(card, "show_points", points=["One thing", "Another thing"])) == 3


def test_long_text_is_wrapped_and_stays_readable(card):
    shot(card, "show_title", title="A very long title that cannot stand on one line at such a size")
    shot(card, "show_journey", steps=["Embeddings and positions"] * 5 + ["The end"], here="The end")


def test_a_text_is_split_into_lines_about_equally_long():
    assert split(["one", "two", "three", "four"], 2) == ["one two", "three four"]
    assert split(["a", "b"], 2) == ["a", "b"]
    assert paragraph("incomprehensibilities", width=0.5, lines=3) is None


def test_a_title_and_a_journey_fill_the_frame(card):
    for verb, arguments in (
        ("show_title", {"title": "The mathematics of attention", "subtitle": "a subtitle", "icons": ["apple"]}),
        ("show_journey", {"steps": STEPS, "here": STEPS[1]}),
    ):
        shot(card, verb, **arguments)
        group = Group(*[m for m in card.mobjects if m is not card._title])
        assert group.height > 0.55 * frame.CONTENT.height
        assert group.get_center()[1] == pytest.approx(frame.CONTENT.center[1], abs=0.3)


@pytest.mark.parametrize(
    ("verb", "arguments", "message"),
    [
        ("show_title", {"title": "T", "icons": ["unicorn"]}, "there is no drawing of 'unicorn'"),
        ("show_title", {"title": " "}, "there is no room for the text"),
        ("show_title", {"title": "x" * 200}, "there is no room for the text 'xxx"),
        ("show_journey", {"steps": STEPS, "here": "Elsewhere"}, "'Elsewhere' is not one of the steps"),
        ("show_journey", {"steps": STEPS[:1], "here": STEPS[0]}, "two to six stations"),
        ("show_points", {"points": []}, "one to six points"),
    ],
)
def test_refusals(card, verb, arguments, message):
    with pytest.raises(ProblemsFound, match=message):
        shot(card, verb, **arguments)
