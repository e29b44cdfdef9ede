"""Forward passes, computed where torch may run: in another process.

torch starts threads, and a process with threads must not fork; the process that plays scenes forks for every shot.
So a helper process imports torch, computes what is asked for, sends it back as plain data, and ends.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from attnviz.input.problems import Problem, ProblemsFound, placed
from attnviz.model.interface import Settings, View

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.model.interface import Model


@dataclass(frozen=True)
class ForwardPass:
    """One forward pass: the model (its name is looked up near the storyboard), its input, its settings and the view."""

    model: str
    near: Path
    text: str | None
    words: tuple[str, ...] | None
    settings: Settings
    view: View


@dataclass(frozen=True)
class Experiment:
    """A measurement of the model room, by its name."""

    name: str


Computation = ForwardPass | Experiment


@dataclass(frozen=True)
class Order:
    """What the helper process is asked for, and the lines of the storyboard that want it."""

    storyboard: Path
    wanted: tuple[tuple[Computation, int], ...]


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
    """The helper process; it starts at once, so that it imports torch while the caller imports Manim."""

    def __init__(self, order: Order) -> None:
        # -P: a person's own files, where they happen to stand, are not modules of ours
        command = [sys.executable, "-P", "-m", "attnviz.render.traces.helper", str(os.getpid())]
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # Ctrl-C is for the parent, which ends its helper
        )
        self._order = pickle.dumps(order)

    def answer(self) -> list[xr.Dataset]:
        """Return what was computed; raises the ProblemsFound of the model room."""
        output, _ = self._process.communicate(self._order)
        if self._process.returncode != 0:
            raise ProblemsFound(Problem(f"computing the traces failed (exit status {self._process.returncode})"))
        answer = pickle.loads(output)  # noqa: S301 (written by our own helper)
        if isinstance(answer, tuple):
            raise ProblemsFound(answer)
        assert isinstance(answer, list)
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        with self._process:  # closes the pipes and waits
            pass
