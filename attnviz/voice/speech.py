"""What every engine gives: sound, and when each word of the text is heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from attnviz.storyboard.reading import SpokenWord as SpokenWord

Samples = NDArray[np.float32]
"""Sound of one channel, between -1 and 1."""


@dataclass(frozen=True)
class Speech:
    """A text as it was spoken: how long it takes, in seconds, and its words in the order of the text."""

    seconds: float
    words: tuple[SpokenWord, ...]
    samples: Samples
    rate: int


class Voice(Protocol):
    """Somebody who speaks."""

    @property
    def key(self) -> Mapping[str, str]:
        """All that its sound depends on besides the text, engine and versions included."""

    def speak(self, text: str) -> Speech:
        """Speak a text; raises `ProblemsFound` (without a place) for words that it cannot say."""
