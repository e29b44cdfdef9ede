"""How long it takes to say a text, in any script: counted in English words that take as long.

How many characters of a script take as long as a word of English follows from reading aloud the same texts in 17
languages: Trauzettel-Klosinski and Dietz, "Standardized assessment of reading performance: the New International
Reading Speed Texts IReST", Invest. Ophthalmol. Vis. Sci. 53 (2012), 5452-5461.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from attnviz.input.writing import KANA, SOUTH_EAST_ASIAN, script_of

ENGLISH_WORDS = 228  # a minute
LETTERS_A_WORD = 987 / ENGLISH_WORDS  # of English; scripts of South East Asia, whose words are not parted, likewise
CHINESE_A_WORD = 255 / ENGLISH_WORDS
JAPANESE_A_WORD = 357 / ENGLISH_WORDS

_NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?")


_CLOSING = "'\"’”»)』」）】》"
_SENTENCE_END = re.compile(rf"[.!?…。！？｡؟۔।][{_CLOSING}]*$")
_CLAUSE_END = re.compile(rf"[.!?…:;,–—。！？｡：；，、؟۔؛،।][{_CLOSING}]*$")


@dataclass(frozen=True)
class SpokenWord:
    """A word of a text, from character `start` up to `end`, and when it is heard: seconds since the text began."""

    start: int
    end: int
    begins: float
    ends: float


def read_aloud(text: str, words_per_minute: float) -> tuple[SpokenWord, ...]:
    """Return when each word of a text is read, at a speed in English words."""
    words, now = list[SpokenWord](), 0.0
    for found in re.finditer(r"\S+", text):
        ends = now + reading_seconds(found[0], words_per_minute)
        words.append(SpokenWord(found.start(), found.end(), now, ends))
        now = ends
    return tuple(words)


def ends_clause(text: str) -> bool:
    """Tell whether a clause, or a sentence, ends with a text, by its last punctuation."""
    return _CLAUSE_END.search(text) is not None


def ends_sentence(text: str) -> bool:
    """Tell whether a sentence ends with a text, by its last punctuation."""
    return _SENTENCE_END.search(text) is not None


def reading_seconds(text: str, words_per_minute: float) -> float:
    """Return how many seconds it takes to say a text, at a speed in English words."""
    return 60 * spoken_words(text) / words_per_minute


@lru_cache(maxsize=1024)  # of a lecture's shots, each is asked for more than once in a run
def spoken_words(text: str) -> float:
    """Return how many words of English take as long to say as a text."""
    characters_a_word = JAPANESE_A_WORD if any(script_of(each) in KANA for each in text) else CHINESE_A_WORD
    return sum(_spoken_words(word, characters_a_word) for word in text.split())


def _spoken_words(word: str, characters_a_word: float) -> float:
    """Count the words spoken for one written word: 0.43 is "zero point four three", 43% is "forty three percent"."""
    spoken = 0
    for number in _NUMBER.findall(word):
        whole, _, fraction = number.lstrip("-−").partition(".")
        spoken += _spoken_integer(whole) + (1 + len(fraction) if fraction else 0) + (number[0] in "-−")
    scripts = Counter(map(script_of, word))
    scripts.pop("", None)
    ideographs = sum(scripts.pop(name, 0) for name in ("CJK", *KANA))
    unparted = sum(scripts.pop(name, 0) for name in SOUTH_EAST_ASIAN)
    letters = scripts.total()
    # Languages that build long compounds say several words as one.
    parted = 1 + letters // 15 if letters else 0
    return spoken + word.count("%") + parted + ideographs / characters_a_word + unparted / LETTERS_A_WORD


def _spoken_integer(digits: str) -> int:
    """Count the words spoken for a whole number, as in "one hundred twenty three"; very long ones are read by digit."""
    if len(digits) > 9 or (len(digits) > 1 and digits[0] == "0"):
        return len(digits)
    value, words = int(digits), 0
    for scale in (1_000_000, 1_000, 1):
        group, value = divmod(value, scale)
        hundreds, rest = divmod(group, 100)
        words += 2 * (hundreds > 0) + (rest > 0) + (rest > 20 and rest % 10 > 0) + (group > 0 and scale > 1)
    return words or 1
