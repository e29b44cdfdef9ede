"""Captions: what fits, and when it is shown."""

import itertools
import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.publish.captions import Caption, captions_of, split_captions, srt, webvtt, wrap
from attnviz.publish.line_breaks import width
from attnviz.storyboard.reading import reading_seconds


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
    assert split_captions(text)[0][-1] == "other, "


def test_two_lines_are_nearly_equally_long():
    [parts] = split_captions("These two stand close, yet they are not the same.")
    assert wrap(parts) == [
        "These two stand close, yet",
        "they are not the same.",
    ]


def test_a_name_with_signs_is_not_broken():
    text = "RoBERTa puts <s> before a text and a </s> after it, state-of-the-art or not."
    assert [line for caption in captions_of(text, Fraction(0), Fraction(9)) for line in caption.lines] == [
        "RoBERTa puts <s> before a text and a",
        "</s> after it, state-of-the-art or not.",
    ]


def test_silence_has_no_captions():
    assert captions_of("  ", Fraction(0), Fraction(5)) == []


LETTERS = "abcdefghi .,;:!—é漢字かなカ、。กขาิ่ั가각\u0301\u200b👍🏽(«  \n"


@given(st.text(alphabet=st.sampled_from(LETTERS), max_size=400), st.integers(1, 100))
def test_every_caption_fits_and_none_overlap(text, seconds):
    captions = captions_of(text, Fraction(3), Fraction(3 + seconds))
    assert all(1 <= len(caption.lines) <= 2 for caption in captions)
    assert all(width(line) <= 42 for caption in captions for line in caption.lines)
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
def test_times_in_subrip_and_webvtt(seconds, written):
    captions = [Caption(seconds, seconds, ("a",))]
    assert srt(captions) == f"1\n{written} --> {written}\na\n"
    written = written.replace(",", ".")
    assert webvtt(captions) == f"WEBVTT\n\n{written} --> {written}\na\n"


RIGHTS = {  # Article 1 of the Universal Declaration of Human Rights
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
    "and should act towards one another in a spirit of brotherhood.",
    "zh": "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。",
    "ja": "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを"
    "授けられており、互いに同胞の精神をもって行動しなければならない。",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม และควรปฏิบัติต่อกันด้วยเจตนารมณ์แห่งภราดรภาพ",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았으며 "
    "서로 형제애의 정신으로 행동하여야 한다.",
}


@pytest.mark.parametrize("language", RIGHTS)
def test_the_same_takes_about_as_long_in_every_script(language):
    seconds, english = (reading_seconds(RIGHTS[each], 150) for each in (language, "en"))
    assert english == pytest.approx(12, abs=1)
    assert 0.6 * english < seconds < 1.7 * english  # languages say it in more or fewer words


@pytest.mark.parametrize("language", RIGHTS)
def test_lines_end_where_readers_expect_it(language):
    lines = [
        line for caption in captions_of(RIGHTS[language], Fraction(0), Fraction(12), language) for line in caption.lines
    ]
    assert len(lines) > 2
    for line in lines:
        assert 6 < width(line) <= 42
        assert unicodedata.category(line[0]) in {"Lu", "Ll", "Lo"}  # no punctuation, no sign of a letter before
    expected = {
        "zh": "人人生而自由，在尊严和权利上一律平等。",
        "ja": "尊厳と権利とについて平等である。",
        "th": "ด้วยเจตนารมณ์แห่งภราดรภาพ",
        "ko": "모든 인간은 태어날 때부터 자유로우며",
        "en": "another in a spirit of brotherhood.",
    }
    assert expected[language] in lines


def test_what_has_no_break_is_broken_between_what_readers_take_for_letters():
    lines = [line for caption in captions_of("ກໍ່" * 60, Fraction(0), Fraction(9)) for line in caption.lines]
    assert set("".join(lines).split("ກໍ່")) == {""}
    assert all(line.startswith("ກ") for line in lines)
