"""How texts are written: from the left or from the right, with words parted or not, and with signs of punctuation."""

from __future__ import annotations

import unicodedata

_ISOLATES, _END_OF_ISOLATE = ("LRI", "RLI", "FSI"), "PDI"
_RIGHT_TO_LEFT = ("R", "AL")

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
KANA = {"HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}
SOUTH_EAST_ASIAN = {"THAI", "LAO", "KHMER", "MYANMAR"}
_PART_NO_WORDS = {"CJK", *KANA, *SOUTH_EAST_ASIAN}


def is_right_to_left(text: str) -> bool:
    """Tell whether a text is read from the right: its first strong character decides (UAX #9, rules P2 and P3).

    What is isolated from the text around it does not count; without a strong character it is read from the left.
    """
    depth = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in _ISOLATES:
            depth += 1
        elif kind == _END_OF_ISOLATE:
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("L", *_RIGHT_TO_LEFT):
            return kind in _RIGHT_TO_LEFT
    return False


def script_of(character: str) -> str:
    """Return the script of a letter by its Unicode name, such as LATIN, CJK or THAI; "" for what is no letter."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").split(" ")[0]


def parts_no_words(character: str) -> bool:
    """Tell whether a letter is of a script that is written without spaces between words."""
    return script_of(character) in _PART_NO_WORDS


def is_punctuation(character: str) -> bool:
    """Tell whether a character is a sign of punctuation (Unicode's general category P)."""
    return unicodedata.category(character).startswith("P")


def bare(word: str) -> str:
    """Return a word without the punctuation at both ends, as a blackboard model reads it."""
    kept = [index for index, letter in enumerate(word) if not is_punctuation(letter)]
    return word[kept[0] : kept[-1] + 1] if kept else ""
