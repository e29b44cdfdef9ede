"""Forward passes, computed where torch may run: in another process.

torch starts threads, and a process with threads must not fork; the process that plays scenes forks for every shot.
So a helper process imports torch, computes what is asked for, and sends it back as plain data.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from attnviz.input.answering import AnsweringProcess, Keeping, ProcessEnded
from attnviz.input.problems import Problem, ProblemsFound, placed
from attnviz.model.interface import Settings, Steps, View

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.interface import Model

HELPER = "attnviz.render.traces.helper"
# Manim is imported meanwhile, and shots are drawn: a thread that waits for another must not keep a core busy with it.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE"}
_KEEPING = Keeping("traces")


@dataclass(frozen=True)
class ForwardPass:
    """One forward pass: the model (its name is looked up near the storyboard), its input, its settings and the view."""

    model: str
    near: Path
    text: str | None
    words: tuple[str, ...] | None
    settings: Settings
    view: View

    @property
    def models(self) -> list[tuple[str, Path, Steps]]:
        """The models that its numbers follow from; those that are looked at in training with their steps, too."""
        names = [self.model, self.view.like] if self.view.like else [self.model]
        found: list[tuple[str, Path, Steps]] = [(name, self.near, None) for name in names]
        return found if self.view.steps is None else [*found, (self.model, self.near, self.view.steps)]


@dataclass(frozen=True)
class Experiment:
    """A measurement of the model room, by its name."""

    name: str


Computation = ForwardPass | Experiment


@dataclass(frozen=True)
class Order:
    """What the helper process is asked for, and the lines of the storyboard that want it.

    `models` are the digests of all models that it is computed with: a helper that is kept reads them again if one has
    changed.
    """

    storyboard: Path
    wanted: tuple[tuple[Computation, int], ...]
    models: Mapping[tuple[str, Path, Steps], str] = field(default_factory=dict)


def compute(order: Order) -> list[xr.Dataset]:
    """Compute what is wanted, in this process (which imports torch); raises `ProblemsFound` with all that fails."""
    from attnviz.model.door import opened_model

    computed: list[xr.Dataset] = []
    problems: list[Problem] = []
    for wanted, line in order.wanted:
        try:
            computed.append(_computed(wanted, opened_model))
        except ProblemsFound as found:
            problems += [placed(problem, order.storyboard, line) for problem in found.problems]
    if problems:
        raise ProblemsFound(dict.fromkeys(problems))
    return computed


def _computed(wanted: Computation, opened: Callable[[str, Path], Model]) -> xr.Dataset:
    if isinstance(wanted, Experiment):
        from attnviz.model.experiments import EXPERIMENTS

        return EXPERIMENTS[wanted.name]()
    return opened(wanted.model, wanted.near).run(wanted.text, wanted.words, wanted.settings, wanted.view)


class TraceProcess:
    """The helper process with an order; it starts at once, so that it imports torch while the caller imports Manim.

    Within `helper_kept` it is the one that was started there.
    """

    def __init__(self, order: Order) -> None:
        self._is_own = not _KEEPING.is_kept
        self._process = _KEEPING.process(_started)
        self._order = order

    def answer(self) -> list[xr.Dataset]:
        """Return what was computed; raises the ProblemsFound of the model room."""
        try:
            answer = self._process.ask(self._order)
        except ProcessEnded as ended:
            raise ProblemsFound(Problem(f"computing the traces failed ({ended})")) from ended
        if isinstance(answer, tuple):
            raise ProblemsFound(answer)
        assert isinstance(answer, list)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_own:
            self._process.end()


def _started() -> AnsweringProcess:
    return AnsweringProcess(HELPER, environment=WAITING)


@contextlib.contextmanager
def helper_kept() -> Iterator[None]:
    """Start the helper process now, and have it compute all traces that are wanted until the block ends.

    For those who know before they have read a storyboard that something will have to be computed, or who make one film
    after the other. Within such a block, another changes nothing.
    """
    with _KEEPING.block():
        _KEEPING.process(_started)
        yield
