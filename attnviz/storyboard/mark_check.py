"""Checks that the marks of a narration name what can happen in its shot, and what a gesture can point at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attnviz.input.problems import Problem, ProblemsFound, did_you_mean
from attnviz.storyboard.narration import Insert, Mark, Spoken, as_known
from attnviz.storyboard.plays import GESTURES
from attnviz.storyboard.verbs import Verb

NO_NAMES = "write [] for its next play, or a gesture such as [indicate: apple]"
"""What can be marked where a verb's docstring names no plays."""


def wrong_marks(
    pieces: Sequence[Spoken],
    verb: Verb | None,
    names: Mapping[str, Sequence[str] | None],
    check: Callable[[Insert], object],
) -> Iterator[Problem]:
    """Yield what is wrong with the marks of a narration, each problem without a place.

    `verb` is that of the shot (None if it has none, which is told elsewhere). Of `names`, those under "word" and "axis"
    can be pointed at, or any if the words are None, which means unknown. `check` raises `ProblemsFound` for a number
    that the traces do not have. Whether a play comes in this shot, and how many do, is known when it is played.
    """
    words = None if names["word"] is None else [*names["word"], *(names["axis"] or ())]
    named = set[str]()
    for mark in pieces:
        if not isinstance(mark, Mark) or mark.name is None:
            continue
        if mark.name in GESTURES:
            yield from _wrong_gesture(mark, words, check)
        elif verb is not None:
            yield from _wrong_name(mark, verb, named)
            named.add(mark.name)


def _wrong_name(mark: Mark, verb: Verb, before: set[str]) -> Iterator[Problem]:
    """Yield what is wrong with the name of a play."""
    name = str(mark.name)
    if name not in verb.plays:
        hint = _plays_meant(name, verb)
        yield Problem(f"'{mark.source}': {verb.name} has no play '{name}'", hint=hint)
    elif name in before:
        hint = "mark its first play only; [] is the next one"
        yield Problem(f"'{mark.source}': the play '{name}' is marked twice", hint=hint)
    elif mark.targets:
        hint = f"write [{name}]; what points at something is one of {', '.join(GESTURES)}"
        yield Problem(f"'{mark.source}': a play has nothing to point at", hint=hint)


def _plays_meant(name: str, verb: Verb) -> str:
    """Return the hint for a name that is no play of a verb."""
    hint = did_you_mean(name, [*verb.plays, *GESTURES])
    if hint.startswith("did you mean"):
        return hint
    return f"its plays are: {', '.join(verb.plays)}" if verb.plays else NO_NAMES


def _wrong_gesture(mark: Mark, words: Sequence[str] | None, check: Callable[[Insert], object]) -> Iterator[Problem]:
    """Yield what is wrong with what a gesture points at."""
    if not mark.targets:
        hint = f"say what at: [{mark.name}: apple], or [{mark.name}: weights[apple, orange]]"
        yield Problem(f"'{mark.source}' points at nothing", hint=hint)
    for target in mark.targets:
        try:
            if isinstance(target, Insert):
                check(target)
            else:
                as_known(target, "word", words, mark.source)
        except ProblemsFound as found:
            for problem in found.problems:
                yield Problem(problem.message, hint=problem.hint)
