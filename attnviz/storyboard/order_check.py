"""Checks the order of a scene's shots, by what their verbs declare."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from attnviz.storyboard.order import after, as_needed, obstacle, with_sentence
from attnviz.storyboard.types import Shot
from attnviz.storyboard.verbs import Verb


def out_of_order(
    shots: Iterable[Shot], verbs: Mapping[str, Verb], sentence: str | None, before: Iterable[Shot] = ()
) -> Iterator[tuple[Shot, str, str | None]]:
    """Yield each shot that will be refused for those before it, with why, and what to do.

    What such a shot needs is taken to be there from then on: each cause is told once. `sentence` is the scene's first;
    shots `before` were played on the same stage, and are told of by themselves.
    """
    there: frozenset[str] = frozenset()
    told = tuple(before)
    for place, shot in enumerate((*told, *shots)):
        verb = verbs[shot.verb]
        defaults = {name: _value(each.default) for name, each in verb.parameters.items()}
        arguments = with_sentence(defaults | dict(shot.arguments), sentence)
        if found := obstacle(verb.order, there, arguments):
            if place >= len(told):
                yield shot, *found
            there = as_needed(verb.order, there, arguments)
        there = after(verb.order, there, arguments)


def _value(source: str | None) -> object:
    """Return a default as the verb will have it; None if it is not written out."""
    try:
        return None if source is None else ast.literal_eval(source)
    except ValueError:
        return None
