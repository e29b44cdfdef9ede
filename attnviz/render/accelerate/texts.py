"""Reads each outline of a glyph once: a text uses the same ones again and again, and so do the texts of a lecture.

svgelements reads a path number by number into objects of many kinds, and moves every point of every object to its
place; Manim then takes them one by one. Here what a path says is kept as arrays, and the points of a glyph are
computed from them at one stroke, by the same sums in the same order. The path that a glyph keeps is the one that
svgelements would have made, but its segments are made only if somebody asks for them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from manim.mobject.svg.svg_mobject import VMobjectFromSVGPath
from svgelements import Close, CubicBezier, Line, Matrix, Move, Path  # type: ignore[import-untyped]
from svgelements.svgelements import GraphicObject, Transformable  # type: ignore[import-untyped]

from attnviz.render.accelerate.patching import replaced

_TOUCHES = 0.0001  # Manim closes no shape with a line whose ends are as near as this

_stock_parse = Path.parse
_stock_commands = VMobjectFromSVGPath.handle_commands


@contextlib.contextmanager
def outlines_read_once() -> Iterator[None]:
    """Read the outlines of glyphs once, for as long as the block lasts."""
    kept: dict[str, GlyphOutline | None] = {}

    def parse(self: Any, pathdef: Any) -> None:
        if type(self) is not Path or self._segments or type(pathdef) is not str:
            _stock_parse(self, pathdef)
            return
        if pathdef not in kept:
            kept[pathdef] = _outline_of(pathdef)
        outline = kept[pathdef]
        if outline is None:
            _stock_parse(self, pathdef)
        else:
            del self._segments
            self.__class__ = OutlinedPath
            self._outline, self._placings = outline, []

    with replaced((Path, "parse", parse), (VMobjectFromSVGPath, "handle_commands", _handle_commands)):
        yield


def _handle_commands(self: VMobjectFromSVGPath) -> VMobjectFromSVGPath:
    path = self.path_obj
    if type(path) is not OutlinedPath or path.looked_at or self.n_points_per_curve != 4:
        return _stock_commands(self)
    self.points = path.points()
    return self


class GlyphOutline:
    """What the data of a path says, which has lines and cubic curves only."""

    def __init__(self, data: str, vertices: Sequence[tuple[float, float]], curves: Sequence[Sequence[int]]) -> None:
        self.data = data
        self.vertices = np.array(vertices, dtype=np.float64)
        self.curves = np.array(curves, dtype=np.intp)  # places in `vertices`; of a line: twice its start, twice its end
        self.straight = self.curves[:, 0] == self.curves[:, 1]
        self.closing: list[int] = []  # the lines that close a shape, unless its ends touch already

    def segments(self) -> list[Any]:
        """Return what svgelements makes of the data."""
        path = Path()
        _stock_parse(path, self.data)
        return list(path._segments)

    def __deepcopy__(self, memo: dict[int, Any]) -> GlyphOutline:
        return self  # nothing changes it


class OutlinedPath(Path):
    """A path of which the outline is known, and where it was brought to; its segments follow from these."""

    _outline: GlyphOutline
    _placings: list[Any]

    @property
    def looked_at(self) -> bool:
        """Whether its segments were made; then somebody may have changed them."""
        return "_made" in self.__dict__

    @property
    def _segments(self) -> list[Any]:
        if not self.looked_at:
            self._made = self._outline.segments()
            for matrix in self._placings:
                for segment in self._made:
                    segment *= matrix
        return self._made

    @_segments.setter
    def _segments(self, segments: list[Any]) -> None:
        self._made = segments

    def reify(self) -> OutlinedPath:
        """Do what `Path.reify` does, later."""
        if self.looked_at:
            Path.reify(self)
            return self
        GraphicObject.reify(self)
        Transformable.reify(self)
        if isinstance(self.transform, Matrix):
            self._placings.append(Matrix(self.transform))
        self.transform.reset()
        return self

    def approximate_arcs_with_quads(self, error: float = 0.1) -> None:
        """Leave the path as it is if it has no arcs, as none has that was just read."""
        if self.looked_at:
            Path.approximate_arcs_with_quads(self, error)

    def points(self) -> npt.NDArray[np.float64]:
        """Return the points that Manim gives a mobject of this shape at this place."""
        outline = self._outline
        x, y = outline.vertices.T
        for matrix in self._placings:
            x, y = x * matrix.a + y * matrix.c + matrix.e, x * matrix.b + y * matrix.d + matrix.f
        points = np.stack([x, y, np.zeros(len(x))], axis=1)[outline.curves]
        lines = points[outline.straight]
        start, end = lines[:, 0], lines[:, 3]
        points[outline.straight, 1] = (start + start + end) / 3
        points[outline.straight, 2] = (start + end + end) / 3
        touching = [k for k in outline.closing if np.linalg.norm(points[k, 0] - points[k, 3]) <= _TOUCHES]
        if touching:
            points = np.delete(points, touching, axis=0)
        return points.reshape(-1, 3)


def _outline_of(data: str) -> GlyphOutline | None:
    """Return what the data of a path says; None if there is more to it than lines and cubic curves."""
    path = Path()
    _stock_parse(path, data)
    vertices: list[tuple[float, float]] = []
    curves: list[tuple[int, int, int, int]] = []
    closing: list[int] = []
    start = None  # of the shape that is being drawn: the place of a vertex
    for segment in path._segments:
        kind = type(segment)
        if kind is Move:
            start = len(vertices)
            vertices.append(tuple(segment.end))
            continue
        if start is None or kind not in (Line, CubicBezier, Close):
            return None
        last = len(vertices) - 1
        if kind is Close:
            closing.append(len(curves))
            curves.append((last, last, start, start))
            start = None  # only a Move may follow
        elif kind is Line:
            vertices.append(tuple(segment.end))
            curves.append((last, last, last + 1, last + 1))
        else:
            vertices += map(tuple, (segment.control1, segment.control2, segment.end))
            curves.append((last, last + 1, last + 2, last + 3))
    if not curves:
        return None
    outline = GlyphOutline(data, vertices, curves)
    outline.closing = closing
    return outline
