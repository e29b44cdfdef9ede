"""Signs above and below the line, and signs that only look different, in one plain way of writing."""

from __future__ import annotations

import re
import unicodedata

_KEPT = set("½¼¾™®℠©…")
_RAISED, _LOWERED = "<super>", "<sub>"
QUOTES = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "`": None, "´": None})


def plain(word: str) -> str:
    """Return a word with ^{…} for what is raised, a space before what is lowered, and Unicode's usual letters.

    "QKᵀ" becomes "QK^{T}", "x₁" "x 1", and letters of mathematical alphabets become those of the Latin one.
    """
    return re.sub(r"\}\^\{", "", "".join(_plain(letter) for letter in word)).translate(QUOTES)


def _plain(letter: str) -> str:
    if letter.isascii() or letter in _KEPT:
        return letter
    kind = unicodedata.decomposition(letter).partition(" ")[0]
    usual = unicodedata.normalize("NFKC", letter)
    if kind == _RAISED:
        return f"^{{{usual}}}"
    return f" {usual}" if kind == _LOWERED else usual
