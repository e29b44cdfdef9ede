"""What is one sign for a reader is one word, and every token has a name that can be seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer as Inner
from tokenizers import decoders, models, normalizers, pre_tokenizers, trainers

from attnviz.model.signs import goes_on, named
from attnviz.model.tokenizer import Piece, Tokenizer
from attnviz.model.tokens import tokenise
from attnviz.model.training.data import learnt_tokenizer, read_text

HEART, STYLE = "\u2764", "\ufe0f"
TEXT = [HEART, f"{STYLE} tea", "\u200d", "1 one", "\u20e3", "e", "\u0308 l"]


@pytest.fixture(scope="module")
def cutting() -> Tokenizer:
    """A byte-level tokenizer that cuts between an emoji and what varies it, as GPT-2's does."""
    inner = Inner(models.BPE())
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, show_progress=False, initial_alphabet=letters)
    inner.train_from_iterator(TEXT * 20, trainer)
    return Tokenizer(inner)


def labels(pieces: list[Piece]) -> list[str]:
    return [piece.label for piece in pieces]


def words(pieces: list[Piece]) -> list[str]:
    return list(dict.fromkeys(piece.word for piece in pieces))


def test_a_variation_selector_is_joined_to_its_emoji_and_can_be_seen(cutting):
    pieces = cutting.pieces(f"tea {HEART}{STYLE} tea")
    assert labels(pieces)[-3:-1] == [f"-{HEART}-", r"-\ufe0f"]
    assert {piece.word for piece in pieces[-3:-1]} == {f"{HEART}{STYLE}"}
    assert r"\ufe0f" in cutting.vocabulary


@pytest.mark.parametrize(
    "sign",
    [
        f"{HEART}{STYLE}",
        f"1{STYLE}\u20e3",
        "\U0001f469\u200d\U0001f52c",
        "\U0001f44d\U0001f3fd",
        "\U0001f1e9\U0001f1ea",
        "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "\U0001f937\U0001f3fd\u200d\u2640\ufe0f",
        "noe\u0308l",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "हिन्दी",
    ],
    ids=ascii,
)
def test_a_sign_is_one_word_whatever_a_tokenizer_cuts(cutting, sign):
    pieces = cutting.pieces(f"tea {sign} tea")
    assert words(pieces) == ["tea", sign]
    assert all(label.strip("-") and label.isprintable() for label in labels(pieces))


def test_words_that_only_stand_side_by_side_are_not_joined(cutting):
    assert words(cutting.pieces("one1one one-one")) == ["one1one", "one", "-"]
    flags = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7"
    assert [goes_on(flags, place) for place in range(4)] == [False, True, False, True]
    assert not goes_on("a b", 2)
    assert not goes_on("a", 5)


def test_what_a_normalizer_drops_belongs_to_the_word():
    inner = Inner(models.WordLevel({"tea": 0, HEART: 1}))
    inner.normalizer, inner.pre_tokenizer = normalizers.Replace(STYLE, ""), pre_tokenizers.WhitespaceSplit()
    assert words(Tokenizer(inner).pieces(f"{HEART}{STYLE} tea")) == [f"{HEART}{STYLE}", "tea"]


@pytest.mark.parametrize("unseen", ["\ufe0f", "\ufe0e", "\U000e0100", "\u034f", "\u3164"], ids=ascii)
def test_what_cannot_be_seen_gets_a_name_that_can(unseen):
    assert named(unseen) == ascii(unseen)[1:-1]
    assert named(f"a{unseen}") == f"a{unseen}"


@pytest.mark.parametrize("written", [HEART, f"{HEART}{STYLE}", f"{HEART}\ufe0e"], ids=ascii)
def test_on_a_blackboard_an_emoji_is_the_same_in_every_style(written):
    assert tokenise([f"{HEART}{STYLE}", "tea"], f"tea {written}")[1].word == f"{HEART}{STYLE}"


def test_byte_order_marks_are_no_part_of_a_text_to_learn_from(tmp_path: Path):
    path = tmp_path / "text.txt"
    path.write_bytes("\ufeffone line\r\n\ufeffanother\n".encode())
    assert read_text(path) == ["one line\n", "another\n"]
    assert learnt_tokenizer(read_text(path) * 20, 300).pieces("one")[0].label == "one"
