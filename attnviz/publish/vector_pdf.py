"""A page as PDF or PNG, painted by Cairo; text is outlines. The bytes follow from the page alone: no date is kept."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, TypeAlias

import cairo
import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from attnviz.publish.vector_page import Outline, Page, Paint, Picture, Shape, Stroke

if TYPE_CHECKING:
    Context: TypeAlias = cairo.Context[cairo.Surface]

POINTS_PER_INCH = 72.0


def pdf_of(page: Page) -> bytes:
    """Return a page as a PDF document of one page."""
    data = io.BytesIO()
    scale = page.points_per_unit
    with cairo.PDFSurface(data, page.width * scale, page.height * scale) as surface:
        _describe(surface, page)
        _paint_page(surface, page, scale)
    return data.getvalue()


def png_of(page: Page, dpi: float) -> bytes:
    """Return a page as a PNG of so many pixels an inch, of which it knows; it is painted as the PDF is."""
    scale = page.points_per_unit * dpi / POINTS_PER_INCH
    with cairo.ImageSurface(
        cairo.Format.ARGB32, math.ceil(page.width * scale), math.ceil(page.height * scale)
    ) as drawn:
        _paint_page(drawn, page, scale)
        drawn.flush()
        pixels = np.ndarray((drawn.get_height(), drawn.get_stride() // 4, 4), np.uint8, drawn.get_data())
        picture = Image.fromarray(_straight_alpha(pixels[:, : drawn.get_width()]))
    data = io.BytesIO()
    about = PngInfo()
    for key, text in (("Title", page.title), ("Description", page.description)):
        if text:
            about.add_itxt(key, text)
    picture.save(data, "png", dpi=(dpi, dpi), pnginfo=about)
    return data.getvalue()


def _paint_page(surface: cairo.Surface, page: Page, scale: float) -> None:
    context = cairo.Context(surface)
    context.scale(scale, scale)
    if isinstance(page.ground, Picture):
        _put_picture(context, page.ground)
    elif page.ground is not None:
        _take(context, page.ground)
        context.paint()
    for mark in page.marks:
        if isinstance(mark, Picture):
            _put_picture(context, mark)
        elif isinstance(mark, Shape):
            _put_shape(context, mark)
        else:
            raise TypeError("Cairo paints letters as outlines")


def _straight_alpha(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return Cairo's pixels (blue, green, red, as bright as their opacity leaves them) as RGBA, or RGB without gaps."""
    colors, opacity = pixels[..., 2::-1], pixels[..., 3:]
    if (opacity == 255).all():
        return np.ascontiguousarray(colors)
    full = np.maximum(opacity, 1).astype(np.uint16)
    return np.concatenate(
        [np.minimum(255, (colors * np.uint16(255) + full // 2) // full).astype(np.uint8), opacity], -1
    )


def _describe(surface: cairo.PDFSurface, page: Page) -> None:
    """Say what the page is; an empty date keeps Cairo from writing the present one."""
    facts = {
        cairo.PDFMetadata.TITLE: page.title,
        cairo.PDFMetadata.SUBJECT: page.description,
        cairo.PDFMetadata.CREATOR: "attnviz",
        cairo.PDFMetadata.CREATE_DATE: "",
    }
    for fact, text in facts.items():
        surface.set_metadata(fact, text)


def _put_shape(context: Context, shape: Shape) -> None:
    """Paint a shape as Manim's camera does: the halo, the fill, the stroke."""
    context.new_path()
    for outline in shape.outlines:
        _trace(context, outline)
    if shape.halo is not None:
        _put_stroke(context, shape.halo)
    if shape.fill is not None:
        _take(context, shape.fill)
        context.fill_preserve()
    if shape.stroke is not None:
        _put_stroke(context, shape.stroke)


def _trace(context: Context, outline: Outline) -> None:
    context.move_to(*outline.curves[0, 0].tolist())
    for (_, first, second, end), straight in zip(outline.curves.tolist(), outline.straight.tolist(), strict=True):
        if straight:
            context.line_to(*end)
        else:
            context.curve_to(*first, *second, *end)
    if outline.closed:
        context.close_path()


def _put_stroke(context: Context, stroke: Stroke) -> None:
    _take(context, stroke.paint)
    context.set_line_width(stroke.width)
    context.set_line_join(getattr(cairo.LineJoin, stroke.join.upper()))
    context.set_line_cap(getattr(cairo.LineCap, stroke.cap.upper()))
    context.stroke_preserve()


def _take(context: Context, paint: Paint) -> None:
    """Set this as Cairo's source."""
    if len(paint.colors) == 1:
        context.set_source_rgba(*paint.colors[0])
        return
    gradient = cairo.LinearGradient(*paint.start, *paint.end)
    for place, color in zip(np.linspace(0, 1, len(paint.colors)), paint.colors, strict=True):
        gradient.add_color_stop_rgba(float(place), *color)
    context.set_source(gradient)


def _put_picture(context: Context, picture: Picture) -> None:
    height, width = picture.pixels.shape[:2]
    opacity = picture.pixels[..., 3:].astype(np.uint16)
    pixels = np.empty((height, width, 4), dtype=np.uint8)
    # Cairo wants blue, green, red, each as bright as the opacity leaves it.
    pixels[..., :3] = (picture.pixels[..., 2::-1] * opacity + 127) // 255
    pixels[..., 3:] = opacity
    surface = cairo.ImageSurface.create_for_data(memoryview(pixels), cairo.Format.ARGB32, width, height)  # type: ignore[arg-type]
    corner, right, down = picture.corners
    context.save()
    context.transform(cairo.Matrix(*(right - corner) / width, *(down - corner) / height, *corner))
    context.set_source_surface(surface)
    context.get_source().set_filter(cairo.Filter.GOOD if picture.smooth else cairo.Filter.NEAREST)
    context.paint()
    context.restore()
