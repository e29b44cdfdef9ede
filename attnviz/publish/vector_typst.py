"""A page as PDF, written by Typst: its text is text, in the fonts that it was set in, embedded; all else is vectors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, pairwise

from attnviz.publish.vector_letters import FACES, SEVERAL, with_letters
from attnviz.publish.vector_page import Page, Text
from attnviz.publish.vector_svg import svg_of
from attnviz.stage.typesetting import quoted

TITLE = "#set document(title: {title}, description: {description}, date: none)\n"
PAGE = "#set page(width: {width:.4f}pt, height: {height:.4f}pt, margin: 0pt, fill: none)\n"
# Lines stand on their baselines, and letters where they were set: words are placed one by one
RULES = '#set text(top-edge: "baseline", bottom-edge: "baseline", hyphenate: false)\n'
LAYER = '#place(top + left, image(bytes({svg}), format: "svg", width: {width:.4f}pt, height: {height:.4f}pt))\n'
WORD = (
    "#place(top + left, dx: {x:.4f}pt, dy: {y:.4f}pt, rotate({angle:.4f}deg, origin: top + left, "
    "text({face}, size: {size:.4f}pt, fill: rgb({color}), {word})))\n"
)


def typst_of(page: Page) -> str:
    """Return a page (whose letters are outlines still) as Typst code, for `pdf_of_typst`."""
    page = with_letters(page, nameless=True)
    scale = page.points_per_unit
    size = {"width": page.width * scale, "height": page.height * scale}
    head = TITLE.format(title=quoted(page.title), description=quoted(page.description)) + PAGE.format(**size) + RULES
    return head + "".join(
        _layer(layer, size) if isinstance(layer, Page) else _words(layer, scale) for layer in _layers(page)
    )


def pdf_of_typst(code: str) -> bytes:
    """Return Typst code as a PDF document, whose bytes follow from it alone.

    Typst writes it with threads of its own: not in a process that was forked from one in which it has had some.
    """
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    pdf = typst.Compiler(font_paths=fonts).compile(code.encode(), format="pdf")
    assert isinstance(pdf, bytes)
    return pdf


def _layers(page: Page) -> Iterator[Page | Text]:
    """Yield what lies over one another, from back to front: texts, and pages of what lies between them."""
    yield replace(page, marks=(), title="", description="")
    for is_text, marks in groupby(page.marks, key=lambda mark: isinstance(mark, Text)):
        if is_text:
            yield from (mark for mark in marks if isinstance(mark, Text))
        else:
            yield replace(page, ground=None, marks=tuple(marks), title="", description="")


def _layer(page: Page, size: dict[str, float]) -> str:
    return LAYER.format(svg=quoted(svg_of(page)), **size) if page.marks or page.ground else ""


def _words(text: Text, scale: float) -> str:
    """Return a text word by word, each where its first letter begins."""
    ends = [-1, *(k for k, letter in enumerate(text.letters) if letter == " "), len(text.letters)]
    return "".join(_word(text, start + 1, end, scale) for start, end in pairwise(ends) if end > start + 1)


def _word(text: Text, start: int, end: int, scale: float) -> str:
    along, angle = text.along[start], math.radians(text.angle)
    x, y = text.place[0] + along * math.cos(angle), text.place[1] + along * math.sin(angle)
    *channels, opacity = text.paint.colors[0]
    return WORD.format(
        x=x * scale,
        y=y * scale,
        angle=text.angle,
        face=FACES[text.face].typst,
        size=text.size * scale,
        color=", ".join(f"{100 * channel:.3f}%" for channel in (*channels, opacity)),
        word=quoted("".join(SEVERAL.get(letter, letter) for letter in text.letters[start:end])),
    )
