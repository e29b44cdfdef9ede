"""Which characters of a text are one sign for a reader: an emoji and what varies it, a letter and its marks.

A part of Unicode's rules for grapheme clusters and words (UAX #29, rules GB9 to GB13 and WB4), as far as tokenizers cut
where a reader sees no cut.
"""

from __future__ import annotations

import unicodedata

JOINER = "\u200d"
_TEXT_STYLE, _EMOJI_STYLE = "\ufe0e", "\ufe0f"
# Printable by their category, yet nothing is seen of them: joiners of graphemes, fillers, an empty pattern of Braille.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")


def goes_on(text: str, place: int) -> bool:
    """Say whether the character at a place belongs to the sign or the word before it, whatever a tokenizer says.

    Marks, variation selectors, skin tones and tags do; so do what a joiner joins, the second letter of a flag, and a
    letter after a letter with marks.
    """
    if not 0 < place < len(text) or text[place - 1].isspace():
        return False
    letter, before = text[place], text[place - 1]
    if extends(letter):
        return True
    if before == JOINER:
        return unicodedata.category(letter) == "So" or letter.isalnum()
    if _is_regional(letter) and _is_regional(before):
        run = next((back for back in range(place) if not _is_regional(text[place - 1 - back])), place)
        return run % 2 == 1
    return extends(before) and letter.isalpha() and _base(text, place).isalpha()


def _base(text: str, place: int) -> str:
    """Return the character before a place, without what only changes it."""
    return next((letter for letter in reversed(text[:place]) if not extends(letter)), text[0])


def begins_word(text: str, place: int) -> bool:
    """Say whether a word begins at a place: a run of letters and digits, one ideograph, or one sign that is neither.

    Tokenizers divide texts before they cut them, each by a rule of its own (Llama's not at all, GPT-2 digits from
    letters). This is BERT's rule (`BasicTokenizer`), whatever the tokenizer, so that a word keeps its name.
    """
    if place == 0 or goes_on(text, place):
        return place == 0
    letter, before = text[place], _base(text, place)
    joined = letter.isalnum() and before.isalnum() and not (_is_ideograph(letter) or _is_ideograph(before))
    return not joined


def extends(letter: str) -> bool:
    """Say whether a character only changes the one before it, and may become one with it (NFC)."""
    return (
        unicodedata.category(letter) in ("Mn", "Me", "Mc")
        or letter in (JOINER, "\u200c")
        or "\U0001f3fb" <= letter <= "\U0001f3ff"  # skin tones
        or "\u1160" <= letter <= "\u11ff"  # vowels and final consonants of a Korean syllable that is written in parts
        or "\U000e0020" <= letter <= "\U000e007f"  # tags, as in the flag of Scotland
    )


def without_style(text: str) -> str:
    """Return a text without the signs that ask for an emoji in colours, or in the style of text."""
    return text.replace(_EMOJI_STYLE, "").replace(_TEXT_STYLE, "")


def named(text: str) -> str:
    r"""Return a text of which nothing can be seen with its characters escaped, as `\ufe0f`; others as they are."""
    return text if any(map(_is_seen, text)) else "".join(ascii(letter)[1:-1] for letter in text)


def _is_seen(letter: str) -> bool:
    selects = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return letter not in _UNSEEN and not selects


def _is_regional(letter: str) -> bool:
    return "\U0001f1e6" <= letter <= "\U0001f1ff"


def _is_ideograph(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH"))
