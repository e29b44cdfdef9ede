"""How words come to a plane: each is a list of numbers first, which flies to its point and becomes the point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from manim import RIGHT, UP, Animation, FadeIn, FadeOut, GrowFromCenter, VGroup, rate_functions, squish_rate_func

from attnviz.stage import FRONT, Array, Board, Stage, WordMarker, Writing, haloed, theme

GROWS = squish_rate_func(rate_functions.ease_out_back, 0.45, 1.0)


class Births:
    """The animations in which words come, one after another, all from the same place where nothing else stands."""

    def __init__(self, stage: Stage, board: Board, words: Sequence[WordMarker], *, told: bool) -> None:
        self.stage, self.board, self.words = stage, board, words
        self.lists = [self._written(word) for word in words]
        self.note = self._of_many() if stage.places.laid and not told else None
        self.homes = [word.offset for word in words]
        place = self._place()
        for word, written in zip(words, self.lists, strict=True):
            row = VGroup(word.label, written)
            word.label.next_to(written, -RIGHT, buff=0.3).seat(written.baseline)
            row.move_to(place)
        if self.note is not None:
            self.note.next_to(VGroup(self.words[0].label, self.lists[0]), -UP, buff=0.3)
            self.note.shift(RIGHT * max(0.0, board.bounds[0] - float(self.note.get_left()[0])))
            self.note.shift(RIGHT * min(0.0, board.bounds[2] - float(self.note.get_right()[0])))

    def plays(self) -> Iterator[tuple[list[Animation], float]]:
        """Yield the animations to play together, with their durations: one word flies while the next appears."""
        for k in range(len(self.words) + 1):
            together: list[Animation] = []
            if k:
                together += self._fly(k - 1)
            if k < len(self.words):
                together += [
                    self.stage.arrival(self.words[k].token, self.words[k].label),
                    FadeIn(self.lists[k], shift=0.15 * UP),
                ]
            if self.note is not None and k in (0, len(self.words)):
                together.append(FadeOut(self.note) if k else FadeIn(self.note))
            yield together, 0.65 if 0 < k < len(self.words) else 0.75

    def _fly(self, k: int) -> list[Animation]:
        word, written = self.words[k], self.lists[k]
        return [
            FadeOut(written, target_position=word.place, scale=0.3),
            word.label.animate.move_to(word.place + self.homes[k]).build(),
            GrowFromCenter(word.body, rate_func=GROWS),
        ]

    def _written(self, word: WordMarker) -> Writing:
        plane = self.board.plane
        drawn = plane.axes_names[:2] if plane.view == FRONT else plane.axes_names
        numbers = self.stage.places.numbers(word.token, axes=drawn)
        named = {f"c{k}": number for k, number in enumerate(numbers)}
        template = "[" + ", ".join(f"{{{name}}}" for name in named) + "]"
        written = self.stage.formula(template, size=theme.BODY, color=theme.INK, numbers=named)
        written.set_z_index(4)
        return haloed(written)

    def _of_many(self) -> Writing:
        """Return the note that the two numbers are a view of many more."""
        count = len(self.stage.labels("residual", "d_model"))
        number = self.stage.derived(count, "d_model", style="whole")
        note = self.stage.phrase("two directions, of {n} numbers", theme.NOTE, theme.DIM, n=number)
        note.set_z_index(4)
        return haloed(note)

    def _place(self) -> Array:
        """Return the middle of the corner of the plane that is farthest from all words, and clear of names."""
        left, bottom, right, top = self.board.bounds
        rows = [VGroup(word.label, text) for word, text in zip(self.words, self.lists, strict=True)]
        half = np.array([max(row[0].width + row[1].width + 0.3 for row in rows) / 2 + 0.1, 0.35, 0.0])
        corners = [
            np.array([x, y, 0.0])
            for y in (top - 0.35 - half[1], bottom + half[1])
            for x in (right - half[0], left + half[0], (left + right) / 2)
        ]
        return max(corners, key=lambda corner: self._free(corner, half))

    def _free(self, middle: Array, half: Array) -> float:
        away = [np.abs(word.place - middle) - half - 0.45 for word in self.board.points.values()]
        away += [np.abs(np.array(label.get_center()) - middle) - half - 0.3 for label in self.board.plane.labels]
        nearest = min((float(max(gap[0], gap[1])) for gap in away), default=9.0)
        return min(nearest, 1.5)
