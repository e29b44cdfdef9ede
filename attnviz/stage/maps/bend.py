"""The animation in which a plane bends, and with it all that it carries."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import Animation, Mobject, VGroup, smooth

from attnviz.stage.maps.bending import BendingPlane, body_of
from attnviz.stage.maps.carried import CLOSE, Carried
from attnviz.stage.maps.matrix_path import matrix_path, swung
from attnviz.stage.maps.names import GAP
from attnviz.stage.maps.sides import size_of
from attnviz.stage.maps.view import View
from attnviz.stage.placement import Array


class Bend(Animation):
    """Animate a plane from its current matrix to another, with all that it carries, its words, and their labels.

    With a `view` the plane moves there, too; without a `matrix` it does only that.
    """

    def __init__(
        self, plane: BendingPlane, matrix: Array | None = None, view: View | None = None, **kwargs: Any
    ) -> None:
        goal = plane.matrix if matrix is None else np.asarray(matrix, dtype=float)
        self.plane, self.path = plane, matrix_path(plane.matrix, goal)
        self.views = plane.view, view
        self.levels = [float(not np.allclose(each, np.eye(2))) for each in (plane.matrix, goal)]
        seen = view or plane.view
        self.labels = self._labels_on_their_way(goal, seen)
        self.offsets = [
            (point.label.get_center() - point.place, place - seen.at(home @ goal))
            for point, home, place in zip(
                plane.words.values(), plane.homes.values(), plane.label_places(goal, view), strict=True
            )
        ]
        if plane.subject and not self.levels[0]:
            plane.loud = 1.0  # it is the hero while it bends
        kwargs = {"run_time": 2.4, "rate_func": smooth} | kwargs
        labels = [thing.label for thing in plane.carried if thing.label is not None]
        super().__init__(VGroup(plane, *plane.carried, *labels, *plane.words.values()), **kwargs)

    def _labels_on_their_way(self, goal: Array, view: View) -> list[tuple[VGroup, Carried, Array, Array]]:
        """Return labels in whose way something will be, so that they change sides while the plane bends.

        Each comes with what it belongs to, and its offsets from the middle of that before and after.
        """
        labelled = [(thing, thing.label, thing.choice) for thing in self.plane.carried if thing.label is not None]
        starts = [label.get_center() - np.mean(thing.places, axis=0) for thing, label, _ in labelled]
        self.plane.settle(goal, view)
        found = []
        for (thing, label, side), start in zip(labelled, starts, strict=True):
            if thing.choice != side:
                places = [view.at(vector @ goal) for vector in thing.vectors]
                end = thing.spot(size_of(label), places) - np.mean(places, axis=0)
                label.move_to(np.mean(thing.places, axis=0) + start)
                found.append((label, thing, np.asarray(start), np.asarray(end)))
        return found

    def create_starting_mobject(self) -> Mobject:
        """Return the mobject itself: its start is known from the matrix, so no copy is needed."""
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Show the plane at the fraction `alpha` of the animation."""
        share = self.rate_func(alpha)
        matrix = self.path(share)
        start, end = self.views
        if self.levels[0] != self.levels[1]:
            self.plane.show_mapped(self.levels[0] + share * (self.levels[1] - self.levels[0]))
        self.plane.bend(matrix, None if end is None else start.toward(end, share))
        for (token, point), (before, after) in zip(self.plane.words.items(), self.offsets, strict=True):
            point.vector = self.plane.homes[token] @ matrix
            place = self.plane.at(point.vector)
            point.body.move_to(place)
            clear = [(a + b) / 2 + GAP for a, b in zip(body_of(point), size_of(point.label), strict=True)]
            point.label.move_to(place + swung(before, after, share, clear))
        for label, thing, before, after in self.labels:
            clear = [side / 2 + CLOSE for side in size_of(label)]
            label.move_to(np.mean(thing.places, axis=0) + swung(before, after, share, clear))
