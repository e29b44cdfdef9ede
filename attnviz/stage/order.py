"""The order of verbs on a stage: what they declare is held while they are played."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from attnviz.stage.reading import refusal
from attnviz.storyboard.order import after, ends, leaves, needs, obstacle, order_of, unless, with_sentence

__all__ = ["as_shot", "ends", "leaves", "needs", "unless"]


def as_shot(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return a scene's verb as a storyboard calls it; called by another verb, it is the scene's own method.

    What the storyboard tells it is noted at the scene's door: only what comes from there may have numbers in names.
    A verb that cannot be played after those before it is refused; of one that was played, what it leaves is noted.
    """
    order, signature = order_of(verb), inspect.signature(verb)

    @functools.wraps(verb)
    def shot(self: Any, *args: Any, **kwargs: Any) -> Any:
        with self._door.listening(*args, *kwargs.values()) as from_storyboard:
            if not from_storyboard:  # what it plays is no play of the shot's verb, which a narration can name
                with self._without_beats():
                    return verb(self, *args, **kwargs)
            if not order:
                return verb(self, *args, **kwargs)
            bound = signature.bind(self, *args, **kwargs)
            bound.apply_defaults()
            arguments = with_sentence(bound.arguments, next(iter(self._door.traces), None))
            if found := obstacle(order, self._facts, arguments):
                raise refusal(*found)
            played = verb(self, *args, **kwargs)
            self._facts = after(order, self._facts, arguments)
            return played

    return shot
