"""Counts the time that each part of attnviz takes: of processors, in the process that plays and in all that it forks,
and the time that passes, in the process that plays.

Each part is a set of functions, replaced by themselves with a clock around them as soon as their module is imported.
Time spent in one part on behalf of another counts for the inner one only.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

PARTS = {
    "filling a clip's template": ("attnviz.clips.make:filled",),
    "waiting for traces": ("attnviz.render.traces.process:TraceProcess.answer",),
    "waiting for what is drawn": ("attnviz.render.shots.children:Children.finish",),
    "reading the storyboard": ("attnviz.render.opening:open_storyboard",),
    "the plan: what is known, what is missing": (
        "attnviz.render.shots.walk:Walk.find",
        "attnviz.render.shots.walk:Walk.learn",
        "attnviz.render.shots.walk:Walk.go",
        "attnviz.render.shots.work:Work.unmade",
        "attnviz.render.shots.work:work_on",
    ),
    "the store: reading, writing, checking": tuple(
        f"attnviz.render.cache.store:Store.{name}" for name in ("put", "get", "holds", "read", "write")
    ),
    "playing undrawn: the scenes' own code": (
        "attnviz.render.shots.player:Player.__init__",
        "attnviz.render.shots.player:Player.play",
    ),
    "playing for the film: the scenes' own code": ("attnviz.render.shots.player:Player.perform",),
    "setting and reading text": ("manim.mobject.svg.svg_mobject:SVGMobject.__init__",),
    "beginning and ending plays": (
        "attnviz.stage.scene:Stage.compile_animation_data",
        "attnviz.stage.scene:Stage.begin_animations",
        "attnviz.render.shots.renderer:StageRenderer._finish",
    ),
    "receipts and layout": (
        "attnviz.stage.receipts:ReceiptBook.observe",
        "attnviz.stage.performed:refuse_unreceipted",
        "attnviz.render.shots.player:placed",
        "attnviz.render.shots.player:faults",
    ),
    "digests of stages": ("attnviz.render.shots.player:digest_of_stage",),
    "moving mobjects": ("attnviz.stage.scene:Stage.update_to_time",),
    "drawing": ("attnviz.render.shots.renderer:StageRenderer.update_frame",),
    "colours": ("attnviz.render.film.encoder:SegmentEncoder._convert",),
    "encoding": tuple(f"attnviz.render.film.encoder:SegmentEncoder.{name}" for name in ("_encode", "hold", "finish")),
    "the packets of stills": ("attnviz.render.shots.drawing:stills_of",),
    "forking": ("attnviz.render.shots.children:Children.start",),
    "writing the film": ("attnviz.publish.film_kinds:write_moving_pictures",),
}
IMPORTS, TORCH, REST = "starting: imports", "forward passes, in a process of their own", "all else"


class Counters:
    """Seconds by part; a forked child counts for itself, and adds a line to the same file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._cpu: defaultdict[str, float] = defaultdict(float)
        self._wall: defaultdict[str, float] = defaultdict(float)
        self._parts, self._cpu_since, self._wall_since = [REST], 0.0, time.perf_counter()
        self._is_child = False

    def within(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts its time for a part."""

        @functools.wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self._turn_to(part)
            try:
                return function(*args, **kwargs)
            finally:
                self._turn_back()

        return counted

    def forked(self, work: Callable[..., None]) -> Callable[..., None]:
        """Return the work of a child, which begins to count at zero."""

        def counted(*args: Any) -> None:
            self._cpu.clear()
            self._parts, self._cpu_since, self._is_child = [REST], 0.0, True
            try:
                work(*args)
            finally:
                self.write()

        return counted

    def of_children(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts the time of the processes that end while it runs."""

        @functools.wraps(function)
        def counted(*args: Any, **kwargs: Any) -> Any:
            before = _of_children()
            try:
                return function(*args, **kwargs)
            finally:
                self._cpu[part] += _of_children() - before

        return counted

    def write(self) -> None:
        """Add what was counted to the file."""
        self._count()
        line = json.dumps({"cpu": self._cpu, "wall": {} if self._is_child else self._wall}).encode() + b"\n"
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, line)
        os.close(descriptor)

    def _turn_to(self, part: str) -> None:
        self._count()
        self._parts.append(part)

    def _turn_back(self) -> None:
        self._count()
        self._parts.pop()

    def _count(self) -> None:
        cpu, wall, part = time.process_time(), time.perf_counter(), self._parts[-1]
        self._cpu[part] += cpu - self._cpu_since
        self._wall[part] += wall - self._wall_since
        self._cpu_since, self._wall_since = cpu, wall


Change = Callable[[Callable[..., Any]], Callable[..., Any]]


class _ClocksPutIn:
    """Finds modules as Python does, counts how long they take to import, and changes functions of theirs then."""

    def __init__(self, counters: Counters, changes: Sequence[tuple[str, Change]]) -> None:
        self._counters, self._changes = counters, changes

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        spec.loader.exec_module = self._counters.within(  # type: ignore[method-assign]
            IMPORTS, functools.partial(self._run, spec.loader.exec_module)
        )
        return spec

    def _run(self, run: Callable[[ModuleType], None], module: ModuleType) -> None:
        run(module)
        for name, change in self._changes:
            if name.partition(":")[0] == module.__name__:
                _replace(name, change)


def install(counters: Counters) -> None:
    """Have clocks put around all parts, as soon as they are imported."""
    changes: list[tuple[str, Change]] = [
        (name, functools.partial(counters.within, part)) for part, names in PARTS.items() for name in names
    ]
    changes.append(("attnviz.input.answering:AnsweringProcess.end", functools.partial(counters.of_children, TORCH)))
    changes.append(("attnviz.render.shots.children:Children.start", lambda start: _starting(counters, start)))
    sys.meta_path.insert(0, _ClocksPutIn(counters, changes))


def _starting(counters: Counters, start: Callable[..., Any]) -> Callable[..., Any]:
    def counted(self: Any, label: str, work: Callable[..., None], **options: Any) -> Any:
        return start(self, label, counters.forked(work), **options)

    return counted


def _replace(name: str, change: Change) -> None:
    module, _, path = name.partition(":")
    owner: Any = sys.modules[module]
    *holders, attribute = path.split(".")
    for holder in holders:
        owner = getattr(owner, holder)
    if isinstance(owner, type) and attribute not in vars(owner):
        setattr(owner, attribute, change(_inherited(owner, attribute)))
    else:
        setattr(owner, attribute, change(getattr(owner, attribute)))


def _inherited(owner: type, attribute: str) -> Callable[..., Any]:
    """Return a method that calls the inherited one of the moment: accelerations replace it later."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(owner, self), attribute)(*args, **kwargs)

    return method


def _of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def read(file: Path, clock: str = "cpu") -> dict[str, float]:
    """Return the sums over all processes; by the clock `wall`, the time that passed in the one that plays."""
    total: defaultdict[str, float] = defaultdict(float)
    for line in file.read_text().splitlines():
        for part, seconds in json.loads(line)[clock].items():
            total[part] += seconds
    return total


def main(arguments: Sequence[str]) -> None:
    """Run attnviz with clocks; the first argument is the file for what they show."""
    counters = Counters(Path(arguments[0]))
    install(counters)
    sys.argv = ["attnviz", *arguments[1:]]
    from attnviz.cli import main as attnviz

    try:
        attnviz()
    finally:
        counters.write()


if __name__ == "__main__":
    main(sys.argv[1:])
