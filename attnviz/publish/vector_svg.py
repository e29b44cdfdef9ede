"""A page as SVG: plain elements that browsers, editors and typesetting programs all read.

Text that a page has is text, in fonts that the file brings with it; letters that are shapes are outlines.

Coordinates are whole hundredths of a unit, relative to one another, which makes the files small. What is referred to
is called by what it contains, so that figures can stand in one web page without taking one another's gradients.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from attnviz.publish.vector_fonts import family_of, font_faces, letters_used
from attnviz.publish.vector_page import Mark, Outline, Page, Paint, Picture, Shape, Stroke, Text

FINE = 100  # steps of a unit


def svg_of(page: Page) -> str:
    """Return a page as an SVG document."""
    used = letters_used(mark for mark in page.marks if isinstance(mark, Text))
    writer = _Writer(used)
    ground = [] if page.ground is None else [writer.ground(page, page.ground)]
    marks = list(writer.marks(page.marks))
    width, height, scale = _short(page.width), _short(page.height), page.points_per_unit
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'width="{_short(page.width * scale)}pt" height="{_short(page.height * scale)}pt" '
        f'viewBox="0 0 {width} {height}">'
    )
    texts = {"title": page.title, "desc": page.description}
    names = [f"<{tag}>{escape(text)}</{tag}>" for tag, text in texts.items() if text]
    fonts = [f"<style>{font_faces(used)}</style>"] if used else []
    defs = [f"<defs>{''.join(writer.gradients.values())}</defs>"] if writer.gradients else []
    # Cairo's miter limit is not that of SVG.
    body = [f'<g transform="scale({_short(1 / FINE)})" stroke-miterlimit="10">', *ground, *marks, "</g>"]
    return "\n".join([head, *names, *fonts, *defs, *body, "</svg>", ""])


class _Writer:
    """Writes marks as elements, and collects the gradients that they refer to."""

    def __init__(self, used: Mapping[str, str]) -> None:
        self.gradients: dict[str, str] = {}
        self.families = {face: family_of(face, letters) for face, letters in used.items()}

    def ground(self, page: Page, ground: Paint | Picture) -> str:
        if isinstance(ground, Picture):
            return _picture(ground)
        size = f'width="{_fine(page.width)}" height="{_fine(page.height)}"'
        return f"<rect {size} {self.paint('fill', ground)}/>"

    def marks(self, marks: Iterable[Mark]) -> Iterator[str]:
        """Yield elements; neighbours that are painted alike stand in one group, which says how."""
        elements = (element for mark in marks for element in self.elements(mark))
        for style, group in groupby(elements, key=lambda element: element[0]):
            bodies = [body for _, body in group]
            if not style:
                yield from bodies
            elif len(bodies) == 1:
                yield f'<path {style} d="{bodies[0]}"/>'
            else:
                yield f"<g {style}>"
                yield from (f'<path d="{body}"/>' for body in bodies)
                yield "</g>"

    def elements(self, mark: Mark) -> Iterator[tuple[str, str]]:
        """Yield how something is painted, and its path; or nothing and a whole element."""
        if not isinstance(mark, Shape):
            yield "", _picture(mark) if isinstance(mark, Picture) else "".join(map(self.text, _countable(mark)))
            return
        path = _path(mark.outlines)
        if mark.halo is not None:
            yield f'fill="none" {self.stroke(mark.halo)}', path
        style = 'fill="none"' if mark.fill is None else self.paint("fill", mark.fill)
        if mark.stroke is not None:
            style += f" {self.stroke(mark.stroke)}"
        if mark.fill is not None or mark.stroke is not None:
            yield style, path

    def text(self, text: Text) -> str:
        """Return an element that sets every letter at its own place; where its font is not read, others set it."""
        turn = f" rotate({_short(text.angle)})" if _short(text.angle) != "0" else ""
        x, y = map(_fine, text.place)
        fonts = f"{self.families[text.face]}, 'Libertinus Serif', 'Linux Libertine', serif"
        weight = ' font-weight="bold"' if text.face == "bold" else ""
        return (
            f'<text xml:space="preserve" transform="translate({x} {y}){turn}" x="{" ".join(map(_fine, text.along))}" '
            f'font-family="{fonts}" font-size="{_fine(text.size)}"{weight} {self.paint("fill", text.paint)}>'
            f"{escape(text.letters)}</text>"
        )

    def stroke(self, stroke: Stroke) -> str:
        style = f'{self.paint("stroke", stroke.paint)} stroke-width="{_short(stroke.width * FINE)}"'
        if stroke.join != "miter":
            style += f' stroke-linejoin="{stroke.join}"'
        if stroke.cap != "butt":
            style += f' stroke-linecap="{stroke.cap}"'
        return style

    def paint(self, what: str, paint: Paint) -> str:
        """Return the attributes for filling or stroking with a paint."""
        if len(paint.colors) > 1:
            return f'{what}="url(#{self.gradient(paint)})"'
        red_green_blue, opacity = _color(paint.colors[0])
        return f'{what}="{red_green_blue}"' + (f' {what}-opacity="{opacity}"' if opacity != "1" else "")

    def gradient(self, paint: Paint) -> str:
        """Return the name of a gradient, and keep what it is."""
        stops = []
        for place, color in zip(np.linspace(0, 1, len(paint.colors)), paint.colors, strict=True):
            red_green_blue, opacity = _color(color)
            stops.append(f'<stop offset="{_short(place, 4)}" stop-color="{red_green_blue}" stop-opacity="{opacity}"/>')
        (x1, y1), (x2, y2) = ((_fine(x), _fine(y)) for x, y in (paint.start, paint.end))
        line = f'gradientUnits="userSpaceOnUse" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
        content = f"{line}>{''.join(stops)}</linearGradient>"
        name = f"paint-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        self.gradients[name] = f'<linearGradient id="{name}" {content}'
        return name


def _countable(text: Text) -> Iterator[Text]:
    """Yield a text in pieces whose letters all programs count alike: browsers count those beyond U+FFFF twice."""
    start = 0
    for end, letter in enumerate(text.letters, start=1):
        following = text.letters[end : end + 1]
        if letter > "\uffff" or not following or following > "\uffff":
            yield replace(text, letters=text.letters[start:end], along=text.along[start:end])
            start = end


def _path(outlines: Iterable[Outline]) -> str:
    """Return outlines as path data: each begins where it is, all else is relative."""
    parts: list[str] = []
    for outline in outlines:
        points = np.rint(outline.curves * FINE).astype(int)
        x, y = points[0, 0].tolist()
        parts += ["M", *_numbers([x, y])]
        last = ""
        for (_, *rest), straight in zip(points.tolist(), outline.straight.tolist(), strict=True):
            command, used = ("l", rest[-1:]) if straight else ("c", rest)
            numbers = _numbers([value for px, py in used for value in (px - x, py - y)])
            parts += (
                numbers if command == last and numbers[0][0] == "-" else [command if command != last else " ", *numbers]
            )
            last, (x, y) = command, rest[-1]
        parts += "z" if outline.closed else ""
    return "".join(parts)


def _numbers(values: Iterable[int]) -> list[str]:
    """Return numbers as path data, with a space only where a sign does not part them."""
    texts = [str(value) for value in values]
    return texts[:1] + [text if text[0] == "-" else f" {text}" for text in texts[1:]]


def _picture(picture: Picture) -> str:
    """Return pixels as an element that carries them with it."""
    height, width = picture.pixels.shape[:2]
    corner, right, down = picture.corners * FINE
    across, downward = (right - corner) / width, (down - corner) / height
    matrix = " ".join(_short(value, 6) for value in (*across, *downward, *corner))
    data = io.BytesIO()
    Image.fromarray(picture.pixels).save(data, "png", optimize=True)
    look = "" if picture.smooth else ' style="image-rendering:pixelated"'
    return (
        f'<image width="{width}" height="{height}" preserveAspectRatio="none" transform="matrix({matrix})"{look} '
        f'xlink:href="data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"/>'
    )


def _color(color: tuple[float, float, float, float]) -> tuple[str, str]:
    """Return a colour as `#rrggbb`, and its opacity."""
    bytes_ = np.rint(np.clip(color[:3], 0, 1) * 255).astype(int)
    return "#" + "".join(f"{byte:02x}" for byte in bytes_), _short(min(1.0, max(0.0, color[3])), 3)


def _fine(value: float) -> str:
    return str(round(value * FINE))


def _short(value: float, decimals: int = 2) -> str:
    """Return a number without needless digits."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
