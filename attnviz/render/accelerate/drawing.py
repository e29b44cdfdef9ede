"""Draws vectorized mobjects in C, on the Cairo context that Manim draws on, with the same calls in the same order.

Manim builds each path with a Python call a curve. What is drawn here is what nearly all of a lecture consists of:
mobjects of one colour. Gradients, pictures as colours, and subclasses of VMobject or Camera that draw in ways of their
own stay with Manim; of those, only the path is built in C. Without a compiler everything does.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import math
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import cairo
import numpy as np
import numpy.typing as npt
from manim import CapStyleType, LineJointType, VMobject
from manim.camera.camera import CAP_STYLE_MAP, LINE_JOIN_MAP, Camera

from attnviz.render.accelerate.compiled import library
from attnviz.render.accelerate.patching import replaced
from attnviz.render.accelerate.plain_classes import draws_as_manim_does, leaves_drawing_to_manim, plain_at_start
from attnviz.render.accelerate.rows import EVERY_ROW, NO_ROW, Rows

Marks = npt.NDArray[np.uint8]  # one for each record: 0 or 1

_ATTRIBUTES = (
    "points",
    "background_stroke_rgbas",
    "fill_rgbas",
    "stroke_rgbas",
    "background_stroke_width",
    "stroke_width",
    "tolerance_for_point_equality",
    "n_points_per_cubic_curve",
    "joint_type",
    "cap_style",
    "background_image",
)
_CAIRO_FUNCTIONS = (
    "new_path",
    "new_sub_path",
    "move_to",
    "curve_to",
    "close_path",
    "set_source_rgba",
    "set_line_width",
    "set_line_join",
    "set_line_cap",
    "fill_preserve",
    "stroke_preserve",
)
_JOINTS, _CAPS = tuple(LineJointType), tuple(CapStyleType)
MARGIN = 2.0  # pixels around a mobject in which softened edges may lie
_STYLES = 4  # as drawing.c has it


@functools.cache
def drawing_library() -> ctypes.PyDLL | None:
    """Return the compiled library, which knows where Cairo's functions are, or None."""
    found = library("drawing")
    if found is None or len(_JOINTS) != _STYLES or len(_CAPS) != _STYLES:
        return None
    try:
        # What pycairo itself is linked with is found through it, whatever that file is called.
        of_pycairo = ctypes.CDLL(import_module("cairo._cairo").__file__)
        addresses = [ctypes.cast(getattr(of_pycairo, f"cairo_{name}"), ctypes.c_void_p) for name in _CAIRO_FUNCTIONS]
    except (AttributeError, ImportError, OSError):
        return None
    found.use_cairo.restype = None
    joins = (ctypes.c_int * _STYLES)(*(int(LINE_JOIN_MAP[joint]) for joint in _JOINTS))
    caps = (ctypes.c_int * _STYLES)(*(int(CAP_STYLE_MAP[cap]) for cap in _CAPS))
    found.use_cairo((ctypes.c_void_p * len(addresses))(*addresses), joins, caps)
    _declare(found)
    return found


def _declare(found: ctypes.PyDLL) -> None:
    pointer, size, number, py = ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_double, ctypes.py_object
    found.record.argtypes = [py, size, size, py, py, py, pointer, size, pointer]
    found.record.restype = size
    found.mark_equal.argtypes = [pointer, pointer, pointer, pointer, size, pointer]
    found.mark_equal.restype = None
    found.choose_lower.argtypes = [pointer, pointer, size, number, number, pointer, pointer, pointer]
    found.choose_lower.restype = size
    found.find_changed.argtypes = [pointer, pointer, pointer, pointer, size, pointer, number, number, pointer]
    found.find_changed.restype = ctypes.c_int
    found.make_path.argtypes = [pointer, pointer, size, size, number]
    found.make_path.restype = None
    found.draw.argtypes = [pointer, pointer, pointer, size, pointer, ctypes.c_int, pointer]
    found.draw.restype = None


def context_address(context: cairo.Context[Any]) -> int:
    """Return the address of the `cairo_t` of a pycairo context: its object's first field, as py3cairo.h lays down."""
    address = ctypes.c_void_p.from_address(id(context) + object.__basicsize__).value
    assert address is not None
    return address


class _Picture(ctypes.Structure):
    """The picture that is drawn on, as drawing.c knows it."""

    _fields_ = (
        ("pixels", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("stride", "width", "first_row", "last_row")),
        *((name, ctypes.c_double) for name in ("x", "y", "unit_x", "unit_y", "width_multiple", "margin")),
    )


def _picture(camera: Camera, pixels: npt.NDArray[np.uint8], units: cairo.Matrix, rows: Rows) -> _Picture:
    return _Picture(
        pixels.ctypes.data,
        pixels.strides[0],
        pixels.shape[1],
        rows[0],
        min(rows[1], len(pixels)),
        units.x0,
        units.y0,
        units.xx,
        -units.yy,
        camera.cairo_line_width_multiple,
        MARGIN / -units.yy,
    )


