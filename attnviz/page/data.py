"""All that a page knows of a lecture, as plain data: what stands on screen, what is said, and what it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attnviz.page.receipts import Finder, ShownNumber, milliseconds
from attnviz.page.tables import KeptArray, KeptArrays
from attnviz.page.traces import KeptTraces, called
from attnviz.page.transcript import heard_in
from attnviz.publish.shown import captions_shown

if TYPE_CHECKING:
    from pathlib import Path

    from attnviz.publish.shown import ShownShot
    from attnviz.render.film.format import FilmFormat
    from attnviz.storyboard.types import Storyboard


def page_data(storyboard: Storyboard, film_format: FilmFormat, shots: Sequence[ShownShot]) -> dict[str, Any]:
    """Return all that the page of a film knows, as plain data (docs/page.md tells what is where)."""
    fps = film_format.fps
    traces, arrays = KeptTraces(storyboard), KeptArrays()
    finder = Finder(traces, arrays)
    numbers = [ShownNumber(shot, receipt, finder, fps) for shot in shots for receipt in shot.report.receipts]
    heard = [list(heard_in(shot, finder, fps)) for shot in shots]
    arrays.settle()
    return {
        "title": storyboard.title,
        "language": storyboard.language,
        "convention": storyboard.convention,
        "decimals": storyboard.decimals,
        "size": [film_format.width, film_format.height],
        "duration": milliseconds(shots[-1].seconds(fps)[1]),
        "chapters": _chapters(shots, fps),
        "shots": [
            _shot(shot, fps) | {"said": [each.plain() for each in said], "captions": _captions(shot, fps, storyboard)}
            for shot, said in zip(shots, heard, strict=True)
        ],
        "traces": traces.plain,
        "arrays": in_columns([_array(array, storyboard.path.parent) for array in arrays]),
        "numbers": in_columns([number.plain() for number in numbers]),
    }


def in_columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return rows of the same names column by column, which is shorter when it is packed."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _chapters(shots: Sequence[ShownShot], fps: int) -> list[dict[str, Any]]:
    chapters: dict[str, dict[str, Any]] = {}
    for shot in shots:
        start, end = (milliseconds(each) for each in shot.seconds(fps))
        chapter = chapters.setdefault(shot.name.split("/")[0], {"title": shot.scene.chapter.title, "start": start})
        chapter["end"] = end
    return list(chapters.values())


def _shot(shot: ShownShot, fps: int) -> dict[str, Any]:
    start, end = (milliseconds(each) for each in shot.seconds(fps))
    return {"name": shot.name, "start": start, "end": end}


def _captions(shot: ShownShot, fps: int, storyboard: Storyboard) -> list[list[Any]]:
    """Return the captions of a shot beside what is said there, where it takes little room to pack both."""
    return [
        [milliseconds(each.start), milliseconds(each.end), "\n".join(each.lines)]
        for each in captions_shown([shot], fps, storyboard.language)
    ]


def _array(array: KeptArray, near: Path) -> dict[str, Any]:
    labels = [[own[at] for at in kept] for own, kept in zip(array.labels, array.kept, strict=True)]
    working = array.working
    return {
        "trace": array.trace,
        "name": array.name,
        "meaning": str(array.entries.attrs.get("description", "")),
        "formula": str(array.entries.attrs.get("formula", "")),
        "dims": list(array.dims),
        "whole": [array.entries[dim].dtype.kind in "iu" for dim in array.dims],
        "sizes": list(array.entries.shape),
        "labels": labels,
        "values": array.values(),
        "working": working and [working.kind, *([each.array, *each.dims] for each in working.operands)],
        "coded": called(array.spec, near, array.name, array.dims),
    }
