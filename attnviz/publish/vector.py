"""Figures for papers and slides: a scene as it stands, as vectors, looking like its frame of the film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.whole_files import replacing
from attnviz.publish.vector_page import page_of
from attnviz.publish.vector_pdf import pdf_of
from attnviz.publish.vector_svg import svg_of

if TYPE_CHECKING:
    from manim import Scene


def svg_bytes(scene: Scene, *, title: str = "", description: str = "", ground: bool = True) -> bytes:
    """Return a scene as it stands as the content of an SVG file."""
    return svg_of(page_of(scene, title=title, description=description, ground=ground)).encode()


def pdf_bytes(scene: Scene, *, title: str = "", description: str = "", ground: bool = True) -> bytes:
    """Return a scene as it stands as the content of a PDF file of one page."""
    return pdf_of(page_of(scene, title=title, description=description, ground=ground))


def save_svg(scene: Scene, path: Path, *, title: str = "", description: str = "", ground: bool = True) -> None:
    """Write a scene as it stands to an SVG file; what it is called and says goes with it, for those who cannot see it.

    Without a ground the page shows through. Raises `ProblemsFound` if the file cannot be written.
    """
    svg = svg_bytes(scene, title=title, description=description, ground=ground)
    with replacing(path) as new:
        new.write_bytes(svg)


def save_pdf(scene: Scene, path: Path, *, title: str = "", description: str = "", ground: bool = True) -> None:
    """Write a scene as it stands to a PDF file of one page, as `save_svg` does."""
    pdf = pdf_bytes(scene, title=title, description=description, ground=ground)
    with replacing(path) as new:
        new.write_bytes(pdf)
