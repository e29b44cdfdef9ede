"""Where words stand in a plane: at their embeddings, or, in a model of many dimensions, at their points in a plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from attnviz.stage.numbers import Number, Style
from attnviz.stage.placement import Array
from attnviz.stage.reading import Labels, refusal

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage


class Places:
    """Reads the words' places for a scene, whatever the model.

    A blackboard's words stand at their embeddings, and attention repeated moves them from step to step. Those of a
    model with layers stand where they enter the chosen layer; from there each layer moves them on.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def array(self) -> str:
        """The array in which the words' places are."""
        return "points" if self.laid else "embeddings"

    @property
    def laid(self) -> bool:
        """Whether a plane was laid through a space of many dimensions, and shows only a part of it."""
        return self._stage.has("points")

    def axes(self) -> list[str]:
        """Return the names of the axes along which words stand."""
        return self._stage.labels(self.array)

    def of(self, tokens: str | list[str], sentence: str | None = None) -> Array:
        """Return the place of a word (axis), or of several (token axis)."""
        return np.asarray(self._stage.read(self.array, sentence, token=tokens).values, dtype=float)

    def home(self, token: str, sentence: str | None = None) -> Array:
        """Return where a word stands at first: in this sentence if it is there, else in the first that has it."""
        homes = self._homes(token)
        return self.of(token, sentence if sentence in homes else next(iter(homes), None))

    def is_home(self, token: str, vector: Array) -> bool:
        """Tell whether a word stands there at first in some sentence."""
        return any(np.allclose(vector, self.of(token, name)) for name in self._homes(token))

    def together(self, *tokens: str) -> str:
        """Return the first sentence in which all these words stand; raises `ProblemsFound` if there is none.

        In a model with layers a word has another place in every sentence: refused are words that are drawn where they
        stand in another one, since what is measured between them would not be what is seen.
        """
        names = [name for name in self._stage.sentence_names() if {*tokens} <= {*self._stage.tokens(name)}]
        if not names:
            raise refusal(f"no sentence has both '{tokens[0]}' and '{tokens[-1]}'", "take words of one sentence")
        for token in tokens:
            if self.laid and not np.allclose(self.home(token), self.of(token, names[0])):
                hint = "take words of one sentence, or give each sentence a scene of its own"
                raise refusal(f"'{token}' is drawn as in another sentence than '{names[0]}'", hint)
        return names[0]

    def _homes(self, token: str) -> list[str]:
        """Return the names of the sentences that have a word."""
        return [name for name in self._stage.sentence_names() if token in self._stage.tokens(name)]

    def room(self, sentence: str | None = None) -> Array:
        """Return all places at which a sentence's words stand on their way (place axis), for a plane to hold them."""
        tokens = self._stage.tokens(sentence)
        if not self.laid:
            return self.of(tokens, sentence)
        passed = self._stage.read("point_steps", sentence, token=tokens).values
        return np.asarray(passed, dtype=float).reshape(-1, len(self.axes()))

    def numbers(
        self, token: str, sentence: str | None = None, style: Style = "short", axes: list[str] | None = None
    ) -> list[Number]:
        """Return a word's coordinates as numbers (along all axes, or these)."""
        dim = "axis" if self.laid else "d_model"
        coords: dict[str, Labels] = {"token": token, dim: axes or self.axes()}
        return self._stage.numbers(self.array, sentence, style, None, **coords)

    @property
    def moves(self) -> str:
        """What moves the words from step to step."""
        return "layer" if self.laid else "step"

    def start(self, sentence: str | None = None) -> int:
        """Return how many layers the words have passed where they stand at first (on a blackboard none)."""
        return int(self._stage.trace_fact("layer", sentence)) - 1 if self.laid else 0

    def after(self, step: int, tokens: list[str], sentence: str | None = None) -> dict[str, Array]:
        """Return where words are after so many layers, or steps of a blackboard's one; raises `ProblemsFound`."""
        array, dim = self._way
        if step > self.last(sentence):
            raise refusal(f"the words have taken all {self.last(sentence)} {self.moves}s", "take fewer steps")
        coords: dict[str, Labels] = {dim: step, "token": tokens}
        found = self._stage.read(array, sentence, **coords)
        return dict(zip(tokens, np.asarray(found.values, dtype=float), strict=True))

    def numbers_after(self, step: int, token: str, sentence: str | None = None) -> list[Number]:
        """Return a word's coordinates after so many layers, or steps, as numbers."""
        array, dim = self._way
        coords: dict[str, Labels] = {dim: step, "token": token}
        return self._stage.numbers(array, sentence, "fixed", None, **coords)

    def last(self, sentence: str | None = None) -> int:
        """Return how many layers, or steps of a blackboard's one, there are."""
        return int(self._stage.labels(*self._way, sentence=sentence)[-1])

    @property
    def _way(self) -> tuple[str, str]:
        """The array in which the words' ways are, and the dimension that counts their stops."""
        return ("point_steps", "depth") if self.laid else ("repeated", "step")
