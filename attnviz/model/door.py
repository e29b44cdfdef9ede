"""One door to every kind of model: what it says of a sentence (without torch), and its forward pass (with it)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from attnviz.input.problems import Problem, ProblemsFound, gathered
from attnviz.model.arrays import ARRAYS, ArrayInfo
from attnviz.model.blackboard.contents import Labels, arrays_of, labels_of
from attnviz.model.blackboard.file import BlackboardSpec, read_blackboard, tokens_of
from attnviz.model.catalog import find_model
from attnviz.model.published.names import is_pretrained
from attnviz.model.tokens import Token
from attnviz.model.views.arrays import View, chosen_place

if TYPE_CHECKING:
    import xarray as xr

Carry = Literal["exact", "displayed"]


class Settings(NamedTuple):
    """How a forward pass is computed, and to how many decimals its numbers will be shown."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    dtype: Literal["float32", "float64"] = "float64"
    carry: Carry = "exact"
    decimals: int = 2


class Contents(NamedTuple):
    """What can be named of a model and a sentence: axes and maps of its plane, arrays, labels along dimensions.

    `exact_only`: the model cannot compute on with numbers as displayed.
    """

    axes: tuple[str, ...]
    maps: tuple[str, ...]
    arrays: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Labels]
    exact_only: bool = False


class Model(Protocol):
    """A model of any kind. Everything raises `ProblemsFound` for what the model cannot read; only `run` needs torch."""

    @property
    def name(self) -> str:
        """What the model is called."""

    def digest(self) -> str:
        """Return what is another text when the model is another one."""

    def about(self) -> list[str]:
        """Return what is worth knowing of the model, in a few lines."""

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a whole trace."""

    def tokens(self, text: str | None, words: Sequence[str] | None = None) -> list[Token]:
        """Return the tokens of a sentence, or only those in `words`."""

    def contents(self, tokens: Sequence[Token] | None, view: View) -> Contents:
        """Return what a scene can name (without tokens: the axes and maps alone)."""

    def run(
        self, text: str | None, words: Sequence[str] | None, settings: Settings, view: View | None = None
    ) -> xr.Dataset:
        """Return the trace of a sentence: all of it, or what a scene sees of it."""


def open_model(name: str, near: Path | None = None) -> Model:
    """Return the model of a name or path (see `find_model`), or of `hf:NAME`; raises `ProblemsFound`."""
    if is_pretrained(name):
        from attnviz.model.layered import DeepModel
        from attnviz.model.published.source import PublishedSource

        return DeepModel(PublishedSource(name, near), near)
    path = find_model(name, near)
    if path.is_file():
        return BlackboardModel(path)
    from attnviz.model.layered import DeepModel
    from attnviz.model.trained.source import TrainedSource

    return DeepModel(TrainedSource(path), near)


@lru_cache(maxsize=64)
def opened_model(name: str, near: Path | None = None) -> Model:
    """Return the model of a name as `open_model` does; one that was opened before is the same object.

    `opened_model.cache_clear()` forgets them all: files may have changed since.
    """
    return open_model(name, near)


class BlackboardModel:
    """A model that is written on a board: its axes are the plane."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.stem

    @cached_property
    def spec(self) -> BlackboardSpec:
        """The checked file."""
        return read_blackboard(self.path)

    def digest(self) -> str:
        """Return the file's name and the digest of its text."""
        return f"{self.name} {hashlib.sha256(self.path.read_bytes()).hexdigest()}"

    def about(self) -> list[str]:
        """Return nothing: a blackboard's file says it all."""
        return []

    def arrays(self) -> Mapping[str, ArrayInfo]:
        """Return every array of a trace."""
        return {name: ARRAYS[name] for name in arrays_of(self.spec)}

    def tokens(self, text: str | None, words: Sequence[str] | None = None) -> list[Token]:
        """Return the tokens of a sentence, or only those in `words`: attention is computed among these alone."""
        return tokens_of(self.spec, text, words)

    def contents(self, tokens: Sequence[Token] | None, view: View) -> Contents:
        """Return what a scene can name."""
        axes, maps, head = tuple(self.spec.axes), tuple(self.spec.maps), self._head(view)
        if tokens is None:
            return Contents(axes, maps, {}, {})
        labels = labels_of(self.spec, tokens)
        return Contents(axes, maps, arrays_of(self.spec), labels | ({"head": (head,)} if head else {}))

    def run(
        self, text: str | None, words: Sequence[str] | None, settings: Settings, view: View | None = None
    ) -> xr.Dataset:
        """Return the trace of a sentence; of a chosen head, the rows of its scores stand for the similarities."""
        head = self._head(view or View())
        self.tokens(text, words)  # whatever is wrong is told before torch is imported

        from attnviz.model.blackboard.run import run
        from attnviz.model.blackboard.tensors import Blackboard
        from attnviz.model.views.view import of_one_head

        trace = run(Blackboard(self.name, self.spec), text, words=words, **settings._asdict())
        return of_one_head(trace, head, settings) if head else trace

    def _head(self, view: View) -> str:
        """Return the head that is looked at ("": all of them); refuse what a blackboard does not have."""
        problems, head = list[Problem](), ""
        if view.plane or view.like:
            hint = "leave `plane` and `like` out: a blackboard's plane has its own axes"
            problems.append(Problem(f"'{self.name}' is a blackboard", hint=hint))
        with gathered(problems):
            heads = [head.name for head in self.spec.heads] or ["1"]
            _, head = chosen_place(view, 1, heads, self.name)
        if problems:
            raise ProblemsFound(problems)
        return head if view.head else ""
