"""A clip for every row of a file, in one folder, with a sheet and a page that shows them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.clips.make import make_clip
from attnviz.clips.page import Shown, batch_page, shown_of, write_page
from attnviz.input.problems import Problem, ProblemsFound
from attnviz.input.whole_files import check_writable
from attnviz.publish.lecture import LectureFiles
from attnviz.render.film.format import path_of
from attnviz.render.run import SILENT

if TYPE_CHECKING:
    from attnviz.clips.rows import Row
    from attnviz.render.run import Progress, Wish

INDEX, SHEET = "index.html", "sheet.png"


@dataclass(frozen=True)
class Batch:
    """What became of a batch: its page, its clips, how many of them are new, and what is wrong with the others.

    `silent` tells, by their names, of those in which nobody speaks, although a voice was asked for.
    """

    page: Path
    clips: int
    fresh: int
    problems: tuple[Problem, ...]
    silent: Mapping[str, str]


def make_batch(
    rows: Sequence[Row], source: Path, folder: Path, wish: Wish, usual: LectureFiles, progress: Progress = SILENT
) -> Batch:
    """Make the clips of some rows of the file `source`; one that cannot be made does not keep others from it.

    `usual` says which files a clip has (see `files_of`). `progress` is told of clips, not of their shots. Raises
    `ProblemsFound` if nothing can be written.
    """
    check_writable([folder / INDEX, folder / SHEET])
    shown, fresh, problems, silent = list[Shown](), 0, list[Problem](), dict[str, str]()
    progress.begin(len(rows))
    for row in rows:
        files = files_of(row, folder, wish, usual)
        try:
            of_clip = replace(wish, wanted=files.wanted, last_shot=files.only_last_frame)
            made = make_clip(row.request, of_clip, files)
        except ProblemsFound as found:
            problems += [_of_row(problem, source, row) for problem in found.problems]
        else:
            shown.append(shown_of(row.request, files, made))
            fresh += made.written
            silent |= {row.name: made.silent} if made.silent else {}
        progress.advance(row.name)
    if shown:
        _write_around(folder, shown, wish)
    return Batch(folder / INDEX, len(shown), fresh, tuple(problems), silent)


def files_of(row: Row, folder: Path, wish: Wish, usual: LectureFiles) -> LectureFiles:
    """Return where the files of a row's clip go: its last frame, and of its film, sheet and stills what is `usual`.

    Names of rows have no dot, so that no row's sheet is another one's last frame.
    """
    return LectureFiles(
        film=None if usual.film is None else path_of(folder / row.name, wish.format.kind),
        last_frame=folder / f"{row.name}.png",
        sheet=None if usual.sheet is None else folder / f"{row.name}.sheet.png",
        stills=None if usual.stills is None else folder / f"{row.name}.stills",
    )


def _of_row(problem: Problem, source: Path, row: Row) -> Problem:
    """Return a problem at its row, with the place in the storyboard, if it has one there."""
    place = "" if problem.file is None else f"{problem.file}:{problem.line or 1}: "
    return Problem(f"{place}{problem.message}", source, row.line, problem.hint)


def _write_around(folder: Path, shown: Sequence[Shown], wish: Wish) -> None:
    """Write the sheet and the page."""
    from attnviz.publish.sheet import write_sheets

    pictures = [(each.still.stem, each.still.read_bytes()) for each in shown]
    write_sheets(folder / SHEET, pictures, colors=wish.format.theme)
    write_page(folder / INDEX, batch_page(shown, SHEET))
