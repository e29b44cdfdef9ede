"""How many, and how long, as a person is told it."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """Return "1 shot" or "3 shots"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """Return "12 s" or "3 min 5 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def clock(seconds: float) -> str:
    """Return a time, or a length, as players show it: "3:05"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
