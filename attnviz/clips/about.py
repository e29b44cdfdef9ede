"""What a clip's metadata say: of which model, layer and head it is, by which measures they were chosen, how unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attnviz.clips.facts import Facts
from attnviz.clips.request import BEST
from attnviz.model.interface import ALL_HEADS

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.clips.request import ClipRequest


def about_clip(request: ClipRequest, facts: Facts, trace: xr.Dataset, *, of_a_head: bool) -> str:
    """Return it in one line; without the head, if the clip is not of one."""
    spoken = {name: value.said for name, value in facts.values().items()}
    parts = [f"model {request.model}"] + ([_place(facts)] if of_a_head else [])
    parts += [_why_word(request, spoken["word"], trace)]
    if of_a_head and facts.layer is not None:
        parts += [_why_head(request, facts, spoken["word"])]
        parts += [_how_many(facts, spoken, trace)] if facts.partners else []
    return "; ".join(parts)


def _place(facts: Facts) -> str:
    if facts.layer is None:
        return "on a blackboard" if facts.head is None else f"head {facts.head}"
    return f"layer {facts.layer} of {facts.layers}, head {facts.head} of {facts.heads} in it"


def _why_word(request: ClipRequest, word: str, trace: xr.Dataset) -> str:
    if request.word is not None:
        return f"the word “{word}”, as it was asked for"
    by = "all layers together take" if "total_move" in trace else "attention takes"
    those = "the words that both sentences have" if request.other is not None else "the words that see another one"
    return f"the word “{word}”, which of {those} {by} farthest"


def _why_head(request: ClipRequest, facts: Facts, word: str) -> str:
    chosen = request.head in (None, BEST, ALL_HEADS)
    if not chosen and request.layer is not None:
        return "layer and head as they were asked for"
    of = (facts.layers if request.layer is None else 1) * (facts.heads if chosen else 1)
    measure = f"whose weights for “{word}” are farthest from even ones, sinks aside"
    if facts.beyond:
        return (
            f"of the {facts.beyond} heads, of {of}, that look past the word and its neighbours first, the one {measure}"
        )
    return f"of {of} heads (first of those that look at another word more than at itself) the one {measure}"


def _how_many(facts: Facts, spoken: dict[str, str], trace: xr.Dataset) -> str:
    over, every = int(trace["heads_over_half"].sel(query=facts.word, key=facts.partners[0])), facts.layers * facts.heads
    return f"{over} of {every} heads give “{spoken['first']}” more than half of the attention of “{spoken['word']}”"
