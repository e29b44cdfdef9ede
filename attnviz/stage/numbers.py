"""Numbers that know where they come from: the value, the text that is drawn, and the receipt between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import xarray as xr

from attnviz.input.questions import round_significant

Style = Literal["fixed", "short", "percent", "degrees", "whole"]
NOISE = 1e-6
"""What float32 and different devices add to a number: no digit that could be shown."""


def style_of(array: str) -> Style:
    """Return how an array of a head is written: what softmax made and what it is made of alike, the rest briefly."""
    return "fixed" if array in ("weights", "head_outputs", "scores") else "short"


def show(value: float, style: Style, decimals: int) -> str:
    """Write a value as it is drawn: `-` for minus, never `-0.00`, an undefined value as `?`.

    A `short` number leaves out zeros at its end, and only those that are its own: 0.5, but 0.50 for 0.498.
    """
    if not math.isfinite(value):
        return "?" if math.isnan(value) else ("-" if value < 0 else "") + "inf"
    places = {"percent": max(0, decimals - 2), "degrees": 0, "whole": 0}.get(style, decimals)
    shown = value * 100 if style == "percent" else value
    text = f"{shown:.{places}f}"
    if style == "short" and "." in text and math.isclose(shown, float(text), rel_tol=NOISE, abs_tol=NOISE):
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("-") if float(text) == 0 else text


@dataclass(frozen=True)
class Number:
    """A value with the text that is drawn for it and its origin.

    Either `array` and `coords` (read from the trace) or `formula` (derived; it names its inputs) says where it
    comes from. `value` has full precision; `text` is what stands on screen, without unit. `drawn` tells a number that
    is shown from a step on the way to one: only what a viewer can read is computed on with in its rounded form.
    `sentence` names the trace that it was read from ("" for the scene's default). `sign` is the last operation of a
    formula that was made by arithmetic.
    """

    value: float
    text: str
    array: str | None = None
    coords: Mapping[str, str] = field(default_factory=dict)
    formula: str | None = None
    unit: str = ""
    carry: str = "exact"
    decimals: int = 2
    drawn: bool = False
    sentence: str = ""
    sign: str = ""

    def __deepcopy__(self, memo: dict[int, Any]) -> Number:
        """Return itself: it never changes, so that copies of mobjects share it."""
        return self

    @property
    def name(self) -> str:
        """The name by which a formula calls this number: `weights[apple, orange]`."""
        if self.array is None:
            return self.formula or self.text
        return f"{self.array}[{', '.join(self.coords.values())}]" if self.coords else self.array

    @property
    def shown(self) -> float:
        """The value that a viewer can read from the screen."""
        return (
            float(self.text) / (100 if self.unit == "%" else 1) if self.text not in {"?", "inf", "-inf"} else self.value
        )

    @property
    def carried(self) -> float:
        """The value to compute on with: the displayed digits, or the exact value, as the storyboard says."""
        return self.shown if self.carry == "displayed" and self.drawn else self.value

    @property
    def is_honest(self) -> bool:
        """Whether it has an origin, and its text is its value, rounded to the digits that are shown."""
        if not (self.array or self.formula):
            return False
        if not math.isfinite(self.value):
            return not self.text[-1:].isdigit()
        places = len(self.text.partition(".")[2])
        value = self.value * 100 if self.unit == "%" else self.value
        return abs(float(self.text) - value) <= 0.5001 * 10**-places + 1e-5 * abs(value)

    def _combine(self, other: Number, sign: str, value: float) -> Number:
        one = self.sentence == other.sentence
        left, right = (n._within(sign, last=n is other, told=not one) for n in (self, other))
        text, sentence = show(value, "short", self.decimals), self.sentence if one else ""
        formula = f"{left} {sign} {right}"
        return Number(value, text, None, {}, formula, "", self.carry, self.decimals, sentence=sentence, sign=sign)

    def _within(self, sign: str, *, last: bool, told: bool) -> str:
        """Return its name as part of a formula, in brackets where it would be read otherwise without.

        `told`: the other part is of another sentence, so that it says of which it is itself.
        """
        where = f" of '{self.sentence}'" if told and self.sentence else ""
        if self.array is not None or not self.formula:
            return f"{self.name}{where}"
        goes_on = self.sign in ("·", "/") if sign in ("·", "/") and not last else sign == self.sign == "·"
        return self.formula if goes_on and not where else f"({self.formula}{where})"

    def __mul__(self, other: Number) -> Number:
        return self._combine(other, "·", self.carried * other.carried)

    def __add__(self, other: Number) -> Number:
        return self._combine(other, "+", self.carried + other.carried)

    def __sub__(self, other: Number) -> Number:
        return self._combine(other, "-", self.carried - other.carried)

    def __truediv__(self, other: Number) -> Number:
        value = self.carried / other.carried if other.carried else math.nan
        return self._combine(other, "/", value)

    def styled(self, style: Style, decimals: int | None = None) -> Number:
        """Return the same number, drawn in another way."""
        places = self.decimals if decimals is None else decimals
        unit = {"percent": "%", "degrees": "°"}.get(style, "")
        text = show(float(round_significant(self.value)), style, places)
        return replace(self, text=text, unit=unit, decimals=places, drawn=True)

    def not_zero(self, least: float = NOISE) -> Number:
        """Return the number with so many decimals that it is not shown as zero, unless it is nearer to it than `least`.

        What is nearer than `NOISE` is mere noise.
        """
        number = self
        while not number.shown and abs(number.value) >= least:
            number = number.styled("percent" if self.unit == "%" else "fixed", number.decimals + 1)
        return number


def as_shown(numbers: Iterable[Number]) -> bool:
    """Tell whether numbers are exactly what is shown of them, so that `=` may stand before them."""
    return all(abs(number.shown - number.value) < 1e-9 for number in numbers)


def relation(computed_from_shown: float, result: Number) -> str:
    """Return `=` if the shown digits give exactly the shown result, else `≈`."""
    if not math.isfinite(computed_from_shown):
        return "="
    return "=" if abs(computed_from_shown - result.shown) < 1e-9 else "≈"


def numbers_of(entries: xr.DataArray, style: Style, decimals: int, carry: str, sentence: str = "") -> list[Number]:
    """Make one number for each entry of a labelled array, in row-major order (`entries` at full precision)."""
    dims = [str(dim) for dim in entries.dims]
    labels = {dim: [str(label) for label in entries[dim].values] for dim in dims}
    return [
        Number(
            float(entries.values[index]),
            "",
            str(entries.name),
            {dim: labels[dim][i] for dim, i in zip(dims, index, strict=True)},
            carry=carry,
            sentence=sentence,
        ).styled(style, decimals)
        for index in np.ndindex(*entries.shape)
    ]
