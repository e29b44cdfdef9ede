"""Values in texts, narrations and claims: whatever a word is, it is read back as itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.clips.values import AbsentError, Value, in_claim, in_data, in_narration
from attnviz.storyboard.claim_grammar import Reference, parse_claim
from attnviz.storyboard.narration import Insert, Mark, Text, parse

VALUES = {"word": Value('say "hi", {x}]', "hi"), "layer": Value(2), "list": Value(["a", "b"])}


def test_a_value_is_itself_where_it_stands_alone_and_is_said_within_a_text() -> None:
    assert in_data("${layer}", VALUES) == 2
    assert in_data("${list}", VALUES) == ["a", "b"]
    assert in_data("${word}", VALUES) == 'say "hi", {x}]'
    assert in_data("“${word}” in layer ${layer}, for $5", VALUES) == "“hi” in layer 2, for $5"


def test_what_is_not_there_is_told() -> None:
    for write in (in_data, in_claim, in_narration):
        with pytest.raises(AbsentError, match="second"):
            write("a ${second}", VALUES)


# Labels are of what a tokenizer leaves: no white space, something to be seen
LABELS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=12)


@given(LABELS)
@settings(max_examples=100)
def test_any_label_is_read_back_from_a_narration_and_a_claim(label: str) -> None:
    values = {"word": Value(label)}
    before, insert, after = parse(in_narration("a${word}b {weights[${word}, x]:percent} c", values))
    assert (before, after) == (Text(f"a{label}b "), Text(" c"))
    assert isinstance(insert, Insert)
    assert insert.labels == ((None, label), (None, "x"))
    claim = parse_claim(in_claim("weights[${word}, key=${word}] > 0.5", values))
    assert isinstance(claim.sides[0], Reference)
    assert claim.sides[0].insert.labels == ((None, label), ("key", label))


@given(LABELS)
@settings(max_examples=100)
def test_any_label_is_read_back_from_a_mark(label: str) -> None:
    values = {"word": Value(label)}
    written = "[way] ${word} [indicate: ${word}, weights[${word}, key=${word}]] [[${word}]] []"
    way, said, pointed, after, following = parse(in_narration(written, values))
    assert (way, following) == (Mark("way", (), "[way]"), Mark(None, (), "[]"))
    assert (said, after) == (Text(f" {label} "), Text(f" [{label}] "))
    assert isinstance(pointed, Mark)
    word, weight = pointed.targets
    assert word == label
    assert isinstance(weight, Insert)
    assert weight.labels == ((None, label), ("key", label))


@given(st.text('{}[]"$a ', max_size=30))
@settings(max_examples=200)
def test_a_narration_without_names_stays_as_it_is(text: str) -> None:
    assert in_narration(text, VALUES) == text
