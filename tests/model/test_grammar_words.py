"""Every sentence of an accepted grammar can be read again by the model that learns it; other grammars are refused."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.input.problems import ProblemsFound
from attnviz.model.tokenizer import Tokenizer
from attnviz.model.training.config import read_training
from attnviz.model.training.data import GrammarData
from attnviz.model.training.grammar_file import read_grammar
from attnviz.model.training.words import one_form, word_tokenizer, wrong_with

READABLE = [
    "анна", "äpfel", "a\u0308pfel", "ışık", "istanbul", "i\u0307stanbul", "straße", "οδος", "ａｐｐｌｅ", "हिन्दी", "ไทย",
    "苹果", "한국", "\u1112\u1161\u11ab", "می\u200cخواهم", "x2", "½", "ñandú",
]  # fmt: skip
IN_LOWER_CASE = {
    "Анна": "анна", "Äpfel": "äpfel", "A\u0308pfel": "äpfel", "Éclair": "éclair", "İstanbul": "i\u0307stanbul",
    "Ａpple": "ａpple", "ẞ": "ß", "ǅ": "ǆ", "Ⅷ": "ⅷ", "iPhone": "iphone",
}  # fmt: skip


def grammar_of(folder: Path, *words: str) -> Path:
    path = folder / "g.yaml"
    choices = " | ".join(words)
    path.write_text(f"kind: grammar\nstart: s\nrules:\n  s: the <w> and the <w>\n  w: {choices}\n", encoding="utf-8")
    return path


def numbers(tokenizer: Tokenizer, text: str) -> list[int]:
    return [piece.number for piece in tokenizer.pieces(text)]


def test_sentences_are_read_again_in_capitals_and_in_either_form_of_marks(tmp_path):
    grammar = read_grammar(grammar_of(tmp_path, *READABLE))
    data, source = GrammarData(grammar, 0), random.Random(0)
    for _ in range(100):
        words = grammar.draw(source)
        text, row = " ".join(word.text for word in words), data.row(words)
        for form in ("NFC", "NFD"):
            assert numbers(data.tokenizer, unicodedata.normalize(form, text)) == row
        assert numbers(data.tokenizer, text[0].upper() + text[1:]) == row
    assert numbers(data.tokenizer, "The ÑANDÚ") == [data.numbers["the"], data.numbers["ñandú"]]


@pytest.mark.parametrize("word", IN_LOWER_CASE)
def test_capitals_of_every_script_are_refused_with_what_to_write(tmp_path, word):
    with pytest.raises(ProblemsFound) as found:
        read_grammar(grammar_of(tmp_path, "apple", word))
    [problem] = found.value.problems
    assert (problem.file, problem.line) == (tmp_path / "g.yaml", 5)
    assert problem.message == f"{word!r} is not a word"
    assert f"write words in lower case, '{IN_LOWER_CASE[word]}'" in (problem.hint or "")
    read_grammar(grammar_of(tmp_path, "apple", IN_LOWER_CASE[word]))


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("don't", "' stands between words"),
        ("don’t", "’ stands between words"),
        ("well-known", "- stands between words"),
        ("a_b", "_ stands between words"),
        ("❤", "❤ stands between words"),
        ("½x", "it would be read as ½ x"),
        ("x²", "it would be read as x ²"),
    ],
)
def test_what_would_be_read_as_several_words_is_refused(tmp_path, word, hint):
    with pytest.raises(ProblemsFound, match=hint):
        read_grammar(grammar_of(tmp_path, "apple", word))


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Cf"]), min_size=1, max_size=6))
def test_any_word_is_read_again_or_refused(word):
    word = one_form(word)
    if wrong_with(word) is None:
        assert numbers(word_tokenizer(["the", word]), f"the {word} the") == [0, 1, 0]


def test_ambiguous_words_are_the_same_in_either_form(tmp_path):
    path = grammar_of(tmp_path, "ba\u0308r:animal", "bär:person")
    path.write_text(path.read_text(encoding="utf-8") + "ambiguous: [ba\u0308r]\n", encoding="utf-8")
    assert read_grammar(path).ambiguous == ("bär",)


def test_a_training_is_refused_before_anything_is_trained(tmp_path):
    grammar_of(tmp_path, "Анна", "apple")
    path = tmp_path / "t.yaml"
    path.write_text(
        "kind: training\ngrammar: g\nmodel: {architecture: decoder, context: 9, layers: 1, d_model: 8, heads: 2}\n"
    )
    with pytest.raises(ProblemsFound, match=r"g\.yaml:5: 'Анна' is not a word; write words in lower case, 'анна'"):
        read_training(path)
