"""Forked children that work while the parent goes on.

A child inherits everything as it stands, so nothing has to be sent to it. What goes wrong in one comes back through a
pipe, and its end is noticed when the pipe closes, so no other process's children are ever waited for. A child reports
its progress through the same pipe; one that has been silent for too long is killed.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import Any, NoReturn, Self

from attnviz.input.parents import die_with_parent
from attnviz.input.problems import Problem, ProblemsFound

PATIENCE = 120.0  # seconds without a sign of life
BEAT = 0.25  # seconds between two signs of life, at least
_ALIVE = b""


@dataclass(frozen=True)
class Failure:
    """A child that raised an exception, died, or hung: its label, the reason, problems that the user can fix."""

    label: str
    reason: str
    problems: tuple[Problem, ...] = ()


class WorkError(Exception):
    """A child that did a part of the work failed; holds the reason, and problems that the user can fix."""

    def __init__(self, reason: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(reason)
        self.problems = problems


class Line:
    """A child's end of the pipe: it can wait for orders from the parent, and reports that it is making progress."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._beaten = connection, -BEAT

    def hear(self) -> Any:
        """Wait for orders from the parent and return them."""
        return self._connection.recv()

    def beat(self) -> None:
        """Report that the work is progressing, a few times a second at most: frames take milliseconds."""
        now = time.monotonic()
        if now - self._beaten >= BEAT:
            self._connection.send_bytes(_ALIVE)
            self._beaten = now


@dataclass
class _Child:
    pid: int
    label: str
    last_beat: float  # when it was last heard of; for ever while it waits for the parent


class Children:
    """At most `jobs` children at a time; leaving the `with` block early kills and reaps those that still run.

    `on_end(label)` is called for each that has done its work, `on_beat()` for each sign of life; `failures` lists those
    that have not done their work.
    """

    def __init__(
        self,
        jobs: int,
        on_end: Callable[[str], None] = lambda label: None,
        on_beat: Callable[[], None] = lambda: None,
        patience: float = PATIENCE,
    ) -> None:
        self.jobs = max(1, jobs)
        self.failures: list[Failure] = []
        self._on_end, self._on_beat, self._patience = on_end, on_beat, patience
        self._running: dict[Connection, _Child] = {}

    def start(self, label: str, work: Callable[[Line], None], *, waits: bool = False) -> Connection:
        """Fork a child that does `work`, as soon as there is room for one more.

        One that `waits` gets its orders later, by `tell`; until then there is no time limit.
        """
        while len(self._running) >= self.jobs:
            self._hear()
        with _signals_held_back() as held:
            ours, theirs = Pipe(duplex=True)
            parent = os.getpid()
            with warnings.catch_warnings():
                # Numpy's idle threads are no danger to a child that only draws.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if pid == 0:
                ours.close()
                for other in self._running:
                    other.close()
                _be_child(theirs, work, held, parent)
            self._running[ours] = _Child(pid, label, float("inf") if waits else time.monotonic())
            theirs.close()
        return ours

    def tell(self, child: Connection, orders: Any) -> None:
        """Give a waiting child its orders."""
        self._running[child].last_beat = time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has died meanwhile, which will be noticed
            child.send(orders)

    def finish(self) -> None:
        """Wait until all children have ended."""
        while self._running:
            self._hear()

    def kill(self) -> None:
        """End the children that still run, and reap them."""
        for child in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child.pid, signal.SIGKILL)
        while self._running:
            connection, child = self._running.popitem()
            connection.close()
            with contextlib.suppress(ChildProcessError):  # reaped just before an interrupt
                os.waitpid(child.pid, 0)

    def _hear(self) -> None:
        """Wait until a child sends something, or one has been silent for too long, and handle it."""
        deadline = min(child.last_beat for child in self._running.values()) + self._patience
        timeout = None if deadline == float("inf") else max(0.0, deadline - time.monotonic())
        for connection in wait(list(self._running), timeout):
            assert isinstance(connection, Connection)
            self._listen(connection)
        now = time.monotonic()
        for connection, child in list(self._running.items()):
            if child.last_beat + self._patience <= now:
                os.kill(child.pid, signal.SIGKILL)
                self._reap(connection, Failure(child.label, f"it stood still for {self._patience:.0f} s"))

    def _listen(self, connection: Connection) -> None:
        child = self._running[connection]
        try:
            message = connection.recv_bytes()
        except (EOFError, OSError):  # it has ended, perhaps in the middle of a message
            self._reap(connection, None)
            return
        child.last_beat = time.monotonic()
        if message == _ALIVE:
            self._on_beat()
        else:
            reason, problems = pickle.loads(message)  # noqa: S301 (from a fork of this process)
            self._reap(connection, Failure(child.label, reason, problems))

    def _reap(self, connection: Connection, failure: Failure | None) -> None:
        """Wait for a child that has ended, and record how."""
        child = self._running[connection]
        _, status = os.waitpid(child.pid, 0)
        del self._running[connection]
        connection.close()
        code = os.waitstatus_to_exitcode(status)
        if failure is None and code:
            failure = Failure(child.label, _how_it_ended(code))
        if failure is None:
            self._on_end(child.label)
        else:
            self.failures.append(failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


@contextlib.contextmanager
def _signals_held_back() -> Iterator[set[int]]:
    """Delay Ctrl-C until the child is recorded, so that none is left running."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield {int(number) for number in before}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be_child(connection: Connection, work: Callable[[Line], None], signal_mask: set[int], parent: int) -> NoReturn:
    """Do the work, report a failure, and end without the parent's clean-up.

    Ctrl-C and the end of a terminal reach the whole process group; the parent answers them for all.
    """
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        die_with_parent(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, signal_mask)
        gc.freeze()  # a collection would touch, and so copy, the memory that is shared with the parent
        work(Line(connection))
        status = 0
    except ProblemsFound as found:
        connection.send_bytes(pickle.dumps((str(found), tuple(found.problems))))
    except WorkError as failed:
        connection.send_bytes(pickle.dumps((str(failed), failed.problems)))
    except BaseException as error:
        connection.send_bytes(pickle.dumps((f"{type(error).__name__}: {error}", ())))
    finally:
        os._exit(status)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"the process ended with status {code}"
    why = " (out of memory? try fewer --jobs)" if -code == signal.SIGKILL else ""
    return f"the process was ended by {signal.Signals(-code).name}{why}"
