"""A text that somebody has typed, as a model can read it: checked, in one line, and not longer than can be shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from attnviz.input.encodable import as_bytes_seen, is_encodable
from attnviz.input.odd_characters import unreadable
from attnviz.input.problems import Problem, ProblemsFound, TooLong
from attnviz.model.interface import Model
from attnviz.model.tokens import Token, choose
from attnviz.model.views.arrays import MOST_COMPARED

LONGEST = 10_000
"""So many letters of a text are looked at, as many as a sentence of a storyboard can have."""
MOST_TOKENS = MOST_COMPARED
"""Of more tokens, a part is read: heads are compared in sentences of so many."""


class Excerpt(NamedTuple):
    """A text and its tokens; `kept` of its `words` are read, all of them unless it is too long."""

    text: str
    tokens: Sequence[Token]
    kept: int
    words: int

    def label_of(self, word: str) -> str:
        """Return the label of a word as somebody writes it; raises `ProblemsFound` if it is not there."""
        [token] = choose(self.tokens, [word])
        return token.label


def in_one_line(text: str) -> str:
    """Return a text with single spaces; raises `ProblemsFound` for what cannot be a sentence."""
    if not is_encodable(text):
        shown = as_bytes_seen(text[:60])
        raise ProblemsFound(Problem(f"the sentence '{shown}' holds half a character", hint="write it in UTF-8"))
    if len(text) > LONGEST:
        hint = f"at most {LONGEST:,} are read; take one of its sentences"
        raise ProblemsFound(Problem(f"the sentence has {len(text):,} letters", hint=hint))
    line = " ".join(text.split())
    if not line:
        raise ProblemsFound(Problem("the sentence is empty", hint="write a few words"))
    if odd := unreadable(line):
        raise ProblemsFound(Problem(f"the sentence contains {odd}", hint="remove it"))
    return line


def excerpt_of(text: str, model: Model, word: str | None) -> Excerpt:
    """Return a text, or of a long one the part around a word (or its beginning) that can be read and shown.

    Raises `ProblemsFound` for what the model cannot read.
    """
    line = in_one_line(text)
    words = line.split()
    try:
        return Excerpt(line, _few(model, line), len(words), len(words))
    except TooLong:
        pass
    # Text that is written without spaces is parted anywhere
    parts = re.findall(r"\S+ ?", line) if len(words) > 1 else list(line)
    middle = next((k for k, part in enumerate(parts) if word and _is(part, word)), 0)
    low, high = 0, len(parts)  # so many words fit, so many do not
    while high - low > 1:
        count = (low + high) // 2
        try:
            _few(model, _around(parts, middle, count))
            low = count
        except TooLong:
            high = count
    part = _around(parts, middle, low)
    return Excerpt(part, _few(model, part), low, len(parts))


def _few(model: Model, text: str) -> Sequence[Token]:
    """Return the tokens of a text; raises `TooLong` for more than are compared."""
    tokens = model.tokens(text)
    if len(tokens) > MOST_TOKENS:
        raise TooLong(Problem(f"the sentence has {len(tokens)} tokens", hint=f"at most {MOST_TOKENS} are shown"))
    return tokens


def _around(parts: Sequence[str], middle: int, count: int) -> str:
    """Return so many neighbouring parts, with one in their middle as far as they reach."""
    start = max(0, min(middle - count // 2, len(parts) - count))
    return "".join(parts[start : start + count]).strip()


def _is(part: str, word: str) -> bool:
    """Tell whether a part of a text is a word, or begins with it, whatever signs are around it."""
    return word.partition("#")[0].casefold() in part.casefold()
