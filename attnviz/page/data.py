"""All that a page knows of a lecture, as plain data: what stands on screen, what is said, and what it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attnviz.input.questions import Read, group_of, told_apart, visible_word
from attnviz.input.strict_json import strict
from attnviz.page.tables import KeptArray, KeptArrays
from attnviz.page.transcript import sentences_of
from attnviz.publish.shown import captions_shown
from attnviz.stage.theme import SMALL_WORDS

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.input.questions import Traces
    from attnviz.publish.shown import ShownShot
    from attnviz.render.film.format import FilmFormat
    from attnviz.storyboard.types import Storyboard

PLACES = 10_000  # boxes are told in so many parts of the frame's width and height
WORDS = ("token", "query", "key")  # dimensions whose labels are words


def page_data(storyboard: Storyboard, film_format: FilmFormat, shots: Sequence[ShownShot]) -> dict[str, Any]:
    """Return all that the page of a film knows, as plain data (docs/page.md tells what is where)."""
    fps = film_format.fps
    traces, arrays = _Traces(storyboard), KeptArrays()
    numbers = [_Number(shot, receipt, traces, arrays, fps) for shot in shots for receipt in shot.report.receipts]
    said = [each for place, shot in enumerate(shots) for each in _said(shot, place, traces, arrays, fps)]
    arrays.settle()
    last = shots[-1].seconds(fps)[1]
    return {
        "title": storyboard.title,
        "about": " ".join(storyboard.about.split()),
        "language": storyboard.language,
        "convention": storyboard.convention,
        "decimals": storyboard.decimals,
        "size": [film_format.width, film_format.height],
        "duration": _ms(float(last)),
        "chapters": _chapters(shots, fps),
        "shots": [_shot(shot, fps) for shot in shots],
        "said": [each() for each in said],
        "captions": [
            [_ms(float(each.start)), _ms(float(each.end)), "\n".join(each.lines)]
            for each in captions_shown(shots, fps, storyboard.language)
        ],
        "traces": traces.plain,
        "arrays": _columns([_array(array) for array in arrays]),
        "numbers": _columns([number.plain() for number in numbers]),
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return rows of the same names column by column, which is shorter when it is packed."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _chapters(shots: Sequence[ShownShot], fps: int) -> list[dict[str, Any]]:
    chapters: dict[str, dict[str, Any]] = {}
    for shot in shots:
        start, end = (_ms(float(each)) for each in shot.seconds(fps))
        chapter = chapters.setdefault(shot.name.split("/")[0], {"title": shot.scene.chapter.title, "start": start})
        chapter["end"] = end
    return list(chapters.values())


def _shot(shot: ShownShot, fps: int) -> dict[str, Any]:
    start, end = (_ms(float(each)) for each in shot.seconds(fps))
    return {"name": shot.name, "start": start, "end": end}


class _Traces:
    """The traces of a film, each once, with what has to be known to compute it again."""

    def __init__(self, storyboard: Storyboard) -> None:
        self._storyboard = storyboard
        self._places: dict[Any, int] = {}
        self.plain: list[dict[str, Any]] = []

    def of(self, shot: ShownShot, sentence: str) -> tuple[int, xr.Dataset]:
        """Return the place of a trace, and the trace; `sentence` names it in its scene, "" the first there."""
        traces, spec = shot.traces, shot.scene.spec
        name = sentence if sentence in traces else next(iter(traces))
        [*found] = (each for each in spec.sentences if each.name == name)
        asked = (found[0].text, found[0].words) if found else (None, None)
        key = (*asked, spec.model, spec.view, spec.carry, spec.experiments)
        if key not in self._places:
            self._places[key] = len(self.plain)
            self.plain.append(self._about(shot, traces, name, asked))
        return self._places[key], traces[name]

    def _about(self, shot: ShownShot, traces: Traces, name: str, asked: tuple[Any, Any]) -> dict[str, Any]:
        facts, spec = traces[name].attrs, shot.scene.spec
        told = ("sentence", "model", "fingerprint", "device", "dtype", "added", "layer", "head", "carry", "decimals")
        text, words = asked
        return {
            fact: facts[fact] if isinstance(facts[fact], int) else str(facts[fact]) for fact in told if fact in facts
        } | {
            "name": name,
            "words": _words(traces, name),
            "code": {"text": text, "words": words, "model": spec.model, "without": list(spec.view.without)},
        }


def _words(traces: Traces, name: str) -> list[list[Any]]:
    """Return every word of a sentence: its label, how it is written, and which of the groups' colours it has."""
    trace = traces[name]
    labels = [str(label) for label in trace["token"].values] if "token" in trace.coords else []
    words = []
    for label, written in zip(labels, told_apart(labels), strict=True):
        groups, mine = group_of(traces, Read("group", name, visible_word(label)))
        named = [group for group in dict.fromkeys(groups) if group and group != SMALL_WORDS]
        words.append([label, written, named.index(mine) if mine in named else -1])
    return words


