from __future__ import annotations

import contextlib
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.storyboard.narration import Insert, Mark, Text, coordinates, formatted, parse
from attnviz.storyboard.reading import reading_seconds
from attnviz.storyboard.told import MarkAt, NumberAt, fill, told

WORDS = ("an", "apple", "orange")


def insert(text: str) -> Insert:
    (piece,) = parse(text)
    assert isinstance(piece, Insert)
    return piece


@pytest.mark.parametrize(
    ("text", "sentence", "array", "labels", "form"),
    [
        ("{norm}", None, "norm", (), None),
        ("{weights[apple, an#2]:percent}", None, "weights", ((None, "apple"), (None, "an#2")), "percent"),
        (
            "{tech.weights[query=apple, key=phone]:.2f}",
            "tech",
            "weights",
            (("query", "apple"), ("key", "phone")),
            ".2f",
        ),
        ("{ a . b [ x , y = z ] : .0f }", "a", "b", ((None, "x"), ("y", "z")), ".0f"),
        ('{b["1,000", "a=b]}"]}', None, "b", ((None, "1,000"), (None, "a=b]}")), None),
        ('{b["say ""hi""", """"]}', None, "b", ((None, 'say "hi"'), (None, '"')), None),
        ("{b[don't, 苹果, 🍎]}", None, "b", ((None, "don't"), (None, "苹果"), (None, "🍎")), None),
    ],
)
def test_inserts(text, sentence, array, labels, form):
    assert insert(text) == Insert(sentence, array, labels, form, text)


def test_braces_are_doubled():
    assert parse("a {{b}} c") == (Text("a {b} c"),)
    assert parse("{{{norm}}}") == (Text("{"), insert("{norm}"), Text("}"))
    assert parse("") == ()


def test_marks_are_not_said():
    pieces = parse('Orange [pull] gives [] {norm:.1f}, as in [[CLS]].[indicate: an apple, weights[apple, "a, b"]] So.')
    assert [piece for piece in pieces if isinstance(piece, Mark)] == [
        Mark("pull", (), "[pull]"),
        Mark(None, (), "[]"),
        Mark(
            "indicate",
            ("an apple", Insert(None, "weights", ((None, "apple"), (None, "a, b")), None, 'weights[apple, "a, b"]')),
            '[indicate: an apple, weights[apple, "a, b"]]',
        ),
    ]
    said = told(pieces, lambda insert: 0.5)
    assert said.text == "Orange gives 0.5, as in [CLS]. So."
    assert [(mark.at, said.text[mark.at :][:5]) for mark in said.marks] == [(7, "gives"), (13, "0.5, "), (30, " So.")]
    assert said.numbers == (NumberAt(Insert(None, "norm", (), ".1f", "{norm:.1f}"), 13, 16),)


def test_a_mark_before_the_first_word_and_after_the_last():
    said = told(parse("[chips] An apple. [hold]"), lambda insert: 0.0)
    assert said.text == "An apple. "
    assert said.marks == (MarkAt(Mark("chips", (), "[chips]"), 0), MarkAt(Mark("hold", (), "[hold]"), 10))


def test_all_bad_marks_are_told_at_once():
    with pytest.raises(ProblemsFound) as found:
        parse("[a b] and [indicate: ] and [indicate: a,, b] and ] and [")
    assert [problem.message for problem in found.value.problems] == [
        "'[a b]' is not a mark",
        "'[indicate: ]' is not a mark",
        "'[indicate: a,, b]' points at what cannot be read",
        "a ']' without its partner",
        "a '[' without its partner",
    ]


def test_all_bad_inserts_are_told_at_once():
    with pytest.raises(ProblemsFound) as found:
        parse("{} and {a:x} and {b[]} and {")
    assert [problem.message for problem in found.value.problems] == [
        "'{}' is not an insert",
        "'{a:x}': unknown format 'x'",
        "'{b[]}': a label cannot be read",
        "a '{' without its partner",
    ]


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("{weights[apple, orange]:percent}", "{weights[meaning, apple, orange]:percent}"),
        ("{one.weights[Orange, grammar]:.1f}", "{one.weights[grammar, Orange, an]:.1f}"),
        ("{weights}", '{weights[meaning, an, "1,000"]}'),
        ("{weights[key=apple, orange]}", "{weights[key=apple, meaning, orange]}"),
        ("{weights[meaning, apple, orange, an, an]}", "{weights[meaning, apple, orange]}"),
    ],
)
def test_an_insert_with_too_few_labels_is_answered_with_one_that_is_right(written, right):
    words = ("an", "1,000", "apple", "orange")
    dimensions = {"layer": ("1",), "head": ("meaning", "grammar"), "query": words, "key": words}
    with pytest.raises(ProblemsFound) as found:
        coordinates(insert(written), dimensions)
    assert found.value.problems[0].hint == f"write it like {right}"
    assert coordinates(insert(right), dimensions)


