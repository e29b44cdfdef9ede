"""Questions with several options, all of them real: entries of one table, exactly one of which is right."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from attnviz.input.problems import ProblemsFound
from attnviz.input.questions import Read, entries_of
from attnviz.input.significant import significant
from attnviz.worksheet.amounts import UnworkableError, digits, value_of
from attnviz.worksheet.phrases import OF_SCORES, PHRASES, Phrases
from attnviz.worksheet.shown import ALWAYS_IN_FULL, Board

OPTIONS = 4
"""So many numbers are offered at most, of which one is right."""
LABELS = 6
"""So many words are."""
WORDS = ("token", "query", "key")
OF_A_PART = ("layer", "head", "each_layer", "each_head", "step", "depth")
"""Dimensions along which an array is a table for each label: numbers are compared within one."""


@dataclass(frozen=True)
class Option:
    """What can be chosen: a text, and the entry of the table that stands behind it."""

    text: str
    value: float
    coords: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """A question about an array; one of its options is right: the entry that is asked for, or the largest.

    `kind` is how_much, most or least.
    """

    kind: str
    text: str
    array: str
    options: tuple[Option, ...]
    right: int
    digits: str  # of the right entry, as shown

    @property
    def proof(self) -> Option:
        """The right option, with the entry that proves it."""
        return self.options[self.right]


def how_much(board: Board, array: str, coords: Mapping[str, str]) -> Asked:
    """Ask for one entry among others of its table, which are shown with other digits.

    Raises `UnworkableError` if there are no others, or if the entry is infinite.
    """
    phrases = phrases_of(board, array)
    table = _table(board, array, {dim: label for dim, label in coords.items() if dim in OF_A_PART})
    mine = [each for each in table if coords.items() <= each.coords.items()]
    if (
        len(mine) != 1
        or math.isinf(mine[0].value)
        or (phrases.others_only and coords.get("query") == coords.get("key"))
    ):
        raise UnworkableError("this is not one number, or goes without saying")
    shown = {_shown(board, array, mine[0].value, phrases): mine[0]}
    near = sorted(table, key=lambda each: -sum(coords.get(dim) == label for dim, label in each.coords.items()))
    for each in near:
        if len(shown) < OPTIONS and math.isfinite(each.value):
            shown.setdefault(_shown(board, array, each.value, phrases), each)
    if len(shown) < 2:
        raise UnworkableError("there is no other number")
    ordered = sorted(shown.items(), key=lambda pair: value_of(pair[0]))
    options = tuple(Option(text, each.value, each.coords) for text, each in ordered)
    text = _filled(board, phrases.one, coords)
    right = next(place for place, option in enumerate(options) if option.coords == mine[0].coords)
    return Asked("how_much", text, array, options, right, options[right].text)


def which(board: Board, array: str, coords: Mapping[str, str], kind: str = "most") -> Asked:
    """Ask where in a row the largest (or smallest) entry stands.

    Raises `UnworkableError` if another one is shown with the same digits, or if that is not asked of an array.
    """
    phrases = phrases_of(board, array)
    template = phrases.most if kind == "most" else phrases.least
    if not template:
        raise UnworkableError(f"{array} is not compared")
    fixed = {dim: label for dim, label in coords.items() if dim != phrases.along}
    row = [each for each in _table(board, array, fixed) if math.isfinite(each.value)]
    if phrases.others_only:
        row = [each for each in row if each.coords[phrases.along] != fixed.get("query")]
    if len(row) < 2 or any(each.coords.keys() - fixed.keys() != {phrases.along} for each in row):
        raise UnworkableError("there is nothing to choose from, or more than a row")
    ordered = sorted(row, key=lambda each: each.value, reverse=kind == "most")
    first, second = (_shown(board, array, each.value, phrases) for each in ordered[:2])
    if value_of(first) == value_of(second):
        raise UnworkableError("two of them are shown alike")
    kept = [each for each in row if each in ordered[:LABELS]]
    options = tuple(Option(board.written(each.coords[phrases.along]), each.value, each.coords) for each in kept)
    if len({option.text for option in options}) < len(options):
        raise UnworkableError("two options read alike")
    return Asked(kind, _filled(board, template, fixed), array, options, kept.index(ordered[0]), first)


def phrases_of(board: Board, array: str) -> Phrases:
    """Return how an array is asked for; raises `UnworkableError` if it is not."""
    if array not in PHRASES:
        raise UnworkableError(f"{array} is not asked for")
    of_scores = array == "similarity" and board.trace.attrs.get("similarity") == "scores"
    return OF_SCORES if of_scores else PHRASES[array]


def _table(board: Board, array: str, fixed: Mapping[str, str]) -> list[Option]:
    """Return the entries of an array that have some labels, each with all of its labels but those that all have."""
    chosen = tuple((dim, (label,)) for dim, label in fixed.items())
    try:
        entries = entries_of({"": board.trace}, Read("entries", "", array, chosen))
    except ProblemsFound as found:
        raise UnworkableError(str(found)) from None
    labels = {str(dim): [str(label) for label in entries[dim].values] for dim in entries.dims}
    kept = [dim for dim, found in labels.items() if len(found) > 1 or dim in fixed]
    table = []
    for chosen_labels, value in zip(product(*labels.values()), entries.values.ravel().tolist(), strict=True):
        if not math.isnan(value):
            coords = dict(zip(labels, chosen_labels, strict=True))
            table.append(Option("", significant(value), {dim: coords[dim] for dim in kept}))
    return table


def _shown(board: Board, array: str, value: float, phrases: Phrases) -> str:
    places = board.decimals if phrases.places is None else phrases.places
    return digits(value, places, short=array not in ALWAYS_IN_FULL)


def _filled(board: Board, template: str, coords: Mapping[str, str]) -> str:
    """Return a question with its labels, words in quotation marks; a head that it does not name is named at its end."""
    labels = {dim: f"“{board.written(label)}”" if dim in WORDS else label for dim, label in coords.items()}
    missing = {*re.findall(r"{(\w+)}", template)} - labels.keys()
    if missing:
        raise UnworkableError(f"it is not known of which {', '.join(sorted(missing))}")
    unnamed = [dim for dim in OF_A_PART[:4] if dim in coords and f"{{{dim}}}" not in template]
    where = ", ".join(f"{dim.removeprefix('each_')} {coords[dim]}" for dim in unnamed)
    text = re.sub(r"{(\w+)}", lambda found: labels[found[1]], template)
    return f"{text[:-1]} ({where})?" if where else text
