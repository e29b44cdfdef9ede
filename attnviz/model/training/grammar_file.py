"""A grammar as written in YAML: read, checked, every mistake at its line. Needs no torch."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from attnviz.input.content_paths import builtin_storyboards, expanded
from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.input.yamlsource import Source, read_yaml, validate
from attnviz.model.training.grammar import FULL_STOP, Alternative, Grammar, Symbol, Word
from attnviz.model.training.words import one_form, wrong_with

LONGEST = 200  # words of a sentence
NOTHING = "_"
_WEIGHT = re.compile(r"\((\d+(?:\.\d+)?)\)")
_RULE = re.compile(r"<([^<>\s]*)>")
_WORD = re.compile(r"([^:<>()]+)(?::([^\W_]+))?")

Name = Annotated[str, Field(pattern=r"^\w{1,60}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Place = tuple[str | int, ...]


class GrammarSpec(BaseModel):
    """Rules, each a text with alternatives or a list of such; the ambiguous words that are to be looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["grammar"]
    title: str | None = None
    start: Name
    ambiguous: list[Text] = Field(default_factory=list)
    rules: Annotated[dict[Name, Text | list[Text]], Field(min_length=1, max_length=500)]


def find_grammar(name: str, near: Path) -> Path:
    """Return the file of a grammar: NAME.yaml near the file that names it, or among those that come with attnviz."""
    if name.endswith((".yaml", ".yml")):
        return near / expanded(name)
    builtin = builtin_storyboards() / "grammars"
    for folder in (near, builtin):
        if Path(name).name == name and (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    known = sorted(path.stem for path in builtin.glob("*.yaml"))
    raise ProblemsFound(Problem(f"unknown grammar {name!r}", hint=did_you_mean(name, known, "a file's name, or")))


def read_grammar(path: Path) -> Grammar:
    """Read a grammar; raise `ProblemsFound` with everything that is wrong with it."""
    source = read_yaml(path)
    spec = validate(GrammarSpec, source)
    reader = _Reader(spec, source)
    rules = {name: reader.alternatives(name) for name in spec.rules}
    grammar = Grammar(spec.start, rules, [one_form(word) for word in spec.ambiguous])
    try:
        problems = reader.problems or [*_circles(rules, source), *_left_over(spec, rules, source)]
        problems = problems or [*_senses(grammar, source), *_lengths(grammar, source)]
    except RecursionError:
        problems = [Problem("the rules stand too deep within one another", path, source.line_of(("rules",)))]
    if problems:
        raise ProblemsFound(sorted(problems, key=lambda problem: problem.line or 0))
    return grammar


class _Reader:
    """Reads alternatives, and gathers what is wrong with them."""

    def __init__(self, spec: GrammarSpec, source: Source) -> None:
        self.spec, self.source = spec, source
        self.problems: list[Problem] = []
        self.hints: dict[str, str | None] = {}  # by word: what is wrong with it, if anything is
        if spec.start not in spec.rules:
            self._complain(("start",), f"there is no rule {spec.start!r}", did_you_mean(spec.start, spec.rules))

    def alternatives(self, name: str) -> tuple[Alternative, ...]:
        """Return the alternatives of a rule, their probabilities adding up to 1."""
        written, at = self.spec.rules[name], ("rules", name)
        texts: list[tuple[Place, str]] = [(at, written)] if isinstance(written, str) else []
        texts = texts or [((*at, index), text) for index, text in enumerate(written)]
        read = [self._alternative(part, place) for place, text in texts for part in text.split("|")]
        whole = sum(weight for weight, _ in read)
        if not whole:
            self._complain(at, f"rule {name!r} has no alternative that can happen")
            return ()
        return tuple(Alternative(weight / whole, symbols) for weight, symbols in read if weight)

    def _alternative(self, text: str, at: Place) -> tuple[float, tuple[Symbol, ...]]:
        """Return the weight and the symbols of an alternative."""
        *parts, last = text.split() or [""]
        weight = _WEIGHT.fullmatch(last)
        if not weight and last:
            parts.append(last)
        if not parts:
            self._complain(at, "an alternative is empty", f"write {NOTHING} for nothing")
        symbols = tuple(self._symbol(part, at) for part in parts if part != NOTHING)
        return (float(weight[1]) if weight else 1.0), symbols

    def _symbol(self, part: str, at: Place) -> Symbol:
        """Return a rule's name or a word."""
        if rule := _RULE.fullmatch(part):
            if rule[1] not in self.spec.rules:
                self._complain(at, f"there is no rule <{rule[1]}>", did_you_mean(rule[1], self.spec.rules))
            return rule[1]
        hint: str | None = "write word or word:topic, <rule>, a weight like (3) at the end; the full stop is added"
        if word := _WORD.fullmatch(part):
            text = one_form(word[1])
            if text not in self.hints:
                self.hints[text] = wrong_with(text)
            hint = self.hints[text]
            if hint is None:
                return Word(text, word[2] or "")
        self._complain(at, f"{part!r} is not a word", hint)
        return Word(part)

    def _complain(self, at: Place, message: str, hint: str | None = None) -> None:
        self.problems.append(Problem(message, self.source.path, self.source.line_of(at), hint))


def _circles(rules: dict[str, tuple[Alternative, ...]], source: Source) -> Iterator[Problem]:
    """Yield a problem for a rule that contains itself: its sentences would have no end."""
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> Iterator[Problem]:
        if name in above:
            way = " → ".join((*above[above.index(name) :], name))
            hint = "sentences must come to an end"
            yield Problem(f"rule {name!r} contains itself: {way}", source.path, source.line_of(("rules", name)), hint)
        elif name not in done:
            for _, symbols in rules[name]:
                for symbol in symbols:
                    if isinstance(symbol, str):
                        yield from visit(symbol, (*above, name))
            done.add(name)

    for name in rules:
        yield from visit(name, ())


def _left_over(spec: GrammarSpec, rules: dict[str, tuple[Alternative, ...]], source: Source) -> Iterator[Problem]:
    """Yield a problem for every rule that no sentence can use."""
    used, waiting = {spec.start}, [spec.start]
    while waiting:
        for _, symbols in rules[waiting.pop()]:
            new = {symbol for symbol in symbols if isinstance(symbol, str)} - used
            used |= new
            waiting += sorted(new)
    for name in rules:
        if name not in used:
            yield Problem(f"no sentence uses rule {name!r}", source.path, source.line_of(("rules", name)))


def _senses(grammar: Grammar, source: Source) -> Iterator[Problem]:
    """Yield a problem for every ambiguous word that has less than two topics."""
    symbols = [symbol for each in grammar.rules.values() for _, stack in each for symbol in stack]
    for index, word in enumerate(source.data.get("ambiguous") or []):
        topics = {symbol.topic for symbol in symbols if isinstance(symbol, Word) and symbol.text == one_form(word)}
        if len(topics) < 2 or "" in topics:
            line = source.line_of(("ambiguous", index))
            hint = "write it as word:topic everywhere, with two topics or more"
            yield Problem(f"{word!r} is not ambiguous in the rules", source.path, line, hint)


def _lengths(grammar: Grammar, source: Source) -> Iterator[Problem]:
    """Yield a problem if sentences can be too long, or hold nothing but the full stop."""
    line = source.line_of(("rules",))
    if grammar.longest > LONGEST:
        message = f"a sentence can have {grammar.longest:,} words"
        yield Problem(message, source.path, line, f"at most {LONGEST} are allowed")
    elif math.isclose(grammar.next_words([]).get(FULL_STOP, 0.0), 1.0):
        yield Problem("the only sentence is empty", source.path, line)
