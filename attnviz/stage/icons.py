"""Icons: small drawings beside the points of concrete words.

Each is one file, `icons/<word>.svg`, drawn on a square of 64 units with strokes 2.5 units wide; adding a file
adds the word. Only flat fills and strokes are allowed: no gradients, clip paths or text. A closed path must start
within a side, not at a corner, because Cairo does not round the corner at which a path starts.
"""

from __future__ import annotations

import re
from pathlib import Path

import svgelements  # type: ignore[import-untyped]
from manim import ORIGIN, RIGHT, CapStyleType, LineJointType, SVGMobject

from attnviz.stage.typesetting import sign_glyphs

_FOLDER = Path(__file__).with_name("icons")
_PLAIN = re.compile(r"[a-z0-9-]+")
_SIDE = 64  # of the square that icons are drawn on, in SVG user units
_STROKE = 100  # manim's stroke widths are hundredths of a scene unit


def icon(word: str, height: float) -> Icon | None:
    """Return the icon of `word` (or of its singular, or of its last part) in a square of side `height` (frame units).

    Most words have no icon: then this returns None. To resize an icon later, use `scale(factor, scale_stroke=True)`, so
    that its strokes keep their proportion.
    """
    name = _drawn_name(word.lower())
    if name is None:
        return None
    drawing = Icon(_FOLDER / f"{name}.svg", word)
    sign_glyphs(drawing)
    drawing.scale(height / _SIDE)
    for part in drawing.submobjects:
        part.set_stroke(width=part.get_stroke_width() * _STROKE * height / _SIDE)
        part.set_cap_style(CapStyleType.ROUND)
        part.joint_type = LineJointType.ROUND
    return drawing


def icon_names() -> list[str]:
    """Return the words that have an icon of their own, in alphabetical order."""
    return sorted(path.stem for path in _FOLDER.glob("*.svg") if _PLAIN.fullmatch(path.stem))


def _drawn_name(word: str) -> str | None:
    """Return the icon's name for a lower-case word: the word itself, its singular, or that of its last part.

    A `fruit-apple` is an apple. None if there is no such icon.
    """
    known = icon_names()
    parts = (word, word.rpartition("-")[2])
    singulars = [name for part in parts for name in (part, part.removesuffix("s"), re.sub("ies$", "y", part))]
    return next((name for name in singulars if name in known), None)


class Icon(SVGMobject):
    """The drawing of a `word`: an `SVGMobject` that parses its file in place.

    Manim's own class writes a temporary file beside the original, where two workers would
    collide, and where an installed package may not be writable.
    """

    def __init__(self, path: Path, word: str) -> None:
        self.word = word
        super().__init__(path, height=None)

    def generate_mobject(self) -> Icon:
        """Parse the file into one submobject per shape."""
        shapes, self.id_to_vgroup_dict = self.get_mobjects_from(svgelements.SVG.parse(self.get_file_path()))
        self.add(*shapes)
        self.flip(RIGHT, about_point=ORIGIN)  # in SVG, y points down
        return self
