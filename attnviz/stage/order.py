"""The order of verbs on a stage: what they declare is held while they are played."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attnviz.stage.reading import refusal
from attnviz.storyboard.order import (
    Arguments,
    Order,
    after,
    ends,
    leaves,
    needs,
    obstacle,
    order_of,
    unless,
    with_sentence,
)

__all__ = ["OnStage", "as_shot", "ends", "leaves", "needs", "unless"]


class OnStage:
    """The facts that hold on a stage, by what the verbs that were played declare."""

    def __init__(self) -> None:
        self.facts: frozenset[str] = frozenset()

    @contextmanager
    def playing(self, order: Order, arguments: Arguments) -> Iterator[None]:
        """Refuse a verb that cannot be played now; when it has been played, note what it leaves."""
        if found := obstacle(order, self.facts, arguments):
            raise refusal(*found)
        yield
        self.facts = after(order, self.facts, arguments)


def as_shot(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return a scene's verb as a storyboard calls it; called by another verb, it is the scene's own method.

    What the storyboard tells it is noted at the scene's door: only what comes from there may have numbers in names.
    """
    order, signature = order_of(verb), inspect.signature(verb)

    @functools.wraps(verb)
    def shot(self: Any, *args: Any, **kwargs: Any) -> Any:
        with self._door.listening(*args, *kwargs.values()) as from_storyboard:
            if not (order and from_storyboard):
                return verb(self, *args, **kwargs)
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            with self._on_stage.playing(order, with_sentence(bound.arguments, next(iter(self._door.traces), None))):
                return verb(self, *args, **kwargs)

    return shot
