"""The words of a grammar as tokens: which there can be, and the tokenizer that reads them again. Needs no torch."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from attnviz.model.signs import JOINER
from attnviz.model.tokenizer import Tokenizer

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer

MASK = "<mask>"
_NON_JOINER = "\u200c"


def word_tokenizer(words: Sequence[str]) -> Tokenizer:
    """Return a tokenizer whose tokens are these words and, last, the mask.

    Texts may have capitals, and letters with marks in either form; the words are in lower case and in NFC.
    """
    from tokenizers import Tokenizer as Inner
    from tokenizers import models

    inner = Inner(models.WordLevel({word: number for number, word in enumerate((*words, MASK))}))
    inner.normalizer, inner.pre_tokenizer = _reading(plain=all(word.isascii() for word in words))
    inner.add_special_tokens([MASK])
    return Tokenizer(inner)


def one_form(word: str) -> str:
    """Return a word in the form (NFC) in which it is kept."""
    return unicodedata.normalize("NFC", word)


def wrong_with(word: str) -> str | None:
    """Return what to do about a word, in NFC, that the trained model could not read again; None if it can."""
    split = sorted({letter for letter in word if not _is_of_words(letter)})
    if split or not word:
        signs = f" {' '.join(split)} stands between words:" if split else ""
        return f"a word has letters and digits only;{signs} write two words, or leave it out"
    normalizer, pre_tokenizer = _reading(plain=False)
    if (lower := normalizer.normalize_str(word)) != word:
        return f"write words in lower case, '{lower}': what a sentence says is read in lower case, too"
    read = [piece for piece, _ in pre_tokenizer.pre_tokenize_str(word)]
    return None if read == [word] else f"it would be read as {' '.join(read)}: write it in other letters"


@cache
def _reading(*, plain: bool) -> tuple[Normalizer, PreTokenizer]:
    """Return how texts are normalised and split; for `plain` words, in ASCII, lower case is enough."""
    from tokenizers import normalizers, pre_tokenizers

    steps = [normalizers.NFC(), normalizers.Lowercase(), normalizers.NFC()]  # small letters can come apart
    return steps[1] if plain else normalizers.Sequence(steps), pre_tokenizers.Whitespace()


def _is_of_words(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M") or letter in (JOINER, _NON_JOINER)
