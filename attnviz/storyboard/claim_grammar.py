"""Claims: comparisons such as `weights[apple, orange] > weights[apple, and]`, which are parsed, never run as code.

claim     = side ( relation side )+
relation  = "<" | "<=" | ">" | ">=" | "==" | "!=" | "~="           also: ≤ ≥ ≠ ≈
side      = term ( ( "+" | "-" ) term )*                           also: −
term      = factor ( ( "*" | "/" ) factor )*                       also: · ×
factor    = "-" factor | number [ "%" ] | "inf" | "(" side ")" | call | reference | word      also: ∞
call      = ( "min" | "max" | "sum" | "abs" | "sqrt" | "argmax" | "argmin" ) "(" side ( "," side )* ")"
reference = [ sentence "." ] array [ "[" label ( "," label )* "]" ]
label     = as in narration, or ":" for all labels of a dimension
word      = name | '"' any text, with "" for " '"'                                beside an argmax or argmin
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.storyboard.narration import NAME, Insert, labels_in, unquoted

MAX_TOKENS, MAX_DEPTH = 200, 20
FUNCTIONS = ("min", "max", "sum", "abs", "sqrt", "argmax", "argmin")
RELATIONS = ("<", "<=", ">", ">=", "==", "!=", "~=")
_SPELT = {"≤": "<=", "≥": ">=", "≠": "!=", "≈": "~=", "−": "-", "·": "*", "×": "*"}
_MEANT = {"=": "==", "=>": ">=", "=<": "<=", "<>": "!=", "===": "==", "≅": "≈"}
_MORE = {"and", "or", "not", "&", "&&", "|", "||", ";"}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?:\s*%)?|∞)"
    rf"|(?P<name>(?:(?P<sentence>{NAME})\s*\.\s*)?(?P<array>{NAME})(?:\s*\[(?P<labels>(?:\"[^\"]*\"|[^\]\"])*)\])?)"
    r'|(?P<quoted>"(?:[^"]|"")*")|(?P<sign>[<>=!~≅&|]+|[-+*/·×−≤≥≠≈(),])|(?P<other>\S)|(?P<end>\Z))'
)


@dataclass(frozen=True)
class Constant:
    """A number that is written out; `source` is how, as in all parts of a claim."""

    value: float
    source: str


@dataclass(frozen=True)
class Word:
    """A word in quotes."""

    text: str
    source: str


@dataclass(frozen=True)
class Reference:
    """Entries of an array: one, or those along `:`. A bare name, without labels, can also be meant as a word."""

    insert: Insert

    @property
    def source(self) -> str:
        """How it is written."""
        return self.insert.source

    @property
    def is_bare(self) -> bool:
        """Whether it is a name only."""
        return self.insert.array == self.source


@dataclass(frozen=True)
class Operation:
    """`+ - * /` of two operands, or `-` of one; or a function of its arguments."""

    symbol: str
    operands: tuple[Expression, ...]
    source: str


Expression: TypeAlias = Constant | Word | Reference | Operation


@dataclass(frozen=True)
class Claim:
    """Sides with a relation between each and the next; `line` is that of the storyboard."""

    sides: tuple[Expression, ...]
    relations: tuple[str, ...]
    source: str
    line: int = 0


def parse_claim(text: str, line: int = 0) -> Claim:
    """Return a claim; raise `ProblemsFound` (without a place) for the first fault, with the character it is at."""
    return _Parser(" ".join(text.split()), line).claim()


class _Token(NamedTuple):
    kind: str
    text: str
    start: int
    found: re.Match[str]


class _Parser:
    """Recursive descent: one method for each rule of the grammar."""

    def __init__(self, text: str, line: int) -> None:
        self.text, self.line = text, line
        self.tokens: list[_Token] = []
        self.place = self.depth = 0
        for found in _TOKEN.finditer(text):
            kind = str(found.lastgroup)  # the outermost group that matched
            self.tokens.append(_Token(kind, _SPELT.get(found[kind], found[kind]), found.start(kind), found))
            if kind == "end" or len(self.tokens) > MAX_TOKENS:
                break
        if len(self.tokens) > MAX_TOKENS:
            raise self.wrong("this is too long", "split it into several claims")

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def take(self, *signs: str) -> str | None:
        """Go past the next token if it is one of these signs, and return it."""
        if self.next.kind != "sign" or self.next.text not in signs:
            return None
        self.place += 1
        return self.tokens[self.place - 1].text

    def source(self, start: int) -> str:
        """Return the text from a place to the last token that was taken."""
        last = self.tokens[self.place - 1]
        return self.text[start : last.found.end(last.kind)]

    def wrong(self, message: str, hint: str, at: _Token | None = None) -> ProblemsFound:
        """Return what is raised for a fault at a token (by default the next)."""
        shown = self.text if len(self.text) <= 100 else f"{self.text[:99]}…"
        place = f"'{shown}', character {(at or self.next).start + 1}"
        return ProblemsFound(Problem(f"{place}: {message}", hint=hint))

    def unexpected(self, expected: str) -> ProblemsFound:
        """Return what is raised where the next token cannot stand."""
        token = self.next
        if token.text in _MEANT:
            return self.wrong(f"'{token.text}' compares nothing here", f"write {_MEANT[token.text]}")
        if token.text in _MORE:
            return self.wrong(f"'{token.text}' joins nothing here", "write a list of claims, or a chain: 0 < a < b")
        if token.text == "[":
            return self.wrong("a ']' is missing, or '[' stands alone", "write it like weights[apple, orange]")
        if token.text.startswith(("^", "**")) or (token.text == "*" and self.tokens[self.place - 1].text == "*"):
            return self.wrong("there are no powers here", "write a * a, or sqrt(a)")
        here = "the end" if token.kind == "end" else f"'{token.text}'"
        return self.wrong(f"expected {expected}, not {here}", "write it like weights[apple, orange] > 0.4")

    def claim(self) -> Claim:
        sides, relations = [self.side()], list[str]()
        while relation := self.take(*RELATIONS):
            relations.append(relation)
            sides.append(self.side())
        if self.next.kind != "end" or not relations:
            raise self.unexpected("a comparison (< <= > >= == != ≈)" if not relations else "the end or an operator")
        return Claim(tuple(sides), tuple(relations), self.text, self.line)

    def side(self) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(f"more than {MAX_DEPTH} levels of brackets", "split it into several claims")
        start, left = self.next.start, self.term()
        while symbol := self.take("+", "-"):
            right = self.term()
            left = Operation(symbol, (left, right), self.source(start))
        self.depth -= 1
        return left

    def term(self) -> Expression:
        start, left = self.next.start, self.factor()
        while symbol := self.take("*", "/"):
            right = self.factor()
            left = Operation(symbol, (left, right), self.source(start))
        return left

    def factor(self) -> Expression:
        start = self.next.start
        if self.take("-"):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.wrong("too many signs", "leave them out")
            operand = self.factor()
            self.depth -= 1
            return Operation("-", (operand,), self.source(start))
        if self.take("("):
            inside = self.side()
            if not self.take(")"):
                raise self.unexpected("')' or an operator")
            return inside
        token = self.next
        if token.kind not in ("number", "name", "quoted"):
            raise self.unexpected("a number, an array or a function")
        self.place += 1
        if token.kind == "number":
            return Constant(_number(token.text), token.text)
        return self.named(token) if token.kind == "name" else Word(unquoted(token.text[1:-1]), token.text)

    def named(self, token: _Token) -> Expression:
        """Return what begins with a name: a call, `inf`, or a reference."""
        sentence, array, labels = token.found["sentence"], token.found["array"], token.found["labels"]
        if self.take("("):
            if token.text not in FUNCTIONS:
                raise self.wrong(f"there is no function '{token.text}'", did_you_mean(token.text, FUNCTIONS), token)
            arguments = [self.side()]
            while self.take(","):
                arguments.append(self.side())
            if not self.take(")"):
                raise self.unexpected("')', ',' or an operator")
            return Operation(token.text, tuple(arguments), self.source(token.start))
        if token.text in ("inf", "infinity"):
            return Constant(math.inf, token.text)
        chosen = () if labels is None else labels_in(labels, token.text, slices=True)
        return Reference(Insert(sentence, array, chosen, None, token.text))


def _number(text: str) -> float:
    if text == "∞":
        return math.inf
    return float(text.rstrip("% ")) / 100 if text.endswith("%") else float(text)
