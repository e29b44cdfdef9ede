"""Narration: text with inserts such as `{weights[apple, orange]:percent}`, which are parsed, never evaluated.

Marks such as `[arrow]` are not said: they tell what is to happen as the next word is spoken.

narration = ( text | "{{" | "}}" | "[[" | "]]" | insert | mark )*
insert    = "{" [ sentence "." ] array [ "[" label ( "," label )* "]" ] [ ":" format ] "}"
label     = [ dimension "=" ] ( name | '"' any text, with "" for " '"' )
format    = "percent" | "." digit "f"          with digit 0 … 6
mark      = "[" [ name [ ":" target ( "," target )* ] ] "]"
target    = label | array "[" label ( "," label )* "]"
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean

NAME = r"[^\W\d][\w-]*"
_TOKENS = re.compile(
    r'\{\{|\}\}|\[\[|\]\]|\{(?P<body>(?:"[^"]*"|[^{}"])*)\}'
    r'|\[(?P<mark>(?:"[^"]*"|\[(?:"[^"]*"|[^\[\]"])*\]|[^\[\]"])*)\]|(?P<alone>[{}\[\]])|[^{}\[\]]+'
)
_MARK = re.compile(rf"\s*(?:(?P<name>{NAME})\s*(?::(?P<targets>.*\S)\s*)?)?", re.DOTALL)
_TARGET = re.compile(
    rf'\s*(?:(?P<reference>(?:{NAME}\s*\.\s*)?{NAME}\s*\[(?:"[^"]*"|[^\]"])*\])'
    r'|"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^",\[\]]*?))\s*(?:,|\Z)'
)
_INSERT = re.compile(
    rf'\s*(?:(?P<sentence>{NAME})\s*\.\s*)?(?P<array>{NAME})\s*(?:\[(?P<labels>(?:"[^"]*"|[^\]"])*)\]\s*)?'
    r"(?::(?P<format>[^\[\]]*))?"
)
_LABEL = re.compile(
    rf'\s*(?:(?P<dimension>{NAME})\s*=\s*)?(?:"(?P<quoted>(?:[^"]|"")*)"|(?P<plain>[^",=\]]*?))\s*(?:,|\Z)'
)
_PLAIN = re.compile(r'[^",=\[\]{}\s](?:[^",=\[\]{}]*[^",=\[\]{}\s])?')
_FORMAT = re.compile(r"percent|\.[0-6]f")
_EVERY = ":"  # instead of a label, in claims: all of them
_EXAMPLE = "write it like {weights[apple, orange]:percent}; plain braces are {{ and }}"
_MARK_EXAMPLE = "write it like [arrow], or [indicate: apple]; plain brackets are [[ and ]]"


@dataclass(frozen=True)
class Text:
    """Literal text in a narration."""

    text: str


@dataclass(frozen=True)
class Insert:
    """A number to be read from the trace and said; labels are positional (dimension None) or name their dimension.

    In a claim, which may ask for many numbers, a label can be None, too: it stands for all of them.
    """

    sentence: str | None
    array: str
    labels: tuple[tuple[str | None, str | None], ...]
    format: str | None
    source: str


@dataclass(frozen=True)
class Mark:
    """A place in a narration at which something happens, as the word after it is spoken.

    `name` is that of a play of the verb, or of a gesture, which has `targets`: words, or numbers of the trace. Without
    a name it is the next play.
    """

    name: str | None
    targets: tuple[str | Insert, ...]
    source: str


Spoken: TypeAlias = Text | Insert | Mark


def parse(narration: str) -> tuple[Spoken, ...]:
    """Return the pieces of a narration; raise `ProblemsFound` (without a place) for all that is malformed in it."""
    pieces: list[Spoken] = []
    problems: list[Problem] = []
    for found in _TOKENS.finditer(narration):
        if alone := found["alone"]:
            hint = _EXAMPLE if alone in "{}" else _MARK_EXAMPLE
            problems.append(Problem(f"a '{alone}' without its partner", hint=hint))
            continue
        try:
            if found["body"] is not None:
                pieces.append(_insert(found["body"]))
            elif found["mark"] is not None:
                pieces.append(_mark(found["mark"]))
            else:
                pieces.append(Text(found[0][0] if found[0] in ("{{", "}}", "[[", "]]") else found[0]))
        except ProblemsFound as bad:
            problems += bad.problems
    if problems:
        raise ProblemsFound(problems)
    return tuple(_merged(pieces))


def _merged(pieces: Sequence[Spoken]) -> list[Spoken]:
    """Join adjacent texts, so that every narration has one parsed form only."""
    merged: list[Spoken] = []
    for piece in pieces:
        if merged and isinstance(piece, Text) and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1].text + piece.text)
        else:
            merged.append(piece)
    return merged


def _insert(body: str) -> Insert:
    """Parse the body of an insert, which is the text between its braces."""
    source = "{" + body + "}"
    found = _INSERT.fullmatch(body)
    if found is None and (mark := _mark_within(body)):
        raise ProblemsFound(Problem(f"'{source}' has a mark within a number", hint=f"put {mark} before the number"))
    if found is None:
        raise ProblemsFound(Problem(f"'{source}' is not an insert", hint=_EXAMPLE))
    form = None if found["format"] is None else found["format"].strip()
    if form is not None and not _FORMAT.fullmatch(form):
        hint = "expected percent, or .0f to .6f"
        raise ProblemsFound(Problem(f"'{source}': unknown format '{form}'", hint=hint))
    labels = () if found["labels"] is None else labels_in(found["labels"], source)
    return Insert(found["sentence"], found["array"], labels, form, source)


def _mark_within(body: str) -> str | None:
    """Return what looks like a mark in the body of an insert that would be one without it."""
    for found in reversed([*re.finditer(r"(?<!\w)\[[^\[\]]*\]", body)]):
        if _MARK.fullmatch(found[0][1:-1]) and _INSERT.fullmatch(body[: found.start()] + body[found.end() :]):
            return found[0]
    return None


def _mark(body: str) -> Mark:
    """Parse the body of a mark, which is the text between its brackets."""
    source = f"[{body}]"
    found = _MARK.fullmatch(body)
    if found is None:
        raise ProblemsFound(Problem(f"'{source}' is not a mark", hint=_MARK_EXAMPLE))
    targets = () if found["targets"] is None else _targets(found["targets"], source)
    return Mark(found["name"], targets, source)


def _targets(written: str, source: str) -> tuple[str | Insert, ...]:
    """Parse what a gesture points at."""
    targets: list[str | Insert] = []
    position, more = 0, True
    while more:
        found = _TARGET.match(written, position)
        if found is None or found[0].strip(" ,") == "":
            raise ProblemsFound(Problem(f"'{source}' points at what cannot be read", hint=_MARK_EXAMPLE))
        if found["reference"]:
            targets.append(replace(_insert(found["reference"]), source=found["reference"]))
        else:
            targets.append(found["plain"] if found["quoted"] is None else unquoted(found["quoted"]))
        position, more = found.end(), found[0].endswith(",")
    return tuple(targets)


def labels_in(written: str, source: str, *, slices: bool = False) -> tuple[tuple[str | None, str | None], ...]:
    """Parse labels such as `apple, key="1,000"` into pairs of dimension (or None) and label.

    With `slices`, a bare `:` stands for all labels, which is None. Raises `ProblemsFound` (without a place).
    """
    labels: list[tuple[str | None, str | None]] = []
    position = 0
    while True:
        found = _LABEL.match(written, position)
        label = "" if found is None else found["plain"] if found["quoted"] is None else unquoted(found["quoted"])
        if found is None or not label:
            raise ProblemsFound(Problem(f"'{source}': a label cannot be read", hint=_example(source)))
        labels.append((found["dimension"], None if slices and found["plain"] == _EVERY else label))
        position = found.end()
        if not found[0].endswith(","):
            break
    dimensions = [dimension for dimension, _ in labels if dimension is not None]
    if len(set(dimensions)) < len(dimensions):
        raise ProblemsFound(Problem(f"'{source}' names a dimension twice"))
    return tuple(labels)


def coordinates(insert: Insert, dimensions: Mapping[str, Sequence[str] | None]) -> dict[str, str]:
    """Return an insert's label along each dimension of its array.

    `dimensions` maps each dimension to all its labels, or to None if they are unknown. Dimensions of size 1 may be left
    out, all of them or the first ones. Raises `ProblemsFound` (without a place) if the insert does not fit.
    """
    return {dimension: label for dimension, label in selection(insert, dimensions).items() if label is not None}


def selection(insert: Insert, dimensions: Mapping[str, Sequence[str] | None]) -> dict[str, str | None]:
    """Return the same for an insert that may ask for many numbers: None along the dimensions that it wants whole."""
    chosen = {dimension: label for dimension, label in insert.labels if dimension is not None}
    by_position = [label for dimension, label in insert.labels if dimension is None]
    for dimension in chosen.keys() - dimensions.keys():
        hint = did_you_mean(dimension, dimensions, "one of")
        raise ProblemsFound(Problem(f"'{insert.source}': {insert.array} has no dimension '{dimension}'", hint=hint))
    free = [dimension for dimension in dimensions if dimension not in chosen]
    large = [dimension for dimension in free if len(dimensions[dimension] or "??") != 1]
    last = free[len(free) - len(by_position) :]  # of a sentence of one word, say: weights[apple, apple]
    if len(by_position) > len(free) or (len(by_position) != len(large) and not set(large) <= set(last)):
        message = f"'{insert.source}': {insert.array} takes a label for {_listed(large or list(dimensions))}"
        raise ProblemsFound(Problem(message, hint=_suggestion(insert, dimensions, large)))
    chosen |= zip(large if len(by_position) == len(large) else last, by_position, strict=True)
    for dimension, label in chosen.items():
        if label is not None:
            chosen[dimension] = as_known(label, dimension, dimensions[dimension], insert.source)
    for dimension in dimensions:
        known = dimensions[dimension]
        if dimension not in chosen and known is not None:
            chosen[dimension] = known[0]
    return {dimension: chosen[dimension] for dimension in dimensions}


def as_known(label: str, dimension: str, known: Sequence[str] | None, source: str) -> str:
    """Return a label as it is spelt in the trace; raise `ProblemsFound` if there is none. What is unknown is taken."""
    if known is None or label in known:
        return label
    same = [each for each in known if each.casefold() == label.casefold()]
    if len(same) != 1:
        hint = did_you_mean(label, known, "one of")
        raise ProblemsFound(Problem(f"'{source}': unknown {dimension} '{label}'", hint=hint))
    return same[0]


def _suggestion(insert: Insert, dimensions: Mapping[str, Sequence[str] | None], wanted: Sequence[str]) -> str:
    """Return a hint with a valid insert: labels that fit are kept, missing ones are filled in from those that exist."""
    written = [_EVERY if label is None else label for dimension, label in insert.labels if dimension is None]
    used = list[str]()
    for dimension in wanted:
        known = dimensions[dimension]
        fitting = {each.casefold() for each in known or written}
        label = next((label for label in written if label.casefold() in fitting or label == _EVERY), None)
        if label is not None:
            written.remove(label)
        elif known:
            label = next((each for each in known if each not in used), known[0])
        else:
            return _example(insert.source)
        used.append(label)
    named = [
        f"{dimension}={_as_needed(label or _EVERY)}" for dimension, label in insert.labels if dimension is not None
    ]
    labels = ", ".join([*named, *map(_as_needed, used)])
    sentence = f"{insert.sentence}." if insert.sentence else ""
    form = f":{insert.format}" if insert.format else ""
    body = f"{sentence}{insert.array}{f'[{labels}]' if labels else ''}"
    return f"write it like {{{body}{form}}}" if insert.source.startswith("{") else f"write it like {body}"


def _example(source: str) -> str:
    """Return an example of what is written at such a place: an insert or, without braces, a reference of a claim."""
    return _EXAMPLE if source.startswith("{") else "write it like weights[apple, orange]"


def quoted(label: str) -> str:
    """Return a label as it can stand in an insert or a claim, whatever is in it: in quotes, in which "" is a quote."""
    doubled = label.replace('"', '""')
    return f'"{doubled}"'


def unquoted(text: str) -> str:
    """Return what is meant by a text between quotes."""
    return text.replace('""', '"')


def _as_needed(label: str) -> str:
    return label if _PLAIN.fullmatch(label) else quoted(label)


def formatted(value: float, form: str | None, decimals: int = 2) -> str:
    """Return a number formatted by `form` (`percent`, or `.2f` and the like) or, without one, to `decimals` places."""
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "infinity" if value > 0 else "−infinity"
    text = f"{value * 100:.0f}%" if form == "percent" else f"{value:{form or f'.{decimals}f'}}"
    if not re.search("[1-9]", text):
        text = text.removeprefix("-")  # no "−0.00"
    return text.replace("-", "−")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
