"""Contenders that are measured in turn: each runs in a process of its own, and waits while another one works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.model_shapes import Task

SCRIPTS = Path(__file__).resolve().parent.parent


class Entry(NamedTuple):
    """Who takes part: a row's name, what is run (see `model_contender`), by which Python, and how to get it."""

    name: str
    what: str
    python: str = sys.executable
    package: str = "attnviz"


@dataclass
class Standing:
    """What was measured of one contender, round by round, or why nothing was."""

    first: Mapping[str, Any] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    memory: int = 0
    failed: str = ""

    @property
    def typical(self) -> float:
        """The median of all rounds, in seconds."""
        return median(self.seconds)


class _Contender:
    """A process that works when it is told to."""

    def __init__(self, entry: Entry, task: Task) -> None:
        self._entry, self._said = entry, tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in `close`)
        self.standing = Standing()
        paths = os.pathsep.join((str(SCRIPTS), str(SCRIPTS.parent)))
        self._process = subprocess.Popen(  # noqa: S603
            [entry.python, "-P", "-m", "bench.model_contender", entry.what, json.dumps(task._asdict())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=os.environ | {"PYTHONPATH": paths, "HF_HUB_OFFLINE": "1"},
            text=True,
        )
        self.standing.first = self._heard()

    def turn(self) -> None:
        """Have it work once, and note what it says."""
        if self.standing.failed:
            return
        assert self._process.stdin
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        heard = self._heard()
        if heard:
            self.standing.seconds.append(heard["seconds"])
            self.standing.memory = max(self.standing.memory, heard["memory"])

    def close(self) -> None:
        """End the process."""
        with self._process, self._said:
            self._process.kill()

    def _heard(self) -> dict[str, Any]:
        """Return the next line of JSON; if the process ends before it, note why."""
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("{"):
                return dict(json.loads(line))
        self._said.seek(0)
        self.standing.failed = _reason(self._said.read(), self._entry.package)
        return {}


def _reason(said: str, package: str) -> str:
    """Tell in a few words why a process ended."""
    if "No module named" in said or "ImportError" in said:
        return f"not installed: pip install {package}"
    if "DefaultCPUAllocator" in said or "OutOfMemoryError" in said or "MemoryError" in said or not said:
        return "not enough memory"
    return said.strip().splitlines()[-1]


def contest(entries: Sequence[Entry], task: Task, rounds: int) -> dict[str, Standing]:
    """Measure all of them, A B C A B C …, so that what changes on the machine meanwhile concerns all alike."""
    with ExitStack() as stack:
        contenders: dict[str, _Contender] = {}
        for entry in entries:
            contenders[entry.name] = _Contender(entry, task)
            stack.callback(contenders[entry.name].close)
        for number in range(rounds):
            for name, contender in contenders.items():
                print(f"{task.shape}, batch {task.batch}, round {number + 1}: {name}", file=sys.stderr)
                contender.turn()
        return {name: contender.standing for name, contender in contenders.items()}


def ratio(above: Standing, below: Standing) -> float:
    """Return the median of the ratios of times within a round, between which the machine changes least."""
    return median(one / other for one, other in zip(above.seconds, below.seconds, strict=True))


def difference(one: Standing, other: Standing) -> float:
    """Return by how much the logits differ that the two have computed, at most."""
    pairs = zip(one.first["logits"], other.first["logits"], strict=True)
    return max(abs(ours - theirs) for ours, theirs in pairs)
