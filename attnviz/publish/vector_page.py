"""A scene as it stands, as plain shapes on a page: what Manim's camera would paint, in the order in which it would.

The camera itself is asked which mobjects are drawn, where their points lie and what their colours are, so that what
moves or turns the camera holds here too. Only the painting differs: no pixels are made, except where a mobject has
no outlines (a point cloud) or is filled with a picture; those are painted by the camera and put on the page as such.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from manim import PMobject, VMobject
from manim.mobject.types.image_mobject import AbstractImageMobject
from manim.utils.iterables import list_update
from PIL.Image import Resampling

if TYPE_CHECKING:
    from manim import Camera, Mobject, Scene

WIDTH = 1920.0  # units of a page; its height follows from the camera's frame
POINTS_PER_UNIT = 0.5  # of a page that shows the whole frame
NEARLY = 0.02  # units within which a curve's handles lie where a straight line has them
NO_TEXT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML has no way to write these
JOINS = {"AUTO": "miter"}  # Manim's AUTO is Cairo's default
CAPS = {"AUTO": "butt"}

Points = npt.NDArray[np.float64]
Color = tuple[float, float, float, float]  # red, green, blue, opacity: 0 … 1


@dataclass(frozen=True)
class Paint:
    """One colour, or several that follow one another evenly from `start` to `end`."""

    colors: tuple[Color, ...]
    start: tuple[float, float] = (0.0, 0.0)
    end: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Stroke:
    """A painted line; joins and caps are called as in SVG and in Cairo."""

    paint: Paint
    width: float
    join: str
    cap: str


@dataclass(frozen=True)
class Outline:
    """Cubic curves that follow one another: (curve, four points, xy); and which of them are straight."""

    curves: Points
    straight: npt.NDArray[np.bool_]
    closed: bool


@dataclass(frozen=True)
class Shape:
    """A mobject with outlines: behind its fill a halo, over it a stroke."""

    outlines: tuple[Outline, ...]
    halo: Stroke | None
    fill: Paint | None
    stroke: Stroke | None


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels (RGBA) in a parallelogram, given by its corners: upper left, upper right, lower left."""

    pixels: npt.NDArray[np.uint8]
    corners: Points
    smooth: bool = True


@dataclass(frozen=True)
class Text:
    """Letters on one line, each with the x at which it begins along it; the line begins at `place` and is turned.

    `size` is the em in units of the page, `angle` in degrees, clockwise; `face` is the name of a face of the fonts.
    """

    letters: str
    along: tuple[float, ...]
    face: str
    size: float
    place: tuple[float, float]
    angle: float
    paint: Paint


Mark = Shape | Picture | Text


@dataclass(frozen=True)
class Page:
    """What is painted, from back to front; without a ground what lies under the page shows through.

    Title and description are for those who cannot see it; they hold no characters that a file cannot. A unit of the
    page is `points_per_unit` typographic points wide on paper.
    """

    width: float
    height: float
    ground: Paint | Picture | None
    marks: tuple[Mark, ...]
    title: str
    description: str
    points_per_unit: float = POINTS_PER_UNIT


def page_of(
    scene: Scene,
    *,
    title: str = "",
    description: str = "",
    ground: bool = True,
    without: Container[Mobject] = (),
) -> Page:
    """Return a scene as it stands, but for the mobjects that it is to be shown `without`."""
    scene.camera.capture_mobjects([])  # a camera that turns follows its angles only when it is used
    reader = _Reader(scene.camera)
    listed = [each for each in list_update(scene.mobjects, scene.foreground_mobjects) if each not in without]
    mobjects = scene.camera.get_mobjects_to_display(listed)
    marks = tuple(mark for mark in reader.marks(mobjects) if is_on_page(mark, reader.size))
    title, description = (NO_TEXT.sub("", text) for text in (title, description))
    return Page(*reader.size, reader.ground() if ground else None, marks, title, description)


