"""Numbers in strict JSON, which knows neither infinities nor NaN: the first have names, an undefined one is null."""

from __future__ import annotations

import math
from typing import Any


def strict(value: Any) -> Any:
    """Return plain data with ±∞ as "Infinity" and "-Infinity", as `float` and JavaScript read them; NaN as null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _named(value)
    if isinstance(value, dict):
        return {key: strict(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [strict(each) for each in value]
    return value


def _named(value: float) -> str | None:
    if math.isnan(value):
        return None
    return "Infinity" if value > 0 else "-Infinity"
