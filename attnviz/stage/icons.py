"""The icons: small drawings that stand beside the point of a concrete word.

A drawing is one file, `icons/<word>.svg`, on a square of 64 units with outlines of 2.5 units; adding a file
adds the word. Only flat fills and outlines: no gradients, clips or text. A closed outline begins inside a
side, not at a corner: Cairo leaves the corner where it begins unrounded.
"""

from __future__ import annotations

import re
from pathlib import Path

import svgelements  # type: ignore[import-untyped]
from manim import ORIGIN, RIGHT, CapStyleType, LineJointType, SVGMobject, VMobject

from attnviz.stage.typesetting import sign_glyphs

_FOLDER = Path(__file__).with_name("icons")
_PLAIN = re.compile(r"[a-z0-9-]+")
_SIDE = 64  # of the square that a drawing is made on, in the drawing's own units
_STROKE = 100  # manim's stroke widths are hundredths of a scene unit


def icon(word: str, height: float) -> VMobject | None:
    """Draw the icon of `word` (or of its singular), centred, inside a square of side `height`.

    Most words have none: then None. To resize it later use `scale(factor, scale_stroke=True)`, so that
    the outlines keep their share.
    """
    name = _drawn_name(word.lower())
    if name is None:
        return None
    drawing = _Drawing(_FOLDER / f"{name}.svg")
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
    """Return the icon's name for a lower-cased word: the word itself or its singular."""
    singulars = (word, word.removesuffix("s"), re.sub("ies$", "y", word))
    known = icon_names()
    return next((name for name in singulars if name in known), None)


class _Drawing(SVGMobject):
    """An SVG file as manim reads it, but read in place.

    Manim's own reader writes a temporary file beside the original, where two workers would
    collide, and where an installed package may not be writable.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, height=None)

    def generate_mobject(self) -> _Drawing:
        """Parse the file into one submobject a shape."""
        shapes, self.id_to_vgroup_dict = self.get_mobjects_from(svgelements.SVG.parse(self.get_file_path()))
        self.add(*shapes)
        self.flip(RIGHT, about_point=ORIGIN)  # SVG counts y downwards
        return self
