"""What a clip's metadata say: of which model, layer and head it is, by which measures they were chosen, how unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnviz.clips.facts import Facts
from attnviz.clips.request import BEST
from attnviz.model.interface import ALL_HEADS

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.clips.request import ClipRequest


def about_clip(request: ClipRequest, facts: Facts, trace: xr.Dataset) -> str:
    """Return it in a few sentences."""
    spoken = {name: value.said for name, value in facts.values().items()}
    parts = [f"the model {request.model}, {_place(facts)}", _why_word(request, facts, spoken["word"], trace)]
    if facts.layer is not None and request.head != ALL_HEADS:
        parts += [_why_head(request, facts, spoken["word"])]
        parts += [_how_many(facts, spoken, trace)] if facts.partners else []
    return "; ".join(parts)


def _place(facts: Facts) -> str:
    if facts.layer is None:
        return "a blackboard" if facts.head is None else f"head {facts.head}"
    return f"layer {facts.layer} of {facts.layers}, head {facts.head} of {facts.heads} in it"


def _why_word(request: ClipRequest, facts: Facts, word: str, trace: xr.Dataset) -> str:
    if request.word is not None:
        return f"the word “{word}”, as it was asked for"
    measure = "that all layers together take farthest" if "total_move" in trace else "that attention moves farthest"
    shared = " of those that both sentences have" if request.other is not None else ""
    return f"the word “{word}”, the one{shared} {measure}"


def _why_head(request: ClipRequest, facts: Facts, word: str) -> str:
    if request.head not in (None, BEST) and request.layer is not None:
        return "the head as it was asked for"
    of = facts.layers if request.layer is None else 1
    of *= facts.heads if request.head in (None, BEST) else 1
    return f"of {of} heads the one whose weights for “{word}” are farthest from even ones, sinks aside"


def _how_many(facts: Facts, spoken: dict[str, str], trace: xr.Dataset) -> str:
    over = int(trace["heads_over_half"].sel(query=facts.word, key=facts.partners[0]))
    return f"{over} of {facts.layers * facts.heads} heads give “{spoken['first']}” more than half of its attention"
