"""The traces of a film, each once: of which sentence and model, its words with their colours, and how to compute it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnviz.input.questions import Read, Traces, group_of, told_apart, visible_word
from attnviz.model.door import opened_model
from attnviz.stage.theme import SMALL_WORDS

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.publish.shown import ShownShot
    from attnviz.storyboard.types import SceneSpec, SentenceSpec, Storyboard

FOCUS = -2
"""Instead of a group's colour: the word that a scene is about has one of its own."""
FACTS = ("sentence", "model", "fingerprint", "device", "dtype", "carry", "added", "layer", "head")


class KeptTraces:
    """The traces of a film in the order in which they are first asked for; `plain` tells of each."""

    def __init__(self, storyboard: Storyboard) -> None:
        self._storyboard = storyboard
        self._places: dict[Any, int] = {}
        self.plain: list[dict[str, Any]] = []

    def of(self, shot: ShownShot, sentence: str) -> tuple[int, xr.Dataset]:
        """Return the place of a trace, and the trace itself; `sentence` names it in its scene, "" the first there."""
        traces, spec = shot.traces, shot.scene.spec
        name = sentence if sentence in traces else next(iter(traces))
        found = next((each for each in spec.sentences if each.name == name), None)
        asked = (found.text, found.words) if found else (None, None)
        key = (*asked, spec.model, spec.view, spec.carry, spec.experiments)
        if key not in self._places:
            self._places[key] = len(self.plain)
            trace = traces[name]
            about = {fact: str(trace.attrs[fact]) for fact in FACTS if fact in trace.attrs}
            code = None if found is None else code_of(spec, found, self._storyboard.decimals, trace.attrs)
            self.plain.append(about | {"name": name, "words": _words(traces, name, spec.focus), "code": code})
        return self._places[key], traces[name]


def _words(traces: Traces, name: str, focus: str | None) -> list[list[Any]]:
    """Return every word of a sentence: its label, how it is written, and which of the groups' colours it has.

    It is -1 if it has none, and `FOCUS` for the word that is asked about.
    """
    trace = traces[name]
    labels = [str(label) for label in trace["token"].values] if "token" in trace.coords else []
    words = []
    for label, written in zip(labels, told_apart(labels), strict=True):
        groups, mine = group_of(traces, Read("group", name, visible_word(label)))
        named = [group for group in dict.fromkeys(groups) if group and group != SMALL_WORDS]
        color = named.index(mine) if mine in named else -1
        words.append([label, written, FOCUS if focus in (label, visible_word(label)) else color])
    return words


def code_of(spec: SceneSpec, sentence: SentenceSpec, decimals: int, facts: Mapping[str, Any]) -> str | None:
    """Return the call of `attnviz.trace` that computes a sentence's trace again; None if no call does."""
    if any("," in word for word in sentence.words or ()):
        return None  # they are told apart by commas
    view = spec.view
    options: dict[str, Any] = {"model": spec.model}
    options |= {"words": ",".join(sentence.words)} if sentence.words else {}
    options |= {"layer": view.layer} if view.layer is not None else {}
    options |= {"without": list(view.without)} if view.without else {}
    options |= {"carry": spec.carry} if spec.carry != "exact" else {}
    options |= {"decimals": decimals} if decimals != 2 and spec.carry != "exact" else {}
    options |= {"dtype": facts["dtype"]} if facts["dtype"] != "float64" else {}
    text = " ".join(sentence.words or ()) if sentence.text is None else sentence.text
    return f"trace({', '.join([repr(text), *(f'{name}={value!r}' for name, value in options.items())])})"


@cache
def arrays_of(model: str, near: Path, without: tuple[str, ...], layer: int | None) -> Mapping[str, tuple[str, ...]]:
    """Return the arrays of a model's whole trace, each with its dimensions; it is not run for that."""
    opened = opened_model(model, near)
    altered = opened.altered(without, layer) if without else opened
    return {name: info.dims for name, info in altered.arrays().items()}


EVERY = {"all_weights": "weights"}
"""Arrays of all layers and heads, which a scene sees beside those of its own: what they are called in a whole trace."""


def called(spec: SceneSpec, near: Path, name: str, dims: tuple[str, ...]) -> str:
    """Return what an array of a scene is called in the trace of `code_of`; "" if it is a scene's own, by what it views.

    Of those in `EVERY` the dimensions are called otherwise, too: `layer` is `each_layer` in a scene.
    """
    view = spec.view
    if view.head is not None and "query" in dims and "head" not in dims and name not in EVERY:
        return ""  # with one head chosen, a blackboard's similarities are those of its queries and keys
    if name in EVERY and view.layer is not None:
        return ""  # the call asks for one layer
    there = tuple(dim.removeprefix("each_") for dim in dims) if name in EVERY else dims
    whole = EVERY.get(name, name)
    return whole if arrays_of(spec.model, near, view.without, view.layer).get(whole) == there else ""
