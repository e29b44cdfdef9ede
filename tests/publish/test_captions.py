"""Captions: what fits, and when it is shown."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.publish.captions import Caption, captions_of, split_captions, srt, wrap


def test_short_narration_is_one_caption_for_the_whole_shot():
    [caption] = captions_of("Every word is a point.", Fraction(2), Fraction(5))
    assert (caption.start, caption.end, caption.lines) == (2, 5, ("Every word is a point.",))


def test_long_narration_is_split_at_sentences_and_timed_by_words():
    text = "Every word is a point in this plane. These two stand close, yet they are not the same at all."
    captions = captions_of(text, Fraction(0), Fraction(20))
    assert [" ".join(caption.lines) for caption in captions] == [
        "Every word is a point in this plane.",
        "These two stand close, yet they are not the same at all.",
    ]
    assert captions[0].end == captions[1].start == Fraction(8)
    assert captions[-1].end == 20


def test_a_clause_is_a_better_end_than_the_last_word_that_fits():
    text = "Apple and orange are both fruit so they attract each other, while phone is something else altogether"
    assert split_captions(text)[0].endswith("other,")


def test_two_lines_are_nearly_equally_long():
    assert wrap("These two stand close, yet they are not the same.") == [
        "These two stand close, yet",
        "they are not the same.",
    ]


def test_silence_has_no_captions():
    assert captions_of("  ", Fraction(0), Fraction(5)) == []


@given(st.text(alphabet=st.sampled_from("abcdefghi .,;:!—é漢 \n"), max_size=400), st.integers(1, 100))
def test_every_caption_fits_and_none_overlap(text, seconds):
    captions = captions_of(text, Fraction(3), Fraction(3 + seconds))
    assert all(1 <= len(caption.lines) <= 2 for caption in captions)
    assert all(len(line) <= 42 for caption in captions for line in caption.lines)
    assert all(a.end == b.start for a, b in itertools.pairwise(captions))
    assert "".join("".join(c.lines) for c in captions).replace(" ", "") == "".join(text.split())


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (Fraction(0), "00:00:00,000"),
        (Fraction(3723004, 1000), "01:02:03,004"),
        (Fraction(599999, 10000), "00:01:00,000"),
    ],
)
def test_subrip_times(seconds, written):
    [caption] = [Caption(seconds, seconds, ("a",))]
    assert srt([caption]) == f"1\n{written} --> {written}\na\n"