class _Number:
    """A receipt, with the entry that it is of, if it was read."""

    def __init__(
        self, shot: ShownShot, receipt: Mapping[str, Any], traces: _Traces, arrays: KeptArrays, fps: int
    ) -> None:
        self._receipt, self._start = receipt, float(shot.seconds(fps)[0])
        self._trace, self._array = -1, None
        self._index: tuple[int, ...] = ()
        if shot.traces:
            self._trace, trace = traces.of(shot, receipt["sentence"])
            if receipt["array"] is not None and receipt["array"] in trace:
                self._array = arrays.of(self._trace, trace, receipt["array"])
                self._index = self._array.index_of(receipt["coords"])
                self._array.needed[self._index] = None

    def plain(self) -> dict[str, Any]:
        receipt, array = self._receipt, self._array
        return {
            "text": receipt["text"],
            "value": None if array is not None else strict(float(receipt["value"])),
            "array": -1 if array is None else array.number,
            "entry": -1 if array is None else array.place(self._index),
            "formula": receipt["formula"],
            "trace": self._trace,
            "start": _ms(receipt["start"] + self._start),
            "end": _ms(receipt["end"] + self._start),
            "box": _box(receipt["box"]),
            "ways": [self._way(way) for way in receipt["ways"]],
        }

    def _way(self, way: Mapping[str, Any]) -> list[Any]:
        times = [_ms(way[name] + self._start) for name in ("start", "end")]
        return [*times, *_box(way["origin"]), *_box(way["goal"])]


def _box(box: Iterable[float]) -> list[int]:
    return [round(edge * PLACES) for edge in box]


def _said(shot: ShownShot, place: int, traces: _Traces, arrays: KeptArrays, fps: int) -> Iterable[Any]:
    """Yield functions that return the sentences of a shot; they are to be called once the arrays are settled."""
    start = float(shot.seconds(fps)[0])
    for sentence in sentences_of(shot.shot.said):
        found: list[tuple[int, int, KeptArray, tuple[int, ...]]] = []
        for number in sentence.numbers:
            trace, dataset = traces.of(shot, number.named.sentence)
            array = arrays.of(trace, dataset, number.named.array)
            index = array.index_of(number.named.coords)
            array.needed[index] = None
            found.append((number.start, number.end, array, index))

        def plain(sentence: Any = sentence, found: Any = tuple(found)) -> dict[str, Any]:
            numbers = [[begin, end, array.number, array.place(index)] for begin, end, array, index in found]
            times = {"start": _ms(start + sentence.begins), "end": _ms(start + sentence.ends)}
            return {"shot": place, **times, "text": sentence.text, "numbers": numbers}

        yield plain


def _array(array: KeptArray) -> dict[str, Any]:
    labels = [[own[at] for at in kept] for own, kept in zip(array.labels, array.kept, strict=True)]
    working = array.working and [
        array.working.kind,
        *([each.array, *each.dims] for each in array.working.operands),
    ]
    return {
        "trace": array.trace,
        "name": array.name,
        "meaning": str(array.entries.attrs.get("description", "")),
        "formula": str(array.entries.attrs.get("formula", "")),
        "dims": list(array.dims),
        "sizes": list(array.entries.shape),
        "labels": labels,
        "values": array.values(),
        "working": working,
    }
