"""Traces, computed where torch may run: in another process.

torch starts threads, and a process with threads must not fork; the process that plays scenes forks for every play.
So a helper process imports torch, computes every trace of the storyboard, sends them back as plain data, and ends.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Literal, Self

from attnviz.problems import Problem, ProblemsFound

if TYPE_CHECKING:
    import xarray as xr

    from attnviz.storyboard.types import Carry, SceneSpec, Storyboard

Device = Literal["auto", "cpu", "cuda"]
DType = Literal["float32", "float64"]
Traces = Mapping[str, "xr.Dataset"]  # by the name of the sentence, the default first


@dataclass(frozen=True)
class WantedTrace:
    """One forward pass: the model's name (looked up near the storyboard) and what it attends over."""

    model: str
    near: Path
    text: str | None
    words: tuple[str, ...] | None
    carry: Carry
    decimals: int


@dataclass(frozen=True)
class WantedScene:
    """What one scene reads: a trace for each of its sentences, and experiments."""

    sentences: tuple[tuple[str, WantedTrace, int], ...]  # name, trace, line of the storyboard
    experiments: tuple[str, ...]
    decimals: int


@dataclass(frozen=True)
class Order:
    """Everything that the helper process is asked for."""

    storyboard: Path
    scenes: tuple[WantedScene, ...]
    device: Device
    dtype: DType


def order(
    storyboard: Storyboard, specs: Sequence[SceneSpec], device: Device = "auto", dtype: DType = "float64"
) -> Order:
    """Say what has to be computed for these scenes."""
    scenes = tuple(_wanted(storyboard, spec) for spec in specs)
    return Order(storyboard.path, scenes, device, dtype)


def _wanted(storyboard: Storyboard, spec: SceneSpec) -> WantedScene:
    near = storyboard.path.parent
    sentences = []
    for sentence in spec.sentences:
        wanted = WantedTrace(spec.model, near, sentence.text, sentence.words, spec.carry, storyboard.decimals)
        sentences.append((sentence.name, wanted, sentence.line))
    return WantedScene(tuple(sentences), spec.experiments, storyboard.decimals)


def compute(wanted: Order) -> list[dict[str, xr.Dataset]]:
    """Compute the traces of each scene, in this process (which imports torch)."""
    computed: dict[WantedTrace, xr.Dataset] = {}
    problems: list[Problem] = []
    for scene in wanted.scenes:
        for _, trace, line in scene.sentences:
            if trace in computed:
                continue
            try:
                computed[trace] = _run(trace, wanted.device, wanted.dtype)
            except ProblemsFound as found:
                problems += [placed(problem, wanted.storyboard, line) for problem in found.problems]
    if problems:
        raise ProblemsFound(dict.fromkeys(problems))
    return [_traces_of(scene, computed) for scene in wanted.scenes]


def placed(problem: Problem, file: Path, line: int) -> Problem:
    """Return the problem with this place, if it has none of its own."""
    return Problem(problem.message, file, line, problem.hint) if problem.file is None else problem


def _run(trace: WantedTrace, device: Device, dtype: DType) -> xr.Dataset:
    from attnviz.model.blackboard import load_blackboard
    from attnviz.model.catalog import find_model
    from attnviz.model.run import run

    model = load_blackboard(find_model(trace.model, near=trace.near))
    return run(
        model,
        trace.text,
        words=trace.words,
        carry=trace.carry,
        decimals=trace.decimals,
        device=device,
        dtype=dtype,
    )


def _traces_of(scene: WantedScene, computed: Mapping[WantedTrace, xr.Dataset]) -> dict[str, xr.Dataset]:
    import xarray as xr

    traces = {name: computed[trace] for name, trace, _ in scene.sentences}
    if not scene.experiments:
        return traces
    from attnviz.model.experiments import EXPERIMENTS

    measured = xr.merge([EXPERIMENTS[name]() for name in scene.experiments], combine_attrs="drop_conflicts")
    if not traces:
        return {"": measured.assign_attrs(decimals=scene.decimals)}
    return {name: xr.merge([trace, measured], combine_attrs="override") for name, trace in traces.items()}


class TraceProcess:
    """The helper process; it starts at once, so that it imports torch while the caller imports Manim."""

    def __init__(self, wanted: Order) -> None:
        # -P: a person's own files, where they happen to stand, are not modules of ours
        command = [sys.executable, "-P", "-m", "attnviz.render.trace_process"]
        self._process = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # Ctrl-C is for the parent, which ends its helper
        )
        self._order = pickle.dumps(wanted)

    def traces(self) -> list[dict[str, xr.Dataset]]:
        """Return the traces of each scene; raises the ProblemsFound of the model room."""
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


def _answer(questions: BinaryIO, answers: BinaryIO) -> None:
    """Be the helper: read an order, write a list of traces, or else a tuple of problems."""
    import torch  # noqa: F401  (the slow part, done while the order is still being written)

    wanted = pickle.load(questions)  # noqa: S301 (written by our own parent)
    answer: list[dict[str, xr.Dataset]] | tuple[Problem, ...]
    try:
        answer = compute(wanted)
    except ProblemsFound as found:
        answer = tuple(found.problems)
    pickle.dump(answer, answers)


if __name__ == "__main__":
    _answer(sys.stdin.buffer, sys.stdout.buffer)
