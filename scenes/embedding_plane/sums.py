"""A move written out as a weighted sum: a word's own share, that of the word that pulls, and that of all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import AnimationGroup, FadeIn, LaggedStart, Mobject

from attnviz.stage import OTHERS, Array, Combination, Number, Stage, WordMarker, combination, derive, theme

LEAST = 0.005
"""A share of the others that is smaller is not written: its digits would be zeros."""


def are_alone(stage: Stage, word: str, toward: str, sentence: str | None) -> bool:
    """Return whether a layer mixes only these two words."""
    return {*stage.tokens(sentence)} == {word, toward} and not stage.places.laid


def pull_goal(stage: Stage, word: str, sentence: str | None) -> Array:
    """Return where a word's weights take it: among the places of all words, in the plane."""
    return np.asarray(stage.read(_result(stage), sentence, token=word).values, dtype=float)


def pull_sum(
    stage: Stage, word: str, toward: str, weights: Sequence[Number], sentence: str | None, room: tuple[float, float]
) -> Combination:
    """Return the move as a weighted sum; `weights` are those of the other word, and of the word itself.

    If more words take part, they have a term of their own: the rest of 1, and the middle of where they stand.
    """
    axes = _axes_in_use(stage, [word, toward], sentence)
    vectors = [stage.places.numbers(token, sentence, axes=axes) for token in (toward, word)]
    along: dict[str, Any] = {_dim(stage): axes}
    result = stage.numbers(_result(stage), sentence, token=word, **along)
    terms, shares = [toward, word], list(weights)
    colors = {token: stage.word_color(token) for token in (word, toward)} | {OTHERS: theme.DIM}
    others = stage.rest_of(weights, sentence=sentence)
    if not are_alone(stage, word, toward, sentence) and abs(others.value) >= LEAST:
        parts = zip(result, *vectors, strict=True)
        places = [((r - weights[0] * a - weights[1] * b) / others).styled("short") for r, a, b in parts]
        terms, shares, vectors = [*terms, OTHERS], [*shares, others], [*vectors, places]
    return combination(word, terms, shares, vectors, result, colors, room=room)


class Derivation:
    """The animations in which a sum is derived: its shares from where they pull, coordinates from the points."""

    def __init__(self, stage: Stage, written: Combination) -> None:
        self.stage, self.sum = stage, written

    def names(self, share: Mobject) -> AnimationGroup:
        """Return the animation that writes the words, and has the share of the first come from where it pulls."""
        first, *others = self.sum.names
        come = derive(first[1].marks["w"], share)
        rest = [part for part in first[1].submobjects if part is not first[1].marks["w"]]
        return LaggedStart(
            AnimationGroup(FadeIn(self.sum.lead, first[0], *rest), come), *map(FadeIn, others), lag_ratio=0.25
        )

    def coordinates(self, points: Sequence[WordMarker | Mobject]) -> AnimationGroup:
        """Return the animation that writes the coordinates, which come from the points that they belong to."""
        steps = []
        for k, row in enumerate(self.sum.coordinates):
            sign, term = row
            digits = [mark for key, mark in term.marks.items() if key != "w"]
            rest = [part for part in term.submobjects if all(part is not mark for mark in digits)]
            source = points[k] if k < len(points) else None
            come = [FadeIn(mark) if source is None else derive(mark, _middle(source)) for mark in digits]
            steps.append(AnimationGroup(FadeIn(sign, *rest), *come))
        return LaggedStart(*steps, lag_ratio=0.3)

    def result(self) -> AnimationGroup:
        """Return the animation in which each coordinate of the result comes from those above it."""
        sign, text = self.sum.result
        found = [text.marks[f"r{k}"] for k in range(len(text.marks))]
        rest = [part for part in text.submobjects if all(part is not mark for mark in found)]
        come = [derive(mark, *[row[1].marks[f"c{k}"] for row in self.sum.coordinates]) for k, mark in enumerate(found)]
        return AnimationGroup(FadeIn(sign, *rest), *come)


def _middle(source: WordMarker | Mobject) -> Mobject:
    return source.picture if isinstance(source, WordMarker) else source


def _result(stage: Stage) -> str:
    return "mixed_points" if stage.places.laid else "output"


def _dim(stage: Stage) -> str:
    return "axis" if stage.places.laid else "d_output"


def _axes_in_use(stage: Stage, tokens: Sequence[str], sentence: str | None) -> list[str]:
    """Return the plane's two axes, and the third one if any word has a nonzero coordinate along it, or will have."""
    axes = stage.places.axes()
    reached = [pull_goal(stage, tokens[0], sentence), *[stage.places.home(token) for token in tokens]]
    return axes[:2] if not any(vector[2:].any() for vector in reached) else axes
