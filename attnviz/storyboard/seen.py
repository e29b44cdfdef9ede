"""What is to be seen when a verb is played, for those who cannot see it: a template in the verb's docstring.

It is parsed, never evaluated, and filled in with the verb's arguments and the numbers on screen.

seen    = ( text | field | choice )*           a text has no braces and no brackets
choice  = "[" seen ( "|" seen )* "]"           the first of these in which nothing is missing, or nothing
field   = "{" [ form ] ( name | numbers ) "}"
name    = parameter [ "=" value ]              an argument of the verb; "if" alone takes a value to compare with
        | fact                                 what is known of any scene
numbers = array "[" [ label ( "," label )* ] "]"  numbers on screen that were read from an array
        | '"' formula '"'                      numbers on screen that follow from others; its beginning will do
label   = [ dimension "=" ] ( parameter | '"' any text '"' | ":" )
form    = "if" | "values" | "rows" | "columns" | "largest" | "smallest"
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias, cast

from attnviz.input.problems import did_you_mean

Form = Literal["", "if", "values", "rows", "columns", "largest", "smallest"]
FACTS = ("sentence", "focus", "across", "upwards", "model", "layer", "head")
"""What a template can name besides arguments: the scene's sentence, its focus, the axes of its plane, its model …"""

_NAME = r"[^\W\d]\w*"
_FORMS = "if|values|rows|columns|largest|smallest"
_TOKENS = re.compile(r'\{(?P<field>(?:"[^"]*"|[^{}"])*)\}|(?P<mark>[\[\]|])|(?P<alone>[{}])|[^{}\[\]|]+')
_FIELD = re.compile(
    rf'\s*(?:(?P<form>{_FORMS})\s+)?(?:"(?P<formula>[^"]+)"|(?P<name>{_NAME})\s*(?:\[(?P<labels>[^\]]*)\]'
    rf"|=\s*(?P<value>[\w-]+))?)\s*"
)
_LABEL = re.compile(
    rf'\s*(?:(?P<dimension>{_NAME})\s*=\s*)?(?:"(?P<quoted>[^"]*)"|(?P<argument>{_NAME})|(?P<every>:))\s*(?:,|\Z)'
)
_PARAGRAPH = re.compile(r"Seen:\s*(?P<template>.*)", re.DOTALL)
_EXAMPLE = "write it like {word}, or {weights[word, :]}"


@dataclass(frozen=True)
class Argument:
    """An argument of the verb, or a fact; with a `value`, it is there only if it is this one."""

    name: str
    form: Form = ""
    value: str | None = None


@dataclass(frozen=True)
class Label:
    """What a number is chosen by along a dimension: an `argument`, a `text`, or (with neither) anything."""

    dimension: str | None = None
    argument: str | None = None
    text: str | None = None

    @property
    def is_free(self) -> bool:
        """Whether it chooses nothing."""
        return self.argument is None and self.text is None


@dataclass(frozen=True)
class Numbers:
    """Numbers on screen: those of an `array` with these labels or, without one, those whose `formula` begins so."""

    form: Form
    array: str = ""
    labels: tuple[Label, ...] = ()
    formula: str = ""


@dataclass(frozen=True)
class Choice:
    """The first way of saying something in which nothing is missing; nothing if there is none."""

    ways: tuple[Pieces, ...]


Piece: TypeAlias = "str | Argument | Numbers | Choice"
Pieces: TypeAlias = tuple[Piece, ...]


def seen_in(doc: str) -> tuple[str, str]:
    """Return a docstring without the paragraph that says what is seen (`Seen: …`), and its template ("" without one).

    Raises `ValueError` if there are two.
    """
    paragraphs = doc.split("\n\n")
    found = [_PARAGRAPH.fullmatch(each.strip()) for each in paragraphs]
    templates = [" ".join(each["template"].split()) for each in found if each]
    if len(templates) > 1:
        raise ValueError("its docstring says twice what is seen")
    kept = [text for text, each in zip(paragraphs, found, strict=True) if each is None]
    return "\n\n".join(kept).strip(), "".join(templates)


def check_seen(template: str, parameters: Collection[str]) -> None:
    """Raise `ValueError` for a template that cannot be read, or that names what is no parameter of its verb."""
    known, pieces = {*parameters, *FACTS}, parse_seen(template)
    if digit := next((text for text in _own_texts(pieces) if any(map(str.isdigit, text))), None):
        shown = " ".join(digit.split())[:60]
        raise ValueError(f"what is seen says a number itself, in '{shown}'; name one that is on screen: {_EXAMPLE}")
    for name in _named(pieces):
        if name not in known:
            raise ValueError(f"'{name}' in what is seen is no parameter; {did_you_mean(name, sorted(known), 'one of')}")


def _own_texts(pieces: Pieces) -> Iterator[str]:
    """Yield the texts of a template between its fields."""
    for piece in pieces:
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Choice):
            for way in piece.ways:
                yield from _own_texts(way)


def _named(pieces: Pieces) -> Iterator[str]:
    """Yield the names of arguments in a template."""
    for piece in pieces:
        if isinstance(piece, Argument):
            yield piece.name
        elif isinstance(piece, Numbers):
            yield from (label.argument for label in piece.labels if label.argument)
        elif isinstance(piece, Choice):
            for way in piece.ways:
                yield from _named(way)


@lru_cache(maxsize=512)
def parse_seen(template: str) -> Pieces:
    """Return the pieces of a template; raise `ValueError` for one that cannot be read."""
    ways: list[list[list[Piece]]] = [[[]]]  # of the choice that is open, and of those around it
    for found in _TOKENS.finditer(template):
        if found["alone"]:
            raise ValueError(f"a '{found['alone']}' without its partner in what is seen")
        if found["mark"] == "[":
            ways.append([[]])
        elif found["mark"] == "]" and len(ways) > 1:
            choice = Choice(tuple(tuple(way) for way in ways.pop()))
            ways[-1][-1].append(choice)
        elif found["mark"] == "|" and len(ways) > 1:
            ways[-1].append([])
        elif found["mark"] == "]":
            raise ValueError("a ']' without its partner in what is seen")
        else:
            ways[-1][-1].append(found[0] if found["field"] is None else _field(found["field"]))
    if len(ways) > 1:
        raise ValueError("a '[' without its partner in what is seen")
    return tuple(ways[0][0])


def _field(body: str) -> Argument | Numbers:
    """Parse what stands between braces."""
    found = _FIELD.fullmatch(body)
    if found is None:
        raise ValueError(f"'{{{body}}}' in what is seen cannot be read; {_EXAMPLE}")
    form = cast("Form", found["form"] or "")
    if found["formula"]:
        return Numbers(form, formula=found["formula"])
    if found["labels"] is not None:
        return Numbers(form, found["name"], tuple(_labels(found["labels"], body)))
    if form not in ("", "if") or (found["value"] and form != "if"):
        raise ValueError(f"'{{{body}}}' in what is seen: only numbers have a form, and only `if` compares")
    return Argument(found["name"], form, found["value"])


def _labels(written: str, body: str) -> Iterator[Label]:
    position, more = 0, bool(written.strip())  # a number may have no labels
    while more:
        found = _LABEL.match(written, position)
        if found is None:
            raise ValueError(f"'{{{body}}}' in what is seen: a label cannot be read; {_EXAMPLE}")
        yield Label(found["dimension"], found["argument"], found["quoted"])
        position, more = found.end(), found[0].endswith(",")
