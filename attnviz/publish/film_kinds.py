"""Writes a film in any of the supported kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.publish.film import FilmChapter, write_film
from attnviz.publish.film_gif import write_gif
from attnviz.publish.film_pngs import write_png_sequence

if TYPE_CHECKING:
    from attnviz.publish.captions import Caption
    from attnviz.publish.sound import Piece
    from attnviz.render.film.format import FilmFormat, Kind
    from attnviz.render.film.segment import Segment


SILENT: Mapping[Kind, str] = {"gif": "a GIF", "png": "a folder of PNG files"}


def why_silent(kind: Kind) -> str | None:
    """Return why a film of this kind is not heard, and which are; None if it is."""
    return f"{SILENT[kind]} has no sound; mp4, webm and mov have" if kind in SILENT else None


def write_moving_pictures(
    path: Path,
    film_format: FilmFormat,
    segments: Iterable[Segment],
    *,
    title: str,
    chapters: Sequence[FilmChapter],
    captions: Sequence[Caption],
    sound: Iterable[Piece] = (),
    language: str = "en",
    comment: str = "",
) -> int:
    """Write the film and return how many frames it has; a GIF or a folder of PNG files has nothing but those.

    `sound` is in the order in which it is heard, and read piece by piece; see `why_silent`.

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
        sound=sound,
        language=language,
        comment=comment,
    )