def test_coordinates_leave_out_what_has_one_label():
    dimensions = {"head": ["1"], "query": WORDS, "key": WORDS}
    expected = {"head": "1", "query": "apple", "key": "an"}
    for text in ("{w[apple, an]}", "{w[1, Apple, an]}", "{w[key=an, apple]}", "{w[head=1, key=an, query=apple]}"):
        assert coordinates(insert(text), dimensions) == expected
    assert coordinates(insert("{w[3, apple]}"), {"step": None, "token": WORDS}) == {"step": "3", "token": "apple"}
    assert coordinates(insert("{w}"), {}) == {}


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (0.427, "percent", "43%"),
        (0.427, None, "0.43"),
        (-0.001, None, "0.00"),
        (-1.5, ".1f", "−1.5"),
        (-0.001, "percent", "0%"),
        (math.nan, None, "undefined"),
        (-math.inf, None, "−infinity"),
    ],
)
def test_numbers_are_said_as_they_are_shown(value, form, text):
    assert formatted(value, form) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one two three", 3),
        ("wait — what?", 2),
        ("0.43", 4),
        ("43%", 3),
        ("−1.5", 4),
        ("120", 3),
        ("1000", 2),
        ("12", 1),
        ("0", 1),
        ("20171122123456789", 17),
        ("apple's", 1),
    ],
)
def test_reading_time_counts_what_is_spoken(text, words):
    assert reading_seconds(text, 60) == pytest.approx(words)


plain = st.text(st.characters(exclude_characters="{}[]", exclude_categories=["Cs"]), max_size=20)
names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
labels = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1, max_size=8)


@st.composite
def inserts(draw) -> Insert:
    sentence, array = draw(st.none() | names), draw(names)
    dimensions = draw(st.lists(names, max_size=3, unique=True))
    chosen = tuple((draw(st.sampled_from([None, each])), draw(labels)) for each in dimensions)
    form = draw(st.sampled_from([None, "percent", ".0f", ".6f"]))
    written = ", ".join((f"{name}=" if name else "") + f'"{label}"' for name, label in chosen)
    source = (
        f"{sentence}." * (sentence is not None)
        + array
        + f"[{written}]" * bool(chosen)
        + f":{form}" * (form is not None)
    )
    return Insert(sentence, array, chosen, form, "{" + source + "}")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(plain, inserts()), max_size=4), plain)
def test_what_is_written_is_what_is_read(pairs, end):
    written = "".join(text + piece.source for text, piece in pairs) + end
    pieces = parse(written)
    assert [piece for piece in pieces if isinstance(piece, Insert)] == [piece for _, piece in pairs]
    expected = "".join(text + "0.50" for text, _ in pairs) + end
    assert (
        fill([p if isinstance(p, Text) else Insert(None, p.array, (), None, "") for p in pieces], lambda _: 0.5)
        == expected
    )


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.text('{}[]:,=." ab1', max_size=40))
def test_any_text_is_read_or_is_a_problem(text):
    with contextlib.suppress(ProblemsFound):
        assert reading_seconds(fill(parse(text), lambda _: 1.0), 150) >= 0


@settings(max_examples=50, deadline=None)
@given(plain)
def test_escaped_text_comes_back(text):
    both = "{[" + text + "]}"
    doubled = re.sub(r"[{}\[\]]", r"\g<0>\g<0>", both)
    assert fill(parse(doubled), lambda _: 0.0) == both


def test_of_dimensions_with_one_entry_the_first_can_be_left_out():
    dimensions = {"layer": ("1",), "query": ("apple",), "key": ("apple",)}
    for text in ("{weights}", "{weights[apple]}", "{weights[apple, apple]}", "{weights[1, apple, apple]}"):
        assert coordinates(insert(text), dimensions) == {"layer": "1", "query": "apple", "key": "apple"}
    with pytest.raises(ProblemsFound, match="weights takes a label for"):
        coordinates(insert("{weights[apple]}"), dimensions | {"query": WORDS, "key": WORDS})
    with pytest.raises(ProblemsFound, match="weights takes a label for"):
        coordinates(insert("{weights[1, apple, apple, apple]}"), dimensions)
