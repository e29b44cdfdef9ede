"""Sentences of scripts that part no words: the words that the model knows are chips of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from fonts import tiny_font
from hypothesis import given
from hypothesis import strategies as st
from uniseg.graphemecluster import grapheme_clusters

from attnviz.input.fonts import find_font
from attnviz.stage import theme
from attnviz.stage.unparted import written_words
from attnviz.stage.words import sentence_chips
from attnviz.testing import undrawn


@pytest.mark.parametrize(
    ("text", "tokens", "words"),
    [
        ("an apple, an orange", {"apple", "pp"}, ["an", "apple,", "an", "orange"]),
        ("我买了苹果，和橙子。", {"苹果", "果", "橙子"}, ["我买了", "苹果，", "和", "橙子。"]),
        ("「苹果」很好", {"苹果"}, ["「苹果」", "很好"]),
        ("我（买了）苹果（好）", {"苹果"}, ["我（买了）", "苹果", "（好）"]),
        ("我（苹果）好", {"苹果"}, ["我", "（苹果）", "好"]),
        ("りんごとApple", {"りんご", "apple"}, ["りんご", "と", "Apple"]),
        ("ฉันซื้อส้ม", {"ส้ม", "ซ"}, ["ฉันซื้อ", "ส้ม"]),
        ("我在市场买了很多水果", set(), ["我在市场买了很多", "水果"]),
        ("사과와 오렌지", {"사과"}, ["사과와", "오렌지"]),
    ],
)
def test_known_words_stand_alone(text: str, tokens: set[str], words: list[str]) -> None:
    assert list(written_words(text, tokens, 8)) == words


@given(st.text("我苹果ก็าé。a \u0301", max_size=30), st.sets(st.text("我苹果ก", min_size=1, max_size=3), max_size=4))
def test_nothing_is_lost_and_no_letter_is_cut(text: str, tokens: set[str]) -> None:
    words = list(written_words(text, tokens, 4))
    assert "".join(words) == "".join(text.split())
    assert all(words)
    whole = [cluster for word in text.split() for cluster in grapheme_clusters(word)]
    assert [cluster for word in words for cluster in grapheme_clusters(word)] == whole


def test_known_words_are_lit(tmp_path: Path) -> None:
    with undrawn([find_font("tiny.ttf", tiny_font(tmp_path / "tiny.ttf").parent)]):
        [row] = sentence_chips("橙橙子橙", {"橙子": theme.FOCUS}, width=9)
    assert [(chip.word, chip.text.get_color().to_hex().lower()) for chip in row] == [
        ("橙", theme.DIM),
        ("橙子", theme.FOCUS),
        ("橙", theme.DIM),
    ]


def test_of_a_word_that_comes_again_the_one_is_lit_that_is_meant() -> None:
    with undrawn():
        [row] = sentence_chips("an apple, an egg", {"an": theme.INK, "apple": theme.INK, "an#2": theme.FOCUS}, width=9)
    assert [(chip.word, chip.text.get_color().to_hex().lower()) for chip in row] == [
        ("an", theme.INK),
        ("apple,", theme.INK),
        ("an", theme.FOCUS),
        ("egg", theme.DIM),
    ]
