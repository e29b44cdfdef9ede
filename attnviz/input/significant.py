"""To how many digits numbers are looked at: in films, and in what is claimed of them. No numpy."""

from __future__ import annotations

SIGNIFICANT = 6  # digits, so that CPU and GPU give the same picture


def significant(value: float, digits: int = SIGNIFICANT) -> float:
    """Return a number rounded to so many significant digits, never -0; NaN and infinities are kept."""
    return float(f"{value:.{digits}g}") + 0.0
