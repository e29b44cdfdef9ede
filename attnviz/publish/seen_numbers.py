"""Numbers on screen in words: those that a description names, chosen by array and labels, as a sentence tells them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attnviz.input.questions import visible_word
from attnviz.storyboard.reading import spoken_words
from attnviz.storyboard.seen import Label, Numbers

MOST_SAID = 18
"""Numbers that are told at once take at most as long to say as so many words; of more, nobody remembers the first."""
MOST_WORDS = 8
"""So many words of a list are told; of more, the first ones."""
_SMALL = frozenset("a an and as at by for from in is it of on or that the then this to up was with".split())  # noqa: SIM905
"""Words that would be read as part of the sentence that tells of them."""
_ORDINALS = ("", "", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True)
class OnScreen:
    """A number on screen in a shot: what its receipt says, and whether it is there when the shot ends."""

    text: str
    value: float
    array: str | None
    coords: Mapping[str, str]
    formula: str | None
    sentence: str = ""
    start: float = 0.0
    end: float = 0.0
    at_rest: bool = True


@dataclass(frozen=True)
class Chooser:
    """Chooses among the numbers of a shot whose verb has these `arguments`.

    `sentences` are those whose numbers are meant (None: any); `place` tells where a label stands along a dimension.
    """

    numbers: Sequence[OnScreen]
    arguments: Mapping[str, Any]
    sentences: frozenset[str] | None
    place: Callable[[str, str], int]

    def said(self, wanted: Numbers) -> str | None:
        """Return the wanted numbers in words; None if they are not on screen, or too many to be told."""
        chosen = self._chosen(wanted)
        if not chosen:
            return None
        if wanted.form == "if":
            return ""
        told = joined([digits(each.text) for each in chosen]) if wanted.formula else self._in_words(chosen, wanted)
        return None if told is None or spoken_words(told) > MOST_SAID else told

    def _chosen(self, wanted: Numbers) -> list[OnScreen]:
        """Return the wanted numbers, row by row: those that stay or, if none of them does, those that pass."""
        found = [each for each in self.numbers if self._is_meant(each, wanted)]
        found = [each for each in found if wanted.formula and each.formula == wanted.formula] or found
        found = [each for each in found if each.at_rest] or found
        latest = dict[tuple[object, ...], OnScreen]()
        for each in sorted(found, key=lambda number: (number.end, number.start)):
            latest[each.formula if wanted.formula else None, *each.coords.items()] = each
        if wanted.formula:
            return list(latest.values())
        return sorted(latest.values(), key=lambda number: self._order(number, wanted))

    def _is_meant(self, number: OnScreen, wanted: Numbers) -> bool:
        if wanted.formula:
            return number.formula is not None and number.formula.startswith(wanted.formula)
        if number.array != wanted.array or not (self.sentences is None or number.sentence in self.sentences):
            return False
        labels = _along(wanted.labels, list(number.coords))
        return labels is not None and all(self._fits(label, number.coords[dim]) for dim, label in labels.items())

    def _fits(self, label: Label, found: str) -> bool:
        if label.argument is not None:
            return found in listed(self.arguments.get(label.argument))
        return label.text is None or label.text == found

    def _order(self, number: OnScreen, wanted: Numbers) -> list[int]:
        labels = _along(wanted.labels, list(number.coords)) or {}
        return [self._place(labels.get(dim), dim, label) for dim, label in number.coords.items()]

    def _place(self, label: Label | None, dim: str, found: str) -> int:
        given = [] if label is None or label.argument is None else listed(self.arguments.get(label.argument))
        return given.index(found) if found in given else self.place(dim, found)

    def _in_words(self, chosen: Sequence[OnScreen], wanted: Numbers) -> str | None:
        """Return numbers that differ in two labels, or in fewer, in words; None for others."""
        dims, labels = list(chosen[0].coords), _along(wanted.labels, list(chosen[0].coords)) or {}
        if wanted.form in ("rows", "columns"):
            free = [dim for dim in dims if dim not in labels or labels[dim].is_free]
            dim = free[max(0, len(free) - 2) if wanted.form == "rows" else -1]
            return _labels_in_words([each.coords[dim] for each in chosen])
        free = [dim for dim, label in labels.items() if label.is_free]
        several = {dim for dim, label in labels.items() if self._is_list(label)} | set(free if len(free) == 1 else ())
        dims = [dim for dim in dims if dim in several or len({each.coords[dim] for each in chosen}) > 1]
        if wanted.form in ("largest", "smallest"):
            return _extreme(chosen, dims, wanted.form)
        if len(dims) > 2:
            return None
        if len(dims) == 2:
            return _row_by_row(chosen, dims[0], with_words=wanted.form != "values")
        dim = dims[0] if dims and wanted.form != "values" else ""
        return joined([_entry(each, dim) for each in chosen])

    def _is_list(self, label: Label) -> bool:
        return isinstance(self.arguments.get(label.argument or ""), list | tuple)


def _along(labels: Sequence[Label], dims: Sequence[str]) -> dict[str, Label] | None:
    """Return labels by dimension: those without one stand for the last of the dimensions that are left; None if not."""
    named = {label.dimension: label for label in labels if label.dimension is not None}
    free = [dim for dim in dims if dim not in named]
    plain = [label for label in labels if label.dimension is None]
    if len(plain) > len(free) or not set(named) <= set(dims):
        return None
    return {**named, **dict(zip(free[len(free) - len(plain) :], plain, strict=True))}


def _extreme(chosen: Sequence[OnScreen], dims: Sequence[str], form: str) -> str:
    """Return the largest number, or the smallest, with the words that it is for."""
    best = (max if form == "largest" else min)(chosen, key=lambda number: number.value)
    words = [word_of(best.coords[dim]) for dim in dims if not is_count(best.coords[dim])]
    return f"{digits(best.text)} for {joined(words)}" if words else digits(best.text)


def _row_by_row(chosen: Sequence[OnScreen], dim: str, *, with_words: bool) -> str:
    rows = dict[str, list[str]]()
    for each in chosen:
        rows.setdefault(each.coords[dim], []).append(digits(each.text))
    named = {row: f"{word_of(row)} " if with_words and not is_count(row) else "" for row in rows}
    return "; ".join(named[row] + ", ".join(texts) for row, texts in rows.items())


def _entry(number: OnScreen, dim: str) -> str:
    """Return a number after the word that it is of, if it is of one."""
    label = number.coords.get(dim, "")
    return digits(number.text) if not label or is_count(label) else f"{word_of(label)} {digits(number.text)}"


def is_count(label: str) -> bool:
    """Tell whether a label only counts, as those of coordinates do."""
    return re.fullmatch(r"[\d-]+", label) is not None


def _labels_in_words(labels: Sequence[str]) -> str | None:
    words = [word_of(label) for label in dict.fromkeys(labels) if not is_count(label)]
    return words_joined(words) if words else None


def words_joined(words: Sequence[str]) -> str:
    """Return a list of words; of a long one, the first and "and others"."""
    return joined(words) if len(words) <= MOST_WORDS else ", ".join(words[: MOST_WORDS - 2]) + " and others"


def joined(texts: Sequence[str]) -> str:
    """Return "one", "one and another", or "one, another and a third"."""
    return " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))


def digits(text: str) -> str:
    """Return a number as it stands on screen, as text that can be read aloud."""
    sign, rest = ("−", text[1:]) if text[:1] in ("-", "−") else ("", text)
    named = {"inf": "infinity", "∞": "infinity", "?": "undefined"}.get(rest)
    if named:
        return f"minus {named}" if sign else named
    return f"{sign}{rest}".replace(" ", "")


def word_of(label: str) -> str:
    """Return a word as it can stand in a sentence: the second `an`; signs and small words are in quotation marks."""
    word = visible_word(label)
    which = label.rpartition("#")[2] if word != label else ""
    is_plain = any(map(str.isalnum, word)) and word.casefold() not in _SMALL
    shown = word if is_plain else f"“{word}”"
    if not which:
        return shown
    number = int(which)
    return f"the {_ORDINALS[number]} {shown}" if number < len(_ORDINALS) else f"{shown} (no. {which})"


def listed(value: object) -> list[str]:
    """Return an argument as a list of texts; an empty one for nothing."""
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
