"""Captions of what is spoken: they come and go with the words, and can be read."""

import itertools
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.publish.captions import captions_of
from attnviz.publish.line_breaks import width
from attnviz.render.opening import open_storyboard
from attnviz.storyboard.told import fill
from attnviz.voice.speech import SpokenWord

STORYBOARDS = [Path(__file__).parents[2] / "storyboards" / f"{name}.yaml" for name in ("quickstart", "attention_math")]


def spoken(text, clause=0.2, sentence=0.5, pace=1.0, lead=0.3):
    """Speak a text at about 150 words a minute, with pauses: return its words, and when the last one ends."""
    now, words = lead, []
    for found in re.finditer(r"\S+", text):
        takes = pace * (0.1 + 0.055 * len(found[0]))
        words.append(SpokenWord(found.start(), found.end(), now, now + takes))
        now += takes + (sentence if found[0][-1] in ".!?" else clause if found[0][-1] in ",;:" else 0)
    return words, words[-1].ends


def shown(text, start=Fraction(10), rest=0.6, **how):
    words, ends = spoken(text, **how)
    end = start + Fraction(round((ends + rest) * 30), 30)
    return captions_of(text, start, end, "en", words), words, end


def test_a_caption_comes_with_its_first_word_and_goes_with_the_next_one():
    text = "Every word is a point in this plane. These two stand close, yet they are not the same at all."
    captions, words, _ = shown(text)
    assert [" ".join(caption.lines) for caption in captions] == [text[:36], text[37:]]
    second = next(word for word in words if word.start == 37)
    assert captions[0].start == pytest.approx(10 + words[0].begins, abs=0.001)
    assert captions[1].start == pytest.approx(10 + second.begins, abs=0.001)
    assert captions[0].end == captions[1].start  # half a second without a caption would be a flicker
    assert float(captions[1].end) == pytest.approx(10 + words[-1].ends + 0.6, abs=0.02)


def test_in_a_long_pause_nothing_is_shown():
    text = "This is the first thing to be said. This is the second one of them."
    captions, words, _ = shown(text, sentence=5)
    assert [" ".join(caption.lines) for caption in captions] == [text[:35], text[36:]]
    assert captions[0].end == pytest.approx(10 + words[7].ends + 0.6, abs=0.001)
    assert captions[1].start == pytest.approx(10 + words[8].begins, abs=0.001)


def test_short_sentences_are_shown_together_rather_than_flashed():
    captions, _, _ = shown("No. Yes. Look there. There it is: the word apple, between the fruits and the devices.")
    assert all(caption.end - caption.start >= 1 for caption in captions)
    assert captions[0].lines[0].startswith("No. Yes. Look there.")


def test_slow_speech_is_split_at_a_clause():
    text = "When it is slow, each clause has its own line, and stays."
    captions, _, _ = shown(text, pace=3, clause=1.0)
    assert all(1 <= caption.end - caption.start <= 7 for caption in captions)
    assert captions[0].lines == ("When it is slow,",)


def test_a_last_word_alone_is_shown_for_a_second():
    text = "So what is there on the board, and what do we see in the picture when all is said and done? Attention."
    captions, _, end = shown(text, rest=0.1, sentence=3)
    assert captions[-1].lines == ("Attention.",)
    assert captions[-1].end == pytest.approx(end, abs=0.001)
    assert captions[-1].end - captions[-1].start == 1


def test_a_number_that_is_spoken_in_many_words_takes_its_time():
    text = "It is 0.43 here."
    words = [
        SpokenWord(0, 2, 0, 0.2),
        SpokenWord(3, 5, 0.2, 0.4),
        SpokenWord(6, 10, 0.4, 2.4),
        SpokenWord(11, 16, 2.4, 3),
    ]
    [caption] = captions_of(text, Fraction(0), Fraction(4), "en", words)
    assert (caption.start, caption.end) == (0, Fraction(18, 5))


def test_signs_that_are_not_spoken_are_shown_with_the_words_beside_them():
    text = "— Apple — and orange —"
    words = [SpokenWord(2, 7, 1, 2), SpokenWord(10, 13, 3, 4), SpokenWord(14, 20, 4, 5)]
    [caption] = captions_of(text, Fraction(0), Fraction(9), "en", words)
    assert caption.lines == (text,)
    assert (caption.start, caption.end) == (1, Fraction(28, 5))


def test_where_words_are_not_parted_time_goes_on_evenly_within_a_clause():
    text = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。"
    words = [SpokenWord(0, 19, 0.0, 5.0), SpokenWord(19, len(text), 5.5, 11.0)]
    captions = captions_of(text, Fraction(0), Fraction(12), "zh", words)
    assert [caption.start for caption in captions if caption.lines[0].startswith("他们")] == [Fraction(11, 2)]
    assert all(1 <= caption.end - caption.start <= 7 for caption in captions)


def test_spaces_in_a_narration_do_not_shift_its_words():
    text = "  Every   word\n is a point.  And these \t two stand close to one another, as they are much alike. "
    captions, words, _ = shown(text)
    and_these = next(word for word in words if text[word.start : word.end] == "And")
    assert [c.start for c in captions if c.lines[0].startswith("And")] == [
        pytest.approx(10 + and_these.begins, abs=1e-3)
    ]


@pytest.mark.parametrize("path", STORYBOARDS, ids=lambda path: path.stem)
def test_the_captions_of_our_lectures_can_be_read(path):
    lasting = []
    for shot in open_storyboard(path).shots():
        text = fill(shot.narration, lambda insert: 0.43)
        if not text.strip():
            continue
        captions, words, end = shown(text)
        assert all(a.end <= b.start for a, b in itertools.pairwise(captions))
        assert captions[-1].end <= end + Fraction(1, 1000)
        lasting += [float(caption.end - caption.start) for caption in captions]
        spoken_for = words[-1].ends - words[0].begins
        assert all(1 <= caption.end - caption.start <= 7 for caption in captions) or spoken_for < 1
    assert lasting


WORDS = st.lists(
    st.sampled_from(["a", "apple,", "orange.", "—", "é漢字", "x" * 50, "0.43", "(so", "it)!", "…"]), min_size=1
)


@given(WORDS, st.lists(st.floats(0, 4), min_size=8, max_size=8), st.booleans())
def test_every_caption_fits_and_none_overlap_however_it_is_spoken(parts, pauses, sparse):
    text, now, words = "", 0.0, []
    for number, part in enumerate(parts):
        start = len(text) + (number > 0)
        text = f"{text} {part}" if number else part
        now += pauses[number % 8] / 2
        if not (sparse and number % 3 == 1) or not words:
            words.append(SpokenWord(start, start + len(part), now, now + pauses[-1 - number % 8]))
        now += pauses[-1 - number % 8]
    start, end = Fraction(3), Fraction(3) + Fraction(now + 0.6).limit_denominator(30)
    captions = captions_of(text, start, end, "en", words)
    assert all(1 <= len(caption.lines) <= 2 for caption in captions)
    assert all(width(line) <= 42 for caption in captions for line in caption.lines)
    assert all(a.end <= b.start for a, b in itertools.pairwise(captions))
    assert all(start <= c.start <= c.end <= end + Fraction(1, 1000) and c.end - c.start <= 7 for c in captions)
    assert "".join("".join(c.lines) for c in captions).replace(" ", "") == text.replace(" ", "")


def test_a_text_of_5000_words_is_cut_quickly():
    captions, _, _ = shown(" ".join(["word"] * 5000))
    assert all(1 <= caption.end - caption.start <= 7 for caption in captions)
    assert sum(len(" ".join(caption.lines).split()) for caption in captions) == 5000