class Records:
    """All that the pictures of some mobjects depend on, as numbers: one record each, up to one drawn otherwise."""

    def __init__(self, found: ctypes.PyDLL) -> None:
        self._library = found
        self._numbers: npt.NDArray[np.float64] = np.empty(1 << 14)
        self._ends: npt.NDArray[np.int64] = np.zeros(1, np.int64)
        self.count = 0

    def take(self, mobjects: list[Any], first: int = 0) -> int:
        """Record the mobjects from `first` on, and return how many were recorded: up to one that cannot be."""
        last = first + plain_at_start(mobjects, first)
        if len(self._ends) <= last - first:
            self._ends = np.zeros(2 * (last - first) + 1, np.int64)
        while True:
            found = self._library.record(
                mobjects,
                first,
                last,
                _ATTRIBUTES,
                _JOINTS,
                _CAPS,
                self._numbers.ctypes.data,
                self._numbers.size,
                self._ends.ctypes.data,
            )
            if found >= 0:
                self.count = int(found)
                return self.count
            self._numbers = np.empty(2 * self._numbers.size)

    def same_as(self, other: Records) -> Marks:
        """Mark which records are equal to those of another, place by place."""
        marks = np.zeros(self.count, np.uint8)
        self._library.mark_equal(
            self._numbers.ctypes.data,
            self._ends.ctypes.data,
            other._numbers.ctypes.data,
            other._ends.ctypes.data,
            min(self.count, other.count),
            marks.ctypes.data,
        )
        return marks

    def lower(self, camera: Camera, still: Marks, margin: float) -> tuple[Marks, int]:
        """Choose, of the records marked as still, those that may be drawn before all others without changing a pixel.

        Those are the ones that keep a distance of `margin` pixels from whatever else lies below them. Also returns
        how many of them can be seen.
        """
        chosen, boxes = np.empty(self.count, np.uint8), np.empty((self.count, 4))
        visible = self._library.choose_lower(
            self._numbers.ctypes.data,
            self._ends.ctypes.data,
            self.count,
            camera.cairo_line_width_multiple,
            margin / 2 * max(camera.frame_width / camera.pixel_width, camera.frame_height / camera.pixel_height),
            still.ctypes.data,
            chosen.ctypes.data,
            boxes.ctypes.data,
        )
        return chosen, int(visible)

    def rows_changed(self, camera: Camera, before: Records, same: Marks) -> Rows:
        """Return which rows of a camera's picture may differ from the picture of as many records before."""
        span = np.empty(2)
        unit = camera.pixel_height / camera.frame_height
        if not self._library.find_changed(
            self._numbers.ctypes.data,
            self._ends.ctypes.data,
            before._numbers.ctypes.data,
            before._ends.ctypes.data,
            self.count,
            same.ctypes.data,
            camera.cairo_line_width_multiple,
            MARGIN / unit,
            span.ctypes.data,
        ):
            return NO_ROW
        top = camera.frame_center[1] + camera.frame_height / 2
        first, last = math.floor((top - span[1]) * unit), math.ceil((top - span[0]) * unit)
        return (max(0, first), last) if last > max(0, first) else NO_ROW

    def draw(self, camera: Camera, pixels: Any, marks: Marks, wanted: int, rows: Rows = EVERY_ROW) -> None:
        """Draw the records whose mark is `wanted` on some rows of a camera's picture, and nowhere else.

        Raises what Cairo has to complain about.
        """
        if not self.count:
            return
        context = camera.get_cairo_context(pixels)
        if rows != EVERY_ROW:
            _clip(context, camera.pixel_width, rows)
        self._library.draw(
            context_address(context),
            self._numbers.ctypes.data,
            self._ends.ctypes.data,
            self.count,
            marks.ctypes.data,
            wanted,
            ctypes.byref(_picture(camera, pixels, context.get_matrix(), rows)),
        )
        context.new_path()
        context.reset_clip()


def _clip(context: cairo.Context[Any], width: int, rows: Rows) -> None:
    """Let Cairo draw on some rows of pixels only; in those it finds the same pixels as without."""
    units = context.get_matrix()
    context.identity_matrix()
    context.rectangle(0, rows[0], width, rows[1] - rows[0])
    context.clip()
    context.set_matrix(units)


@contextlib.contextmanager
def drawn_in_c() -> Iterator[None]:
    """Draw vectorized mobjects in C, for as long as the block lasts."""
    found = drawing_library()
    if found is None:
        yield
        return
    records = Records(found)
    stock = Camera.display_multiple_non_background_colored_vmobjects

    def display(self: Camera, vmobjects: Iterable[VMobject], pixel_array: Any) -> None:
        camera_class: Any = type(self)
        if not draws_as_manim_does(camera_class):
            stock(self, vmobjects, pixel_array)
            return
        mobjects = list(vmobjects)
        done = 0
        while done < len(mobjects):
            count = records.take(mobjects, done)
            records.draw(self, pixel_array, np.zeros(count, np.uint8), 0)
            done += count
            if done < len(mobjects):
                stock(self, mobjects[done : done + 1], pixel_array)
                done += 1

    stock_path = Camera.set_cairo_context_path

    def set_path(self: Camera, context: cairo.Context[Any], vmobject: VMobject) -> Camera:
        mobject_class: Any = type(vmobject)
        if not leaves_drawing_to_manim(mobject_class) or vmobject.n_points_per_cubic_curve != 4:
            return stock_path(self, context, vmobject)
        points = self.transform_points_pre_display(vmobject, vmobject.points)
        if len(points):
            points = np.ascontiguousarray(points, dtype=np.float64)
            tolerance = vmobject.tolerance_for_point_equality
            found.make_path(context_address(context), points.ctypes.data, len(points), points.shape[1], tolerance)
        return self

    with replaced(
        (Camera, "display_multiple_non_background_colored_vmobjects", display),
        (Camera, "set_cairo_context_path", set_path),
    ):
        yield
