"""How motion begins and ends: softly, but not so slowly that it seems to stand still meanwhile."""

from __future__ import annotations

from collections.abc import Iterable

from manim import Animation, smooth


def gentle(share: float) -> float:
    """Return how far a motion has come after a share of its time.

    Manim's `smooth` is through one hundredth of the way in the first tenth of the time: where a play takes its time,
    as while somebody speaks, nothing seems to happen then. This one is through three.
    """
    held = min(1.0, max(0.0, share))
    return held * held * (3 - 2 * held)


def ease(animations: Iterable[Animation]) -> None:
    """Let animations begin and end gently, and the parts of groups, unless they ask for something of their own."""
    for animation in animations:
        if animation.rate_func is smooth:
            animation.rate_func = gentle
        ease(getattr(animation, "animations", ()))
