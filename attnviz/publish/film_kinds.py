"""Writes a film in any of the supported kinds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.publish.film import FilmChapter, write_film
from attnviz.publish.film_gif import write_gif
from attnviz.publish.film_pngs import write_png_sequence

if TYPE_CHECKING:
    from attnviz.publish.captions import Caption
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.film.segment import Segment


def write_moving_pictures(
    path: Path,
    film_format: FilmFormat,
    segments: Iterable[Segment],
    *,
    title: str,
    chapters: Sequence[FilmChapter],
    captions: Sequence[Caption],
    language: str = "en",
    comment: str = "",
) -> int:
    """Write the film and return how many frames it has; a GIF or a folder of PNG files has nothing but those.

    Raises OSError, and for a folder `ProblemsFound`. A folder is complete or absent; a file is best written to
    a temporary name (`attnviz.input.whole_files`).
    """
    if film_format.kind == "png":
        return write_png_sequence(path, segments)
    if film_format.kind == "gif":
        return write_gif(path, film_format, segments)
    return write_film(
        path,
        film_format,
        segments,
        title=title,
        chapters=chapters,
        captions=captions,
        language=language,
        comment=comment,
    )
