"""What is said while a stage stands still, and when: by this the picture knows what to point at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NumberNamed:
    """A number of a trace by its array and all of its labels, as a receipt has them.

    `sentence` names the trace; "" is the scene's default.
    """

    array: str
    coords: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""


@dataclass(frozen=True)
class Cue:
    """A word, or a number, that is said from `begins` up to `ends`, in seconds since the shot began.

    `text` is the word as it is written, or the digits that are said for `number`. With a `gesture` (`indicate`,
    `trace` or `focus`) it is what a mark asks to be pointed at, whether or not it is said itself: from `begins`, when
    the word after the mark is spoken, up to `ends`, when the mark's clause is over. A mark with several targets gives
    as many cues, alike in their times and gesture.
    """

    begins: float
    ends: float
    text: str
    number: NumberNamed | None = None
    gesture: str = ""
