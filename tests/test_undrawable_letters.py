"""Letters that cannot be drawn: all of them are told by `check`, with their lines, before anything is rendered."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import attention_table
import pytest
from fonts import tiny_font

from attnviz.input.fonts import BEYOND_LATIN, find_font, undrawable
from attnviz.input.problems import ProblemsFound
from attnviz.render.opening import open_storyboard
from attnviz.stage.glyphs import refuse_undrawable
from attnviz.storyboard.verbs import read_scene
from attnviz.testing import undrawn
from tests.lecture_folders import written

BOARD = """\
title: 一个词
model: zh
FONT
chapters:
  - title: 橙
    scenes:
      - scene: embedding_plane
        focus: 苹果
        words: [橙子, apple, 苹果]
        shots:
          - show_plane: left
            say: 词是平面上的点。
          - show_words: [苹果]
"""
MODEL = "kind: blackboard\naxes: [x, y]\nwords: {橙子: [0, 3], apple: [4, 0], 苹果: [2, 2]}\n"
APPLE = "the fonts cannot draw '苹' (U+82F9), '果' (U+679C)"


def complaints(folder: Path, font: str, storyboard: str = BOARD) -> list[str]:
    board = written(folder, {"s.yaml": storyboard.replace("FONT", font), "models/zh.yaml": MODEL})
    with pytest.raises(ProblemsFound) as found:
        open_storyboard(board)
    assert {problem.hint for problem in found.value.problems} == {
        "name a font that can: `font:` in the storyboard, a family (Noto Sans CJK SC) or a file"
    }
    return [f"{problem.line}: {problem.message}" for problem in found.value.problems]


def test_all_are_told_that_would_be_drawn(tmp_path: Path) -> None:
    assert complaints(tmp_path, "language: zh") == [
        "5: chapters.0.title: the fonts cannot draw '橙' (U+6A59)",
        f"8: chapters.0.scenes.0.focus: {APPLE}",
        "9: chapters.0.scenes.0.words.0: the fonts cannot draw '橙' (U+6A59), '子' (U+5B50)",
        f"9: chapters.0.scenes.0.words.2: {APPLE}",
        f"13: chapters.0.scenes.0.shots.1.show_words.0: {APPLE}",
    ]


def test_a_font_draws_what_it_has(tmp_path: Path) -> None:
    tiny_font(tmp_path / "tiny.ttf")
    told = complaints(tmp_path, "font: tiny.ttf")
    assert [line.split(": ")[0] for line in told] == ["8", "9", "13"]
    assert all(APPLE in line for line in told)


SENTENCES = """\
title: T
model: zh
chapters:
  - title: C
    scenes:
      - scene: SCENE
        sentences: {a: {text: 橙子 apple 苹果。, words: [apple]}, b: {text: 橙子 apple, words: [apple]}, c: 苹果 apple。}
        shots:
"""
A, B = (f"7: chapters.0.scenes.0.sentences.{name}: the fonts cannot draw '橙' (U+6A59), '子' (U+5B50)" for name in "ab")
ALL_OF_A = f"{A}, '苹' (U+82F9), '果' (U+679C), '。' (U+3002)"
WORDS_OF_C = f"7: chapters.0.scenes.0.sentences.c: {APPLE}"


@pytest.mark.parametrize(
    ("scene", "shots", "told"),
    [
        ("embedding_plane", "show_sentence:", [ALL_OF_A]),
        ("embedding_plane", "show_sentence: b", [B]),
        ("embedding_plane", "show_sentence: {sentence: b}", [B]),
        ("embedding_plane", "show_sentence:; show_sentence: b", [ALL_OF_A, B]),
        ("embedding_plane", "show_words: [apple]; show_pulls: apple", []),
        ("attention_table", "show_similarity:", []),
        ("attention_table", "show_similarity: c", [WORDS_OF_C]),
        ("attention_table", "show_similarity: b; change_board: c", [WORDS_OF_C]),
        ("attention_table", "show_sentence: b; show_sentence:; show_similarity:", [B]),
        ("attention_table", "show_sentence: c; show_similarity: c", [f"{WORDS_OF_C}, '。' (U+3002)"]),
        ("layer_drift", "drift: apple", [ALL_OF_A]),
        ("layer_drift", "show_words: [apple]", []),
    ],
)
def test_sentences_are_looked_at_where_they_are_written(
    scene: str, shots: str, told: list[str], tmp_path: Path
) -> None:
    storyboard = SENTENCES.replace("SCENE", scene) + "".join(f"          - {shot}\n" for shot in shots.split("; "))
    if told:
        assert complaints(tmp_path, "", storyboard) == told
    else:
        open_storyboard(written(tmp_path, {"s.yaml": storyboard, "models/zh.yaml": MODEL}))


def test_one_sentence_is_looked_at_too(tmp_path: Path) -> None:
    one = SENTENCES.replace("sentences: {a: {text: 橙子 apple 苹果。, words: [apple]}, b", "# {b")
    assert one != SENTENCES
    storyboard = one.replace("SCENE", "embedding_plane\n        sentence: 苹果") + "          - show_sentence:\n"
    assert complaints(tmp_path, "", storyboard) == [f"7: chapters.0.scenes.0.sentence: {APPLE}"]


def test_verbs_that_write_sentences_are_verbs() -> None:
    for path in Path(attention_table.__file__).parent.parent.iterdir():
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            source = read_scene(path if path.is_file() else path / "__init__.py")
            assert {*source.writes_sentence, *source.writes_words} <= set(source.verbs)


@pytest.mark.parametrize("first", [BEYOND_LATIN, 0x2000, 0x2400, 0x2A00, 0xE000, 0x1F300])
def test_what_passes_here_is_drawn_on_stage(first: int, tmp_path: Path) -> None:
    """Both look at what Typst draws, one by the names of its glyphs, the other by their outlines."""
    letters = [chr(code) for code in range(first, first + 60)]
    visible = [letter for letter in letters if unicodedata.category(letter)[0] not in "CMZ"]
    fonts = [find_font("tiny.ttf", tiny_font(tmp_path / "tiny.ttf").parent)]
    refused = []
    with undrawn(fonts):
        for letter in letters:
            try:
                refuse_undrawable(letter)
            except ProblemsFound:
                refused.append(letter)
    assert undrawable("".join(letters), fonts) == refused
    assert set(refused) <= set(visible)
