"""`lecture.numbers.json`: every number on screen, where it comes from, when and where it is; and all claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attnviz.input.problems import ProblemsFound
from attnviz.input.questions import Read, Traces, entries_of
from attnviz.input.strict_json import strict
from attnviz.model.interface import ALL_HEADS
from attnviz.publish.shown import choices_shown

if TYPE_CHECKING:
    from attnviz.publish.shown import ShownShot
    from attnviz.render.film.format import FilmFormat
    from attnviz.render.shots.claims import TriedClaim

# A list of numbers, spread over lines: it is read more easily on one (no string of JSON goes over lines).
_PLAIN_LIST = re.compile(r"\[\n[\s\d.,eE+-]+\]")


def numbers_json(
    film: str, film_format: FilmFormat, shots: Sequence[ShownShot], claims: Sequence[TriedClaim] = ()
) -> str:
    """Write the numbers of a film as strict JSON (±∞ are "Infinity" and "-Infinity", an undefined value is null)."""
    frames = sum(shot.frames for shot in shots)
    traces = [shot.traces for shot in shots]
    content = {
        "film": film,
        "size": [film_format.width, film_format.height],
        "fps": film_format.fps,
        "duration": _seconds(Fraction(frames, film_format.fps)),
        "models": _each_once(traces, "model", "fingerprint", "device", "dtype"),
        "choices": [{"model": choice.taken, "of": list(choice.of)} for choice in choices_shown(shots)],
        "sentences": _each_once(traces, "sentence", "model", "added"),
        "shots": [_shot(shot, film_format.fps) for shot in shots],
        "numbers": [number for shot in shots for number in _numbers(shot, film_format.fps)],
        "claims": [_claim(claim) for claim in claims],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    return _PLAIN_LIST.sub(lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text) + "\n"


def _each_once(traces: Iterable[Traces], *facts: str) -> list[dict[str, str]]:
    """Return some facts of all traces that have the first of them, the same ones once."""
    found = [
        tuple(str(dataset.attrs.get(fact, "")) for fact in facts)
        for scene in traces
        for dataset in scene.values()
        if facts[0] in dataset.attrs
    ]
    return [dict(zip(facts, each, strict=True)) for each in dict.fromkeys(found)]


def _shot(shot: ShownShot, fps: int) -> dict[str, Any]:
    start, end = shot.seconds(fps)
    return {"name": shot.name, "start": _seconds(start), "end": _seconds(end), "narration": shot.shot.narration}


def _numbers(shot: ShownShot, fps: int) -> Iterable[Mapping[str, Any]]:
    """Yield a shot's receipts, their times moved from the shot's to the film's."""
    start, _ = shot.seconds(fps)
    for receipt in shot.report.receipts:
        value = _value(receipt, shot.traces)
        yield {
            "text": receipt["text"],
            "value": strict(value),
            "array": receipt["array"],
            "coords": receipt["coords"],
            "formula": receipt["formula"],
            **_origin(receipt, shot.traces),
            "shot": shot.name,
            "start": _seconds(receipt["start"] + float(start)),
            "end": _seconds(receipt["end"] + float(start)),
            "box": receipt["box"],
            "ways": [_way(way, float(start)) for way in receipt["ways"]],
        }


def _claim(tried: TriedClaim) -> dict[str, Any]:
    """Return what is claimed in a shot, whether that holds, and the numbers (or words) that were compared."""
    values = [
        {"of": source, "value": value if isinstance(value, str) else strict(value)}
        for source, value in tried.outcome.values
    ]
    chapter = tried.shot.split("/")[0]
    claim = {"text": tried.claim.source, "shot": tried.shot, "chapter": chapter, "holds": tried.outcome.holds}
    return {**claim, "values": values} | ({"why": tried.outcome.why} if tried.outcome.why else {})


def _way(way: Mapping[str, Any], began: float) -> dict[str, Any]:
    """Return one flight of a number: when, and from which box to which."""
    times = {"start": _seconds(way["start"] + began), "end": _seconds(way["end"] + began)}
    return times | {"from": way["origin"], "to": way["goal"]}


def _origin(receipt: Mapping[str, Any], traces: Traces) -> dict[str, str | None]:
    """Return the sentence, the model with its fingerprint, the layer and the head that a number is of.

    What it is not of is None: a blackboard has no layers, and what is derived says of which sentence, if not of all.
    """
    origin = dict.fromkeys(("sentence", "model", "fingerprint", "layer", "head"))
    if not traces or not (receipt["array"] or receipt["sentence"] or len(traces) == 1):
        return origin
    trace = traces[receipt["sentence"]] if receipt["sentence"] in traces else next(iter(traces.values()))
    facts, coords = trace.attrs, receipt["coords"]
    for name in ("sentence", "model", "fingerprint"):
        origin[name] = str(facts[name]) if name in facts else None
    for dim in ("layer", "head"):
        has = dim in getattr(trace.get(receipt["array"]), "dims", ())
        only = str(trace[dim].values[0]) if has and trace.sizes[dim] == 1 else None
        seen = facts.get(dim) if facts.get(dim) != ALL_HEADS else None
        origin[dim] = coords.get(dim) or only or seen
    return origin


def _value(receipt: Mapping[str, Any], traces: Traces) -> float:
    """Return a number at full precision as the trace has it today.

    A shot is not drawn again for a change that no viewer can see, beyond the sixth digit.
    """
    value = float(receipt["value"])
    if receipt["array"] is None:
        return value
    coords = tuple((dim, (label,)) for dim, label in receipt["coords"].items())
    try:
        entries = entries_of(traces, Read("entries", receipt["sentence"], receipt["array"], coords))
    except ProblemsFound:
        return value
    return float(entries.values.item()) if entries.size == 1 else value


def _seconds(time: float | Fraction) -> float:
    return round(float(time), 3)