class _Reader:
    """Reads mobjects through one camera."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.scale = WIDTH / camera.frame_width
        center = np.asarray(camera.frame_center, dtype=float)[:2]
        half = np.array([camera.frame_width, camera.frame_height]) / 2
        self.upper_left = center + half * (-1, 1)
        self.size = (WIDTH, float(camera.frame_height * self.scale))

    def ground(self) -> Paint | Picture | None:
        if self.camera.background_image is not None:
            return self.whole_page(self.camera.background)
        red, green, blue = self.camera.background_color.to_rgb()
        return _paint([(red, green, blue, float(self.camera.background_opacity))])

    def marks(self, mobjects: Sequence[Mobject]) -> Iterator[Shape | Picture]:
        for mobject in mobjects:
            if isinstance(mobject, VMobject) and not mobject.get_background_image():
                shape = self.shape(mobject)
                if shape is not None:
                    yield shape
            elif isinstance(mobject, VMobject):
                yield self.painted(self.camera.display_multiple_background_colored_vmobjects, mobject)
            elif isinstance(mobject, PMobject):
                yield self.painted(self.camera.display_multiple_point_cloud_mobjects, mobject)
            elif isinstance(mobject, AbstractImageMobject):
                yield self.picture(mobject)

    def shape(self, mobject: VMobject) -> Shape | None:
        """Return a mobject as a shape; None if nothing of it can be seen."""
        camera = self.camera
        fill = self.paint(mobject, camera.get_fill_rgbas(mobject))
        halo, stroke = (self.stroke(mobject, background) for background in (True, False))
        if fill is None and halo is None and stroke is None:
            return None
        points = camera.transform_points_pre_display(mobject, mobject.points)
        splits = mobject.get_subpath_split_indices_from_points(points, n_dims=2)
        size = mobject.n_points_per_cubic_curve
        outlines = []
        for start, end in splits:
            count = (end - start) // size
            if count:
                closed = mobject.consider_points_equals_2d(points[start], points[end - 1])
                curves = self.on_page(points[start : start + count * size]).reshape(count, size, 2)
                outlines.append(Outline(curves, _straight(curves), bool(closed)))
        return Shape(tuple(outlines), halo, fill, stroke) if outlines else None

    def on_page(self, points: Points) -> Points:
        """Return where points of the scene lie on the page, whose y runs downward."""
        placed: Points = (np.asarray(points)[:, :2] - self.upper_left) * (self.scale, -self.scale)
        return placed

    def paint(self, mobject: VMobject, rgbas: Points) -> Paint | None:
        paint = _paint([(float(r), float(g), float(b), float(a)) for r, g, b, a in rgbas])
        if paint is None or len(paint.colors) == 1:
            return paint
        ends = np.array(mobject.get_gradient_start_and_end_points())
        (x1, y1), (x2, y2) = self.on_page(self.camera.transform_points_pre_display(mobject, ends)).tolist()
        return Paint(paint.colors, (x1, y1), (x2, y2))

    def stroke(self, mobject: VMobject, background: bool) -> Stroke | None:
        width = float(mobject.get_stroke_width(background))
        paint = self.paint(mobject, self.camera.get_stroke_rgbas(mobject, background=background))
        if width == 0 or paint is None:
            return None
        join, cap = mobject.joint_type.name, mobject.cap_style.name
        wide = width * self.camera.cairo_line_width_multiple * self.scale
        return Stroke(paint, wide, JOINS.get(join, join.lower()), CAPS.get(cap, cap.lower()))

    def picture(self, mobject: AbstractImageMobject) -> Picture:
        corners = self.on_page(self.camera.transform_points_pre_display(mobject, mobject.points[:3]))
        smooth = mobject.resampling_algorithm != Resampling.NEAREST
        return Picture(np.ascontiguousarray(mobject.get_pixel_array()), corners, smooth)

    def painted(self, paint: Callable[[Iterable[Any], Any], Any], mobject: Mobject) -> Picture:
        """Return what the camera paints of a mobject that has no vectors."""
        pixels = np.zeros((self.camera.pixel_height, self.camera.pixel_width, 4), dtype=np.uint8)
        paint([mobject], pixels)
        return self.whole_page(pixels)

    def whole_page(self, pixels: npt.NDArray[np.uint8]) -> Picture:
        width, height = self.size
        return Picture(pixels, np.array([(0.0, 0.0), (width, 0.0), (0.0, height)]))


def _paint(colors: Sequence[Color]) -> Paint | None:
    """Return a paint; None if it cannot be seen."""
    if all(color[3] == 0 for color in colors):
        return None
    return Paint(tuple(colors[:1] if len(set(colors)) == 1 else colors))


def _straight(curves: Points) -> npt.NDArray[np.bool_]:
    """Tell which curves are straight lines as Manim makes them, with the handles at a third and two thirds."""
    start, first, second, end = np.moveaxis(curves, 1, 0)
    off = np.maximum(abs(first - (2 * start + end) / 3), abs(second - (start + 2 * end) / 3))
    straight: npt.NDArray[np.bool_] = off.max(axis=1) < NEARLY
    return straight


def is_on_page(mark: Shape | Picture, size: tuple[float, float]) -> bool:
    """Tell whether a mark reaches a page of this size (what lies beyond it would only make the file larger)."""
    if isinstance(mark, Picture):
        return True
    points = curves_of(mark).reshape(-1, 2)
    # A pointed corner reaches as far as Cairo's miter limit lets it.
    reach = max((5 * stroke.width for stroke in (mark.halo, mark.stroke) if stroke is not None), default=0.0)
    return bool((points.max(axis=0) >= -reach).all() and (points.min(axis=0) <= np.array(size) + reach).all())


def corners_of(picture: Picture) -> Points:
    """Return all four corners of a picture (corner, xy)."""
    corner, right, down = picture.corners
    return np.array([corner, right, down, right + down - corner])


def curves_of(shape: Shape) -> Points:
    """Return all curves of a shape (curve, four points, xy)."""
    return np.concatenate([outline.curves for outline in shape.outlines])
