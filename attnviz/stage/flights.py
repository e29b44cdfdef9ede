"""Where numbers are while a play moves them: on straight ways and arched ones, all at once or one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from manim import Animation, AnimationGroup

from attnviz.stage.placement import Array
from attnviz.stage.typesetting import NumberMark

MOMENTS = tuple(eighth / 8 for eighth in range(1, 8))
"""The shares of a play's time at which it is told where a number is."""
Place = Array | float
"""Where the middle of a number is or, if its way is straight, how much of it is behind it."""


@runtime_checkable
class Flying(Protocol):
    """An animation that leads numbers on a way of its own."""

    def marks_at(self, alpha: float) -> Iterator[tuple[NumberMark, Array]]:
        """Yield the numbers that fly, each with its middle after a share of the animation's time."""


def courses(animations: Sequence[Animation]) -> dict[NumberMark, list[Place]]:
    """Return where each number is at the `MOMENTS` of a play with these animations, which have begun."""
    seconds = max((animation.run_time for animation in animations), default=0.0)
    found: dict[NumberMark, list[Place]] = {}
    for animation in animations:
        for leaf, alphas in _leaves(animation, [min(1.0, each * seconds / animation.run_time) for each in MOMENTS]):
            has_begun = len(leaf.starting_mobject.get_family()) == len(leaf.mobject.get_family())
            if isinstance(leaf, Flying):
                if not has_begun:
                    continue  # a later one of a succession: where it starts is not known yet
                flown: dict[NumberMark, list[Place]] = {}
                for alpha in alphas:
                    for mark, place in leaf.marks_at(alpha):
                        flown.setdefault(mark, []).append(place)
                found |= flown
                continue
            for mark in (each for each in leaf.mobject.get_family() if isinstance(each, NumberMark)):
                if mark not in found:  # what is led on a way of its own may fade meanwhile
                    found[mark] = [float(leaf.rate_func(alpha)) for alpha in alphas]
    return found


def _leaves(animation: Animation, alphas: Sequence[float]) -> Iterator[tuple[Animation, Sequence[float]]]:
    """Yield the animations in a group, each with the shares of its own time, at some shares of the group's."""
    if not isinstance(animation, AnimationGroup):
        yield animation, alphas
        return
    times = [animation.rate_func(alpha) * animation.max_end_time for alpha in alphas]
    for part in animation.anims_with_timings:
        start, end = float(part["start"]), float(part["end"])
        own = [(time - start) / (end - start) if end > start else float(time >= end) for time in times]
        yield from _leaves(part["anim"], [min(1.0, max(0.0, float(alpha))) for alpha in own])
