"""Formulas as trees of plain data, which a page shows as MathML and a sheet as Typst's mathematics.

A word of a person's stays data all the way: neither template takes it for markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True)
class Node:
    """A part of a formula: a `kind`, its own text, and what is inside it.

    `num`, `word`, `name` (a letter, italic) and `op` have a text; `line` has parts, `sub`, `sup` and `frac` have two
    of them, and `root` and `brackets` have one.
    """

    kind: str
    text: str = ""
    parts: tuple[Node, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as plain data for a template."""
        return {
            "kind": self.kind,
            "text": self.text,
            "parts": [part.plain() for part in self.parts],
        }


Inline: TypeAlias = tuple["str | Node", ...]
"""A sentence with formulas in it."""


def num(text: str) -> Node:
    """Return digits."""
    return Node("num", text)


def word(text: str) -> Node:
    """Return a word of the sentence, upright."""
    return Node("word", text)


def op(text: str) -> Node:
    """Return a sign, such as · or =."""
    return Node("op", text)


def name(letters: str) -> Node:
    """Return a name; what stands after _ is its subscript: `W_Q`."""
    base, _, below = letters.partition("_")
    return sub(Node("name", base), Node("name", below)) if below else Node("name", base)


def line(*parts: Node | str) -> Node:
    """Return what stands on one line; a text among the parts is a sign."""
    return Node("line", parts=tuple(op(part) if isinstance(part, str) else part for part in parts))


def sub(base: Node, below: Node) -> Node:
    """Return something with a subscript."""
    return Node("sub", parts=(base, below))


def power(base: Node, exponent: Node) -> Node:
    """Return a power."""
    return Node("sup", parts=(base, exponent))


def fraction(top: Node, bottom: Node) -> Node:
    """Return a fraction."""
    return Node("frac", parts=(top, bottom))


def root(inside: Node) -> Node:
    """Return a square root."""
    return Node("root", parts=(inside,))


def brackets(inside: Node) -> Node:
    """Return something in brackets, which are as high as it is."""
    return Node("brackets", parts=(inside,))


def joined(sign: str, parts: Sequence[Node]) -> Node:
    """Return parts with a sign between them."""
    between = [each for part in parts for each in (op(sign), part)]
    return Node("line", parts=tuple(between[1:]))


def factor(text: str) -> Node:
    """Return a number as a factor, or as a summand after another: in brackets if it is negative."""
    return line("(", num(text), ")") if text.startswith("−") else num(text)


def summed(texts: Sequence[str]) -> Node:
    """Return numbers with + between them."""
    return joined("+", [factor(text) if place else num(text) for place, text in enumerate(texts)])


def plain(text: Inline) -> list[Any]:
    """Return a sentence as plain data: texts, and formulas."""
    return [part if isinstance(part, str) else part.plain() for part in text]


def line_text(text: Inline) -> str:
    """Return a sentence without its formulas' form, for messages."""
    return "".join(part if isinstance(part, str) else _text(part) for part in text)


def _text(node: Node) -> str:
    return node.text + "".join(map(_text, node.parts))
