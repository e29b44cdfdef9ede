"""What one attention weight alone makes of a word: where it takes the word, and the sum that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from manim import DOWN, LEFT, Mobject, VGroup
from numpy.typing import NDArray

from attnviz.stage import theme
from attnviz.stage.arithmetic.equations import OTHERS, combination, stack_at_sign, weight_bar
from attnviz.stage.numbers import Number
from attnviz.stage.planes.panel import WIDTH
from attnviz.stage.typesetting import Writing

if TYPE_CHECKING:
    from attnviz.stage.scene import Stage


@dataclass(frozen=True)
class PullSum:
    """The lines of a sum, what is said `before` them and the bar below; `stack` is all of it, from top to bottom."""

    before: list[Writing]
    lines: list[Writing]
    bar: Mobject
    stack: list[Mobject]


def check_pull(stage: Stage, word: str, toward: str, sentence: str | None) -> None:
    """Refuse a pull that cannot be shown: of a word towards itself, by several heads, or out of the plane."""
    if word == toward:
        stage.refuse(f"'{word}' cannot be pulled towards itself", "name two words")
    if len(stage.numbers("weights", sentence, query=word, key=toward)) > 1:
        heads = stage.labels("weights", "head", sentence)
        hint = f"choose one: `model: {{name: …, head: {heads[0]}}}`"
        stage.refuse(f"each of this model's heads ({', '.join(heads)}) pulls with a weight of its own", hint)
    if (
        _alone(stage, word, toward, sentence)
        and (axes := stage.labels("output", sentence=sentence)) != stage.places.axes()
    ):
        hint = "use a model without W_V, or whose W_V and W_O keep the axes"
        stage.refuse(f"this model's output is no place on the plane: its axes are {', '.join(axes)}", hint)


def pull_goal(stage: Stage, word: str, toward: str, sentence: str | None) -> NDArray[np.float64]:
    """Return where a weight takes a word: the layer's own output, when the two are alone on the board."""
    if _alone(stage, word, toward, sentence):
        return np.asarray(stage.read("output", sentence, token=word).values, dtype=float)
    weight = float(stage.read("weights", sentence, query=word, key=toward))
    start, end = (stage.places.home(token, sentence) for token in (word, toward))
    return start + weight * (end - start)


def pull_sum(stage: Stage, word: str, toward: str, weights: list[Number], sentence: str | None) -> PullSum:
    """Write out the move as a weighted sum; `weights` are those of the other word and of the word itself.

    Where more words take part, what is left of 1 is no weight of the word's own: it goes to all others.
    """
    axes = _axes_in_use(stage, [word, toward])
    vectors = [stage.places.numbers(token, sentence, axes=axes) for token in (toward, word)]
    colors = {token: stage.word_color(token) for token in (word, toward)}
    shared, tints, before = [toward, word], [colors[toward], colors[word]], list[Writing]()
    if _alone(stage, word, toward, sentence):
        result = stage.numbers("output", sentence, token=word, d_output=axes)
    else:
        weights = [weights[0], stage.derived(1 - weights[0].carried, f"1 - {weights[0].name}", sentence=sentence)]
        result = [(weights[0] * a + weights[1] * b).styled("short") for a, b in zip(*vectors, strict=True)]
        shared[1], tints[1] = OTHERS, theme.DIM
        before = [stage.prose("by this weight alone (the others’ share moves nothing)", theme.NOTE, theme.DIM)]
    lines = combination(word, [toward, word], weights, vectors, result, colors)
    bar = weight_bar(shared, weights, tints, width=WIDTH - 0.3)
    block = VGroup(*before, stack_at_sign(lines, word)).arrange(DOWN, buff=0.4, aligned_edge=LEFT)
    return PullSum(before, lines, bar, [block, bar])


def _alone(stage: Stage, word: str, toward: str, sentence: str | None) -> bool:
    """Tell whether a blackboard's layer mixes only these two words, so that its output is where the pull ends."""
    return {*stage.tokens(sentence)} == {word, toward} and not stage.places.laid


def _axes_in_use(stage: Stage, tokens: list[str]) -> list[str]:
    """Return the plane's two axes, and the third if one of the words has a share of it."""
    axes = stage.places.axes()
    flat = not any(stage.places.home(token)[2:].any() for token in tokens)
    return axes[:2] if flat else axes
