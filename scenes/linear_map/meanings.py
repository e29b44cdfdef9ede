"""What attention makes of a word in the plane of a map: the words that it attends to, how much, and its new places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from manim import RIGHT, Animation, Circle, Create, DashedLine, FadeIn, Line, VGroup

from attnviz.stage import Array, Number, Stage, WordMarker, around, frame, icon, ruler, theme, visible_word

from .apart import value
from .map_panel import SMALL, MapPanel
from .matrix_lines import lines_of

ICON = 0.5
"""The side of a word's icon beside its weight (frame units)."""


def old_place(place: Array, color: str) -> Circle:
    """Return the small hollow ring that stays where a word was."""
    return Circle(radius=frame.px(14), color=color, stroke_width=3).move_to(place)


class Meaning(NamedTuple):
    """What a sentence makes of a word in the plane of a map: where it goes, and its weights, that on itself last."""

    sentence: str
    place: Array
    others: Sequence[str]
    weights: Sequence[Number]
    words: Sequence[str]

    @property
    def strongest(self) -> str:
        """The word that has most of its attention, besides itself."""
        return max(zip(self.others, self.weights[:-1], strict=True), key=lambda pair: pair[1].value)[0]


def meaning_of(stage: Stage, word: str, sentence: str, map: str) -> Meaning:
    """Read what a sentence makes of a word in the plane of a map."""
    others = [token for token in stage.tokens(sentence) if token != word]
    if not others:
        stage.refuse(f"in the sentence '{sentence}' there is no word that '{word}' could attend to", "add some words")
    words = [*others, word]
    weights = stage.numbers("mapped_weights", sentence, map=map, query=word, key=words)
    place = np.asarray(stage.read("mapped_attended", sentence, map=map, token=word).values, dtype=float)
    return Meaning(sentence, place, others, [weight.styled("percent") for weight in weights], words)


def apart_in(stage: Stage, word: str, map: str, meanings: Sequence[Meaning]) -> Number:
    """Return how far apart two meanings of a word are in the plane of a map."""
    one, other = meanings
    name = f"mapped_attended[{map}, {word}]"
    told = f"norm({name} of '{one.sentence}' - {name} of '{other.sentence}')"
    return stage.derived(float(np.linalg.norm(one.place - other.place)), told)


class Parting:
    """A word in the plane of a map that is applied, while attention moves it to two places, one for each sentence."""

    def __init__(
        self, stage: Stage, panel: MapPanel, word: str, meanings: Sequence[Meaning], number: Number, shares: VGroup
    ) -> None:
        self.panel, self.number, plane = panel, number, panel.plane
        self.start = plane.words[word]
        goals = [plane.at(meaning.place) for meaning in meanings]
        colors = [stage.word_color(meaning.strongest) for meaning in meanings]
        home = self.start.place
        self.ring = old_place(home, self.start.word_color)
        self.copies = [self._copy(color) for color in colors]
        self.moves = [goal - home for goal in goals]
        self.ways = [Line(home, goal, color=color, stroke_width=6) for goal, color in zip(goals, colors, strict=True)]
        self.looks = [
            DashedLine(home, plane.words[other].place, color=stage.word_color(other), stroke_width=3, dash_length=0.06)
            for meaning in meanings
            for other in meaning.others
        ]
        VGroup(*self.ways, *self.looks).set_z_index(1)
        self.rule = ruler([meaning.place for meaning in meanings], away=0.5)
        taken = [
            *plane.standing(),
            *[around(goal, (copy.width, copy.height)) for copy, goal in zip(self.copies, goals, strict=True)],
        ]
        self.rule.settle(value(number), (goals, taken), bounds=panel.region)
        self.rule.place(goals)
        self.shares = shares.move_to([panel.region.center[0], panel.region.bottom - 0.22 - shares.height / 2, 0])

    def _copy(self, color: str) -> WordMarker:
        """Return the word once more, in a ring of the colour of what it attends to."""
        start = self.start
        copy = WordMarker(start.token, start.vector, start.place, start.word_color, with_icon=start.has_icon)
        copy.drop_name()
        copy.wear(color)
        copy.body.scale(SMALL, scale_stroke=True)
        return copy

    def look(self) -> list[Animation]:
        """Return the animations in which the word looks at the others, and its weights are written below."""
        return [*map(Create, self.looks), FadeIn(self.shares)]

    def part(self) -> list[Animation]:
        """Return the animations in which the word moves to both its places."""
        moves = [copy.animate.shift(move).build() for copy, move in zip(self.copies, self.moves, strict=True)]
        return [*moves, *map(Create, self.ways)]


def shares_of(stage: Stage, meanings: Sequence[Meaning]) -> VGroup:
    """Return a line for each sentence: what a word becomes there, as a sum of words by their weights."""
    return lines_of(*[_recipe(stage, meaning) for meaning in meanings], buff=0.2)


def _recipe(stage: Stage, meaning: Meaning) -> VGroup:
    """Return the weights of one sentence as a sum, which is one: each before its word, in the word's colour."""
    pieces: list[VGroup] = []
    for word, weight in zip(meaning.words, meaning.weights, strict=True):
        color, told = stage.word_color(word), visible_word(word)
        name = icon(told, ICON) or stage.prose(told, theme.NOTE, color, own=True)
        mark = stage.formula("{w}", size=theme.BODY, color=color, w=weight)
        pieces += [*([stage.formula("+", size=theme.BODY, color=theme.DIM)] if pieces else []), VGroup(mark, name)]
        pieces[-1].arrange(RIGHT, buff=0.14)
    return VGroup(*pieces).arrange(RIGHT, buff=0.14)
