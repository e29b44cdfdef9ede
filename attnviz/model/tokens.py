"""From a sentence to the tokens on the board: words of the vocabulary, each with a label of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from attnviz.input.problems import Problem, ProblemsFound, TooLong, did_you_mean
from attnviz.input.writing import bare
from attnviz.model.signs import without_style

MAX_TOKENS = 100  # on the board
MAX_SENTENCE = 1000


class Token(NamedTuple):
    """A word at one place of a sentence; `label` tells repeated words apart (`an`, `an#2`)."""

    label: str
    word: str


def tokenise(vocabulary: Collection[str], text: str | None, words: Sequence[str] | None = None) -> list[Token]:
    """Return the tokens of a sentence, or only those in `words`, in that order.

    The text is split at white space; punctuation at the ends of a word is dropped; a word is looked up as
    written, then case-insensitively. Without a text, `words` are the tokens themselves. With both, the model
    need not know the words of the text that are left out.
    Raises `ProblemsFound` with every unknown word at once.
    """
    if text is None and words is None:
        raise ProblemsFound(Problem("there is neither a sentence nor a list of words", hint="give one of them"))
    written = _split(vocabulary, text) if text is not None else list(words or ())
    if text is not None and words is not None:
        known = set(map(_fold, vocabulary)) | {_fold(word.partition("#")[0]) for word in words}
        written = [word for word in written if _fold(word) in known]
    tokens = _labelled(vocabulary, written)
    if not tokens and not (text is not None and words):
        what = "the sentence has no words" if text is not None else "the list of words is empty"
        raise ProblemsFound(Problem(what, hint=f"write words that the model knows: {_some(vocabulary)}"))
    chosen = tokens if text is None or words is None else choose(tokens, words)
    if len(chosen) > MAX_TOKENS:
        hint = f"at most {MAX_TOKENS} fit; choose some with `words`"
        raise TooLong(Problem(f"the sentence has {len(chosen)} words", hint=hint))
    return chosen


def _split(vocabulary: Collection[str], text: str) -> list[str]:
    """Return the words of a text; what is only punctuation is no word, unless the vocabulary has it."""
    pieces = text.split()
    if len(pieces) > MAX_SENTENCE:
        raise ProblemsFound(
            Problem(f"the sentence has {len(pieces)} words", hint=f"at most {MAX_SENTENCE} can be read")
        )
    known = set(map(_fold, vocabulary))
    words = [piece if _fold(piece) in known else bare(piece) for piece in pieces]
    return [word for word in words if word]


def _fold(word: str) -> str:
    return without_style(unicodedata.normalize("NFC", word)).casefold()


def _labelled(vocabulary: Collection[str], words: Iterable[str]) -> list[Token]:
    """Look every word up, and give each place its label; report all unknown words at once."""
    known = dict.fromkeys(vocabulary)
    folded: dict[str, list[str]] = {}
    for word in known:
        folded.setdefault(_fold(word), []).append(word)
    problems: dict[str, Problem] = {}
    read: list[str] = []
    for written in words:
        found = [written] if written in known else folded.get(_fold(written), [])
        if len(found) == 1:
            read.append(found[0])
        elif found:
            options = " or ".join(repr(word) for word in found)
            problems[written] = Problem(f"the model has more than one word {written!r}", hint=f"write {options}")
        else:
            hint = did_you_mean(written, known, "one of the model's words")
            problems[written] = Problem(f"the model does not know the word {written!r}", hint=hint)
    if problems:
        raise ProblemsFound(problems.values())
    return [Token(label, word) for label, word in zip(distinct(read), read, strict=True)]


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Return a label for every word: itself, or `an#2` where it stands for the second time."""
    taken: dict[str, None] = {}
    counts: dict[str, int] = {}
    for word in words:
        label = word
        while label in taken:
            counts[word] = counts.get(word, 1) + 1
            label = f"{word}#{counts[word]}"
        taken[label] = None
    return tuple(taken)


def choose(tokens: Sequence[Token], wanted: Sequence[str]) -> list[Token]:
    """Return the wanted tokens by label or by word; a word named twice means its first two places.

    Raises `ProblemsFound` with everything that is not there, or not so often.
    """
    if not wanted:
        raise ProblemsFound(Problem("the list of words is empty", hint="leave `words` out to use the whole sentence"))
    left = {token.label: token for token in tokens}
    chosen: list[Token] = []
    problems: list[Problem] = []
    for entry in wanted:
        matching = [
            token
            for token in left.values()
            if entry in (token.label, token.word) or _fold(entry) in (_fold(token.label), _fold(token.word))
        ]
        if matching:
            best = min(matching, key=lambda token: (token.label != entry, token.word != entry))
            chosen.append(left.pop(best.label))
            continue
        stands = sum(_fold(token.word) == _fold(entry) for token in tokens)
        if stands:
            times = "once" if stands == 1 else f"{stands} times"
            hint = f"it stands there {times}"
            problems.append(Problem(f"{entry!r} is asked for more often than it stands in the sentence", hint=hint))
        else:
            hint = did_you_mean(entry, [token.label for token in tokens], "one of")
            problems.append(Problem(f"{entry!r} is not in the sentence", hint=hint))
    if problems:
        raise ProblemsFound(problems)
    return chosen


def _some(vocabulary: Collection[str]) -> str:
    shown = list(vocabulary)[:8]
    return ", ".join(shown) + (", …" if len(vocabulary) > len(shown) else "")
