"""The words of a sentence, also where its script parts none: Chinese, Japanese, Thai, Lao, Khmer, Burmese."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator

from uniseg.graphemecluster import grapheme_clusters  # type: ignore[import-untyped]

from attnviz.input.writing import bare, is_punctuation, parts_no_words


def folded(word: str) -> str:
    """Return a word as it is compared with others: normalised (NFC) and case-folded."""
    return unicodedata.normalize("NFC", word).casefold()


def written_words(text: str, tokens: Collection[str], longest: int) -> Iterator[str]:
    """Yield what is written between spaces; where words are not parted, the tokens in it and what is between them.

    `tokens` are folded. What is between them is in pieces of at most so many letters, as readers count them (UAX #29).
    """
    for word in text.split():
        if folded(word) in tokens or folded(bare(word)) in tokens or not any(map(parts_no_words, word)):
            yield word
        else:
            yield from _parts(list(grapheme_clusters(word)), tokens, longest)


def _parts(letters: list[str], tokens: Collection[str], longest: int) -> Iterator[str]:
    """Yield the tokens, longer ones first, and what is between; signs stay with what they close or open."""
    most = max((len(token) for token in tokens), default=0)
    part, is_token, place = "", False, 0
    while place < len(letters):
        ends = range(min(place + most, len(letters)), place, -1)
        end = next((end for end in ends if folded("".join(letters[place:end])) in tokens), None)
        sign = all(is_punctuation(each) and not _opens(each) for each in letters[place])
        full = is_token or len(list(grapheme_clusters(part))) >= longest
        if part and not sign and not all(map(_opens, part)) and (end is not None or full):
            whole = part.rstrip("".join(filter(_opens, part)))
            yield whole
            part = part.removeprefix(whole)
        part += "".join(letters[place : end or place + 1])
        is_token, place = end is not None or (sign and is_token), end or place + 1
    yield part


def _opens(letter: str) -> bool:
    return unicodedata.category(letter) in {"Ps", "Pi"}
