"""The positions of words in a plane: their embeddings or, in a model of many dimensions, projections of these."""

from __future__ import annotations

import numpy as np

from attnviz.stage.numbers import Number, Style
from attnviz.stage.placement import Array
from attnviz.stage.reading import Door, Labels, refusal


class Places:
    """Reads the words' positions for a scene, whatever the model.

    A blackboard's words start at their embeddings, and attention, applied repeatedly, moves them step by step. Those of
    a model with layers start where they enter the chosen layer, and from there each layer moves them on.
    """

    def __init__(self, door: Door) -> None:
        self._door = door

    @property
    def array(self) -> str:
        """The trace's array that holds the words' positions."""
        return "points" if self.laid else "embeddings"

    @property
    def laid(self) -> bool:
        """Whether the plane is a projection of a space of many dimensions, and so shows only part of each vector."""
        return self._door.has("points")

    def axes(self) -> list[str]:
        """Return the names of the axes of the words' positions."""
        return self._door.labels(None, self.array)

    def of(self, tokens: str | list[str], sentence: str | None = None) -> Array:
        """Return the position of a word, shape (axis,), or of several, shape (token, axis)."""
        return np.asarray(self._door.read(self.array, sentence, token=tokens).values, dtype=float)

    def home(self, token: str, sentence: str | None = None) -> Array:
        """Return a word's initial position: in this sentence if it has the word, else in the first that does."""
        homes = self._homes(token)
        return self.of(token, sentence if sentence in homes else next(iter(homes), None))

    def is_home(self, token: str, vector: Array) -> bool:
        """Return whether a vector is a word's initial position in some sentence."""
        return any(np.allclose(vector, self.of(token, name)) for name in self._homes(token))

    def together(self, *tokens: str) -> str:
        """Return the first sentence that has all these words; raise `ProblemsFound` if there is none.

        In a model with layers, a word's position differs from sentence to sentence. Words that are drawn as in another
        sentence are refused, too, since what is measured between them would not match the picture.
        """
        names = [name for name in self._door.sentences() if {*tokens} <= {*self._door.labels("token", sentence=name)}]
        if not names:
            raise refusal(f"no sentence has both '{tokens[0]}' and '{tokens[-1]}'", "take words of one sentence")
        for token in tokens:
            if self.laid and not np.allclose(self.home(token), self.of(token, names[0])):
                hint = "take words of one sentence, or give each sentence a scene of its own"
                raise refusal(f"'{token}' is drawn as in another sentence than '{names[0]}'", hint)
        return names[0]

    def _homes(self, token: str) -> list[str]:
        """Return the names of the sentences that contain a word."""
        return [name for name in self._door.sentences() if token in self._door.labels("token", sentence=name)]

    def room(self, sentence: str | None = None) -> Array:
        """Return all positions of a sentence's words that a plane must have room for, shape (position, axis).

        In a model with layers these include the positions after every layer.
        """
        tokens = self._door.labels("token", sentence=sentence)
        if not self.laid:
            return self.of(tokens, sentence)
        passed = self._door.read("point_steps", sentence, token=tokens).values
        return np.asarray(passed, dtype=float).reshape(-1, len(self.axes()))

    def numbers(
        self, token: str, sentence: str | None = None, style: Style = "short", axes: list[str] | None = None
    ) -> list[Number]:
        """Return a word's coordinates as `Number`s, along all axes or only these; of the sentence that `home` takes."""
        homes = self._homes(token)
        sentence = sentence if sentence in homes else next(iter(homes), sentence)
        dim = "axis" if self.laid else "d_model"
        coords: dict[str, Labels] = {"token": token, dim: axes or self.axes()}
        return self._door.numbers(self.array, sentence, style, None, coords)

    @property
    def moves(self) -> str:
        """The noun for what moves the words: "layer", or a blackboard's "step"."""
        return "layer" if self.laid else "step"

    def start(self, sentence: str | None = None) -> int:
        """Return how many layers the words have passed at their initial positions (0 on a blackboard)."""
        return int(self._door.fact("layer", sentence)) - 1 if self.laid else 0

    def after(self, step: int, tokens: list[str], sentence: str | None = None) -> dict[str, Array]:
        """Return the positions of words, by token, shape (axis,), after so many layers or, on a blackboard, steps.

        Raises `ProblemsFound` if there are fewer than that.
        """
        array, dim = self._way
        if step > self.last(sentence):
            raise refusal(f"the words have taken all {self.last(sentence)} {self.moves}s", "take fewer steps")
        coords: dict[str, Labels] = {dim: step, "token": tokens}
        found = self._door.read(array, sentence, **coords)
        return dict(zip(tokens, np.asarray(found.values, dtype=float), strict=True))

    def numbers_after(self, step: int, token: str, sentence: str | None = None) -> list[Number]:
        """Return a word's coordinates after so many layers, or steps, as `Number`s."""
        array, dim = self._way
        coords: dict[str, Labels] = {dim: step, "token": token}
        return self._door.numbers(array, sentence, "fixed", None, coords)

    def last(self, sentence: str | None = None) -> int:
        """Return how many layers or, on a blackboard, how many steps there are."""
        array, dim = self._way
        return int(self._door.labels(dim, array, sentence)[-1])

    @property
    def _way(self) -> tuple[str, str]:
        """The array that holds the words' positions after every layer or step, and its dimension that counts these."""
        return ("point_steps", "depth") if self.laid else ("repeated", "step")
