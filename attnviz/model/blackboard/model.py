"""A blackboard behind the interface of all models: what its file says without torch, and its forward pass with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attnviz.input.problems import Problem, ProblemsFound, gathered
from attnviz.model.arrays import ARRAYS, ArrayInfo
from attnviz.model.blackboard.contents import arrays_of, head_labels_of, heads_of, labels_of, missing_of
from attnviz.model.blackboard.file import BlackboardSpec, read_blackboard, tokens_of
from attnviz.model.chosen import NO_MASK, NO_POSITIONS, NO_TRAINING, chosen_parts, chosen_place, narrowed
from attnviz.model.interface import ALL_HEADS, WHOLE, Contents, Part, Settings, Steps, View, altered_name
from attnviz.model.tokens import Token
from attnviz.model.without import altered_kinds

if TYPE_CHECKING:
    import xarray as xr


class BlackboardModel:
    """A model that is written on a board: its axes are the plane. `without` is what is taken out of its computation."""

    def __init__(self, path: Path, without: tuple[str, ...] = ()) -> None:
        self.path, self.without = path, without
        self.name = altered_name(path.stem, without)

    @cached_property
    def spec(self) -> BlackboardSpec:
        """The checked file; with something taken out, as it would then be written."""
        return self._written.model_copy(update=altered_kinds(self.without))

    @cached_property
    def _written(self) -> BlackboardSpec:
        return read_blackboard(self.path)

    def altered(self, without: Sequence[str], layer: int | None = None) -> BlackboardModel:
        """Return the model with something taken out of its computation."""
        spec, fixed = self._written, {"mask": NO_MASK, "positions": NO_POSITIONS}
        if spec.similarity != "scaled_dot":
            fixed["sqrt_d"] = f"its similarity is {spec.similarity}, which is not divided by √d"
        if spec.weights != "softmax":
            fixed["softmax"] = f"its weights are {spec.weights}"
        heads = {head: head for head in heads_of(spec)}
        return BlackboardModel(self.path, chosen_parts([*self.without, *without], heads, fixed, self.path.stem))

    def digest(self, steps: Steps = None) -> str:
        """Return the file's name and the SHA-256 of its text."""
        return f"{self.name} {hashlib.sha256(self.path.read_bytes()).hexdigest()}"

    def about(self, trace: xr.Dataset) -> list[str]:
        """Return nothing: a blackboard's file says it all."""
        return []

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a trace."""
        return {name: ARRAYS[name] for name in arrays_of(self.spec)}

    def missing(self) -> Mapping[str, str]:
        """Return the arrays that traces of other models have and those of this one lack, and why."""
        from attnviz.model.transformer_arrays import every_array

        of_layered = (name for name in every_array() if name not in arrays_of(self.spec))
        return dict.fromkeys(of_layered, "only models with layers have it") | missing_of(self.spec)

    def tokens(self, text: str | None, words: Sequence[str] | None = None) -> list[Token]:
        """Return the tokens of a sentence, or only those in `words`: attention is computed among these alone."""
        return tokens_of(self.spec, text, words)

    def contents(self, tokens: Sequence[Token] | None, view: View) -> Contents:
        """Return what a scene can name."""
        if view.without:
            return self.altered(view.without).contents(tokens, replace(view, without=()))
        axes, maps, head = tuple(self.spec.axes), tuple(self.spec.maps), self._head(view)
        if tokens is None:
            return Contents(axes, maps)
        arrays, labels = arrays_of(self.spec), labels_of(self.spec, tokens, head)
        head_labels = {} if head else head_labels_of(self.spec)
        return Contents(axes, maps, arrays, labels, head_labels, missing_of(self.spec))

    def run(
        self,
        text: str | None,
        words: Sequence[str] | None,
        settings: Settings,
        view: View | None = None,
        part: Part = WHOLE,
    ) -> xr.Dataset:
        """Return the trace of a sentence; of one chosen head, the rows of its scores stand for the similarities."""
        if view is not None and view.without:
            return self.altered(view.without).run(text, words, settings, replace(view, without=()), part)
        head = self._head(view or View())
        self.tokens(text, words)  # whatever is wrong is told before torch is imported

        from attnviz.model.blackboard.run import run
        from attnviz.model.blackboard.tensors import Blackboard
        from attnviz.model.blackboard.trace import of_one_head
        from attnviz.model.lint.trace import check_trace

        trace = run(Blackboard(self.name, self.spec, self.without), text, words=words, **settings._asdict())
        check_trace(trace, self.arrays(), self.name)
        return narrowed(of_one_head(trace, head, settings) if head else trace, part, self.name)

    def _head(self, view: View) -> str:
        """Return the head that is looked at ("": all of them); refuse what a blackboard does not have."""
        problems, head = list[Problem](), ""
        if view.plane or view.like:
            hint = "leave `plane` and `like` out: a blackboard's plane has its own axes"
            problems.append(Problem(f"'{self.name}' is a blackboard", hint=hint))
        if view.steps is not None:
            message = f"'{self.name}' is a blackboard, and has not been trained"
            problems.append(Problem(message, hint=NO_TRAINING))
        with gathered(problems):
            _, head = chosen_place(view, 1, heads_of(self.spec), self.name)
        if problems:
            raise ProblemsFound(problems)
        return "" if view.head in (None, ALL_HEADS) else head
