"""The traces of scenes that are not written yet, and whether claims hold of their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from attnviz.input.problems import ProblemsFound, placeless
from attnviz.input.yamlsource import Source
from attnviz.model.interface import View
from attnviz.render.cache.sources import Sources
from attnviz.render.cache.store import Store
from attnviz.render.shots.claims import numbers_named
from attnviz.render.shots.narrate import entries_said
from attnviz.render.traces.library import TraceLibrary
from attnviz.storyboard.chosen_model import named_model
from attnviz.storyboard.claim_grammar import parse_claim
from attnviz.storyboard.claim_kinds import check_claim
from attnviz.storyboard.claim_values import outcome_of
from attnviz.storyboard.keys import SceneKeys
from attnviz.storyboard.narration import Insert
from attnviz.storyboard.problem_list import ProblemList
from attnviz.storyboard.sentences import ONLY, read_sentences
from attnviz.storyboard.types import SceneSpec, SentenceSpec, Storyboard

if TYPE_CHECKING:
    from attnviz.clips.fill import Holds
    from attnviz.input.questions import Traces
    from attnviz.render.run import Wish


class Trials:
    """Finds or computes the traces of scenes of a storyboard that is to be written to a path; each only once."""

    def __init__(self, path: Path, wish: Wish) -> None:
        self._path, self._wish = path, wish
        self._store = Store(wish.cache)
        self._sources = Sources(self._store)
        self._found: dict[tuple[SceneSpec, int], Traces] = {}

    def of_sentence(self, model: str, text: str, view: View) -> Traces:
        """Return the trace of a sentence, by its name."""
        return self._traces(model, view, [SentenceSpec(ONLY, text, None, 0)], {})

    def of_scene(self, whole: Mapping[str, Any], scene: Mapping[str, Any]) -> Holds:
        """Return what tries the claims of a scene; where it is no scene, or has no sentence, none holds.

        What is wrong with it is told when its storyboard is loaded.
        """
        data = {key: value for key, value in scene.items() if key != "shots"} | {"shots": [None]}
        try:
            keys = SceneKeys.model_validate({"model": whole.get("model")} | data)
        except ValidationError:
            return lambda claim: False
        sentences = read_sentences(ProblemList(Source(self._path, dict(scene), {})), (), keys)
        if not sentences or keys.model is None or isinstance(keys.model, list):
            return lambda claim: False
        told = dict(whole) | ({"carry": keys.carry} if keys.carry else {})
        traces = self._traces(*named_model(keys.model), sentences, told)
        return lambda claim: holds(claim, traces, int(whole.get("decimals", 2)))

    def _traces(self, model: str, view: View, sentences: Sequence[SentenceSpec], told: Mapping[str, Any]) -> Traces:
        carry, decimals = told.get("carry", "exact"), told.get("decimals", 2)
        without_lines = tuple(replace(sentence, line=0) for sentence in sentences)
        spec = SceneSpec("", self._path, "", "", model, carry, without_lines, None, (), (), 0, view)
        if (spec, decimals) not in self._found:
            self._found[spec, decimals] = self._computed(spec, decimals)
        return self._found[spec, decimals]

    def _computed(self, spec: SceneSpec, decimals: int) -> Traces:
        """Return what a scene can read, from the store or computed now; raises `ProblemsFound` without a place."""
        storyboard = Storyboard(self._path, "", spec.model, spec.carry, decimals, "en", 150, ())
        device, dtype = self._wish.device, self._wish.dtype
        with TraceLibrary(storyboard, [spec], self._store, self._sources, device, dtype) as library:
            self._sources.save()
            if library.missing.wanted:
                self._store.check_writable()
                import attnviz.render.shots.drawing  # noqa: F401  (Manim, while the helper imports torch)
            with placeless(self._path):  # it is not written yet
                [found] = library.scenes()
        return found.load()


class _NotThereError(Exception):
    """A claim names what the traces do not have."""


def holds(text: str, traces: Traces, decimals: int) -> bool:
    """Tell whether a claim holds of traces; one that names what is not there does not.

    Raises `ProblemsFound` (without a place) for one that compares what cannot be compared.
    """
    claim = parse_claim(text)

    def left_open(insert: Insert) -> dict[str, tuple[str, ...]]:
        try:
            entries = entries_said(insert, traces)
        except ProblemsFound as found:
            raise _NotThereError from found
        return {str(dim): tuple(str(label) for label in entries[dim].values) for dim in entries.dims}

    try:
        check_claim(claim, left_open)
    except _NotThereError:
        return False
    return outcome_of(claim, lambda insert: numbers_named(insert, traces), decimals).holds
