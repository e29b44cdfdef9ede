"""Numbers as somebody has them who computes by hand: with the digits that are written down, and what these leave open.

A number that is given with two decimals can be up to 0.005 more or less than what is written, and so can every result
that is rounded on the way. `low` and `high` enclose it all (interval arithmetic: R. E. Moore, *Interval Analysis*,
1966): whoever rounds as is told, or less, arrives between them, and so does the model, which rounds nowhere or as it
is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

EXACT = 1e-9
"""What is as near as this to its digits is what they say."""
SLACK = 1e-12
"""What the arithmetic of floats itself can be off, of a number's size: much less than this."""


class UnworkableError(Exception):
    """Something cannot be worked out by hand from what is given: it would be divided by what may be zero, say."""


@dataclass(frozen=True)
class Amount:
    """A number that is computed with: `mid` from the written digits, and somewhere from `low` to `high` in truth.

    `text` are its digits, once it is written down.
    """

    mid: float
    low: float
    high: float
    text: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether the digits leave nothing open."""
        return self.low == self.high

    def __add__(self, other: Amount) -> Amount:
        return _around(self.mid + other.mid, self.low + other.low, self.high + other.high)

    def __sub__(self, other: Amount) -> Amount:
        return _around(self.mid - other.mid, self.low - other.high, self.high - other.low)

    def __mul__(self, other: Amount) -> Amount:
        ends = [one * two for one in (self.low, self.high) for two in (other.low, other.high)]
        return _around(self.mid * other.mid, min(ends), max(ends))

    def __truediv__(self, other: Amount) -> Amount:
        if other.low <= 0 <= other.high or other.mid == 0:
            raise UnworkableError("it divides by what may be zero")
        ends = [one / two for one in (self.low, self.high) for two in (other.low, other.high)]
        return _around(self.mid / other.mid, min(ends), max(ends))

    def exp(self) -> Amount:
        """Return e to this power; of −∞ it is 0."""
        if self.high > 100:
            raise UnworkableError("e to such a power has too many digits")
        return _around(math.exp(self.mid), math.exp(self.low), math.exp(self.high))

    def root(self) -> Amount:
        """Return the square root; of a square that may be 0 it begins there."""
        return _around(math.sqrt(max(self.mid, 0)), math.sqrt(max(self.low, 0)), math.sqrt(max(self.high, 0)))

    def squared(self) -> Amount:
        """Return the square, which is never negative."""
        product = self * self
        return product if self.low >= 0 or self.high <= 0 else Amount(product.mid, 0.0, product.high)

    def written(self, places: int, *, short: bool = True) -> Amount:
        """Return it as it is written down, to so many decimals: what is cut off there is left open, too."""
        text = digits(self.mid, places, short=short)
        mid = value_of(text)
        if math.isinf(mid) or (self.is_exact and abs(mid - self.mid) < EXACT):
            return Amount(mid, mid, mid, text)
        half = 0.5 * 10**-places
        return Amount(mid, self.low - half, self.high + half, text)


def given(value: float, places: int, *, short: bool = True) -> Amount:
    """Return a number of the model as it is given, to so many decimals; raises `UnworkableError` for NaN and +∞."""
    if math.isnan(value) or value == math.inf:
        raise UnworkableError("it is no number")
    return Amount(value, value, value).written(places, short=short)


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the sum."""
    result = Amount(0.0, 0.0, 0.0)
    for amount in amounts:
        result = result + amount
    return result


def digits(value: float, places: int, *, short: bool = True) -> str:
    """Write a number as the film does: − for minus, never −0.00, and without zeros of its own at the end if `short`."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{places}f}"
    if short and "." in text and abs(value - float(text)) < 1e-6 * max(1.0, abs(value)):
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")


def value_of(text: str) -> float:
    """Return what digits say."""
    return float(text.replace("−", "-").replace("∞", "inf"))


def _around(mid: float, low: float, high: float) -> Amount:
    """Return a result; where its operands were not exact, floats have rounded outwards."""
    if low == high:
        return Amount(mid, mid, mid)
    slack = SLACK * max(abs(low), abs(high))
    return Amount(mid, low - slack, high + slack)
