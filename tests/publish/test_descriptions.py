"""Descriptions: sentences made of templates, arguments and numbers on screen; texts for pictures; cues."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from attnviz.publish.captions import Caption
from attnviz.publish.descriptions import LONGEST_ALT, Description, alt_of, cues_of, described
from attnviz.publish.png_text import described as described_png
from attnviz.publish.seen_numbers import digits, word_of
from attnviz.storyboard.types import Shot

WORDS = ["orange", "an", "an#2", "apple"]
TRACE = xr.Dataset(
    {"embeddings": (("token", "d_model"), [[0.0, 3.0]] * 4)},
    coords={"token": WORDS, "query": WORDS, "key": WORDS, "d_model": ["technology", "fruitness"]},
    attrs={"sentence": "an orange. An apple", "model": "board", "head": "all"},
)


def number(text: str, array: str | None = "weights", *, end: float = 5.0, formula: str | None = None, **coords: str):
    value = float(text.strip("%° ").replace("inf", "0").replace("?", "0"))
    origin = {"array": array, "coords": coords, "formula": formula, "sentence": ""}
    return {"text": text, "value": value, "start": 0.0, "end": end, **origin}


def told(template: str, numbers: Any = (), verb: str = "show_words", **arguments: Any) -> tuple[tuple[str, ...], str]:
    """Return the sentences of a shot of 5 seconds, and the text for its still."""
    shot = Shot("a", verb, arguments, (), 0.0, 1, seen=template)
    return described(shot, {"fruit": TRACE}, "apple", numbers, 5.0)


def text(template: str, numbers: Any = (), **arguments: Any) -> str:
    return " ".join(told(template, numbers, **arguments)[0])


ROW = [
    number("0.43", query="apple", key="orange"),
    number("0.1", query="apple", key="an#2"),
    number("0.47", query="apple", key="apple"),
]
TABLE = [
    number("-1.5", "keys", token="apple", d_head="1"),
    number("2", "keys", token="apple", d_head="2"),
    number("0", "keys", token="orange", d_head="1"),
    number("3", "keys", token="orange", d_head="2"),
]


def test_arguments_stand_in_sentences() -> None:
    assert text("{words} come.", words=["an", "apple", "an#2"]) == "“an”, apple and the second “an” come."
    assert text("{word} comes.", word="apple") == "Apple comes."
    assert (
        text("There come {words}.", words=[f"w{n}" for n in range(9)])
        == "There come w0, w1, w2, w3, w4, w5 and others."
    )
    assert text("On it: {points}.", points=["this, and that", "more"]) == "On it: this, and that; more."
    assert text("The {parts} light up.", parts=["query_key_dot", "keys"]) == "The query key dot and keys light up."


def test_what_is_known_of_any_scene() -> None:
    template = "{sentence}: {across} to the right, {upwards} up, {focus} in {model}[, head {head}]."
    assert text(template) == "“an orange. An apple”: technology to the right, fruitness up, apple in board."


def test_a_switch_and_a_choice_leave_nothing_behind() -> None:
    template = "A plane[{if ticks}, numbered]. [{if by=angle}An angle.|A ruler.]"
    assert text(template, ticks=True, by="angle") == "A plane, numbered. An angle."
    assert text(template, ticks=False, by="distance") == "A plane. A ruler."


def test_numbers_are_those_on_screen_in_the_order_of_the_words() -> None:
    assert (
        text("It gives {weights[word, :]}.", ROW, word="apple")
        == "It gives orange 0.43, the second “an” 0.1 and apple 0.47."
    )
    assert text("It gives {values weights[word, :]}.", ROW, word="apple") == "It gives 0.43, 0.1 and 0.47."
    assert text("Most is {largest weights[:, :]}.", ROW) == "Most is 0.47 for apple."
    assert text("To {columns weights[:, :]}.", ROW) == "To orange, the second “an” and apple."
    assert text("Keys: {keys[:, :]}.", TABLE) == "Keys: orange 0, 3; apple −1.5, 2."
    assert text("Keys: {keys[words, :]}.", TABLE, words=["apple"]) == "Keys: apple −1.5, 2."
    assert text('An area of {"area"}.', [number("1", None, formula="area of a square")]) == "An area of 1."


def test_a_number_that_stays_goes_before_one_that_passes() -> None:
    passing = number("0.11", end=1.0, query="apple", key="orange")
    assert text("A {weights[word, other]}.", [passing, *ROW], word="apple", other="orange") == "A 0.43."
    sentences, alt = told("It comes. A {weights[word, other]}.", [passing], word="apple", other="orange")
    assert sentences == ("It comes.", "A 0.11.")
    assert alt == "It comes."  # in the end it is no longer there


@pytest.mark.parametrize(
    "missing", ["{toward}", "{weights[toward, :]}", "{scores[:, :]}", '{"area"}', "{rows keys[:, :]}"]
)
def test_a_sentence_in_which_something_is_missing_is_left_out(missing: str) -> None:
    assert (
        text(f"One comes. Here is {missing}, or not. Two[ and {missing}] come.", ROW, toward=None)
        == "One comes. Two come."
    )


def test_too_many_numbers_are_not_told() -> None:
    many = [number("0.25", query="apple", key=word) for word in WORDS] + ROW
    rows = [{**each, "coords": {**each["coords"], "query": word}} for each in many for word in WORDS]
    assert text("A [{weights[:, :]}|table].", rows) == "A table."


def test_a_verb_without_a_template_is_described_by_its_name() -> None:
    numbers = [*ROW, number("9", end=1.0, query="an", key="an")]
    assert told("", numbers, words=["orange", "apple"])[0] == (
        "Show words: orange and apple.",
        "On screen, of weights: 0.43 for apple and orange, 0.1 for apple and the second “an” and 0.47 for apple and apple.",
    )
    assert told("{toward} comes.", verb="wipe")[0] == ("Wipe.",)


def test_sentences_of_a_person_stay_in_one_piece() -> None:
    title = "Hello. <b>{world}</b> [x] \x00\n\x1b[0m"
    assert told("A title: {title}. More.", title=title)[0] == ("A title: Hello. <b>{world}</b> [x] [0m.", "More.")
    assert told("A title: {title}. More.", title="What?")[0] == ("A title: What?", "More.")


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=400), max_size=4))
def test_a_text_for_a_picture_is_short_and_begins_as_the_description(sentences: list[str]) -> None:
    alt = alt_of(sentences)
    assert len(alt) <= LONGEST_ALT
    whole, begun = ("".join(text.split()) for text in (" ".join(sentences), alt))
    assert whole.startswith(begun) or (begun[-1] == "…" and whole.startswith(begun[:-1].rstrip(",;:")))
    assert alt or not whole


def test_a_long_first_sentence_is_cut_between_words() -> None:
    alt = alt_of(["word " * 80])
    assert LONGEST_ALT - 6 < len(alt) <= LONGEST_ALT
    assert alt.endswith("word…")


def test_cues_begin_with_their_shot_and_follow_each_other_within_it() -> None:
    two = ("one two three four five six seven eight nine ten eleven.", "twelve.")
    long = Description("a/b/c", Fraction(10), Fraction(20), two, "")
    assert cues_of([long]) == [
        Caption(Fraction(10), Fraction(14), (two[0],)),  # eleven words at 165 a minute
        Caption(Fraction(14), Fraction(14364, 1000), (two[1],)),
    ]
    short = Description("a/b/d", Fraction(20), Fraction(22), two, "")
    first, second = cues_of([short])
    assert (first.start, second.end) == (20, 22)
    assert first.end == second.start


@pytest.mark.parametrize(
    ("shown", "said"),
    [("-0.5", "−0.5"), ("43 %", "43%"), ("-inf", "minus infinity"), ("?", "undefined"), ("14°", "14°")],
)
def test_numbers_as_they_are_read_aloud(shown: str, said: str) -> None:
    assert digits(shown) == said


def test_signs_and_words_that_come_again() -> None:
    assert [word_of(label) for label in (",", "an#3", "an#12", "[CLS]")] == [
        "“,”",
        "the third “an”",
        "“an” (no. 12)",
        "[CLS]",
    ]


def test_a_picture_says_what_is_on_it_and_keeps_its_pixels() -> None:
    file = BytesIO()
    Image.new("RGB", (3, 2), (1, 2, 3)).save(file, "PNG")
    with Image.open(BytesIO(described_png(file.getvalue(), "“an” gives −0.5"))) as image:
        assert image.text["Description"] == "“an” gives −0.5"
        assert image.tobytes() == bytes([1, 2, 3] * 6)
    assert described_png(file.getvalue(), "") == file.getvalue()
