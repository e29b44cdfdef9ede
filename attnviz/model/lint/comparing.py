"""Comparing recorded entries with recomputed ones: how far they may be apart, and how a difference is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, Any]
# Given the place of a wrong entry: what may be wrong, what was found there, and what would be found if it were that.
Causes = Callable[[tuple[int, ...]], Iterable[tuple[str, Array, Array]]]


@dataclass(frozen=True)
class Rounding:
    """What rounding does to an entry.

    `unit` is the unit roundoff u of the arrays' numbers, `tiny` the smallest of them at full precision. `shown` is half
    a unit in the last decimal on screen where results are rounded on the way (`carry: displayed`), else 0.
    """

    unit: float
    tiny: float
    shown: float

    def allowed(self, terms: int, scale: Array | float) -> Array:
        """Return how far two computations of a result may be apart: each is off by at most γ(terms) · scale.

        `terms` are the roundings that stand one behind another, γₙ = n·u / (1 − n·u), and `scale` is the size of what
        is summed, Σ|xᵢ·yᵢ| (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. 2002, §3.1).
        """
        gamma = terms * self.unit / (1 - terms * self.unit)
        return np.asarray(2 * gamma * scale + (1 + 1e-6) * self.shown + terms * self.tiny)


class Violation(NamedTuple):
    """One entry that is not what it should be: found, expected, what the expected one is, and what may be the cause."""

    entry: str
    found: float
    expected: float
    rule: str
    cause: str = ""

    def __str__(self) -> str:
        """Return what was found and what was expected, in a sentence."""
        return f"{self.entry} is {self.found:.6g}, but {self.rule} is {self.expected:.6g}"


def apart(found: Array, expected: Array, allowed: Array) -> Array:
    """Tell of each entry whether it is farther from the expected one than allowed; NaN and ±∞ have to be the same."""
    with np.errstate(invalid="ignore"):
        near = np.abs(found - expected) <= allowed
    return np.asarray(~(near | (found == expected) | (np.isnan(found) & np.isnan(expected))))


def farthest(found: Array, expected: Array, allowed: Array) -> tuple[int, ...] | None:
    """Return the place of the entry that is farthest from the expected one; None if all are near enough."""
    wrong = apart(found, expected, allowed)
    if not wrong.any():
        return None
    with np.errstate(invalid="ignore"):
        distance = np.where(wrong, np.nan_to_num(np.abs(found - expected), nan=np.inf), -1.0)
    return tuple(map(int, np.unravel_index(np.argmax(distance), distance.shape)))


def cause_among(place: tuple[int, ...], allowed: Array, causes: Causes) -> str:
    """Return the first cause that explains what was found at a place and around it, "" if none does."""
    room = np.asarray(np.max(allowed, where=np.isfinite(allowed), initial=0.0))
    fits = (
        text
        for text, found, other in causes(place)
        if found.shape == other.shape and not apart(found, other, room).any()
    )
    return next(fits, "")


def entry_of(name: str, dims: Sequence[str], labels: Sequence[Sequence[str]], place: Sequence[int]) -> str:
    """Return an entry by its labels: `weights[layer 2, head 1, query apple, key orange]`."""
    named = (f"{dim} {each[index]}" for dim, each, index in zip(dims, labels, place, strict=False))
    return f"{name}[{', '.join(named)}]" if dims else name
