"""`lecture.numbers.json`: for every number on screen, its value, where it comes from, and when and where it stands."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attnviz.render.encoder import FilmFormat
    from attnviz.render.perform import PerformedShot
    from attnviz.render.trace_process import Traces

# A list of numbers, spread over lines: it is read more easily on one (no string of JSON goes over lines).
_PLAIN_LIST = re.compile(r"\[\n[\s\d.,eE+-]+\]")


def numbers_json(film: str, film_format: FilmFormat, shots: Sequence[PerformedShot], traces: Iterable[Traces]) -> str:
    """Write the numbers of a film as strict JSON (no NaN: an undefined value is null)."""
    frames = sum(shot.frames for shot in shots)
    content = {
        "film": film,
        "size": [film_format.width, film_format.height],
        "fps": film_format.fps,
        "duration": _seconds(Fraction(frames, film_format.fps)),
        "models": _models(traces),
        "shots": [_shot(shot, film_format) for shot in shots],
        "numbers": [number for shot in shots for number in _numbers(shot, film_format)],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    return _PLAIN_LIST.sub(lambda found: " ".join(found[0].split()).replace("[ ", "[").replace(" ]", "]"), text) + "\n"


def _models(traces: Iterable[Traces]) -> list[dict[str, str]]:
    """Return the models that were run, each once, with the fingerprint of its parameters and settings."""
    facts = ("model", "fingerprint", "device", "dtype")
    models = [
        tuple(str(dataset.attrs.get(fact, "")) for fact in facts)
        for scene in traces
        for dataset in scene.values()
        if "model" in dataset.attrs
    ]
    return [dict(zip(facts, model, strict=True)) for model in dict.fromkeys(models)]


def _shot(shot: PerformedShot, film_format: FilmFormat) -> dict[str, Any]:
    start = Fraction(shot.film_start, film_format.fps)
    return {
        "name": shot.name,
        "start": _seconds(start),
        "end": _seconds(start + Fraction(shot.frames, film_format.fps)),
        "narration": shot.narration,
    }


def _numbers(shot: PerformedShot, film_format: FilmFormat) -> Iterable[Mapping[str, Any]]:
    """Yield a shot's receipts, their times moved from the scene's to the film's."""
    shift = (shot.film_start - shot.scene_start) / film_format.fps
    for receipt in shot.receipts:
        yield {
            "text": receipt.text,
            "value": receipt.value if math.isfinite(receipt.value) else None,
            "array": receipt.array,
            "coords": dict(receipt.coords),
            "formula": receipt.formula,
            "shot": shot.name,
            "start": _seconds(receipt.start + shift),
            "end": _seconds(receipt.end + shift),
            "box": list(receipt.box),
        }


def _seconds(time: float | Fraction) -> float:
    return round(float(time), 3)
