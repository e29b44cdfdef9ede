"""Forked children that draw while the parent goes on playing.

A child inherits the whole scene as it stands, so nothing has to be sent to it; it writes its result to a
file. What goes wrong in one comes back through a pipe, and its end is noticed when the pipe closes, so no
other process's children are ever waited for.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import warnings
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import NoReturn, Self


class ChildError(Exception):
    """A child raised an exception or died; says for which job, and why."""

    def __init__(self, label: str, reason: str) -> None:
        super().__init__(f"drawing {label} failed: {reason}")
        self.label, self.reason = label, reason


class Children:
    """At most `jobs` children at a time; leaving the `with` block early kills and reaps those that still run."""

    def __init__(self, jobs: int) -> None:
        self.jobs = max(1, jobs)
        self._running: dict[Connection, tuple[int, str]] = {}

    def start(self, label: str, work: Callable[[], None]) -> None:
        """Fork a child that does `work`, as soon as there is room for one more."""
        while len(self._running) >= self.jobs:
            self._wait_for_one()
        with _signals_held_back() as held:
            receive, send = Pipe(duplex=False)
            with warnings.catch_warnings():
                # Numpy's idle threads are no danger to a child that only draws.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if pid == 0:
                _be_child(send, work, held)
            self._running[receive] = (pid, label)
            send.close()

    def finish(self) -> None:
        """Wait until all have done their work; raise ChildError for the first that has not."""
        while self._running:
            self._wait_for_one()

    def kill(self) -> None:
        """End the children that still run, and reap them."""
        for pid, _ in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while self._running:
            receive, (pid, _) = self._running.popitem()
            receive.close()
            with contextlib.suppress(ChildProcessError):  # reaped just before an interrupt
                os.waitpid(pid, 0)

    def _wait_for_one(self) -> None:
        for receive in wait(list(self._running)):
            assert isinstance(receive, Connection)
            pid, label = self._running[receive]
            try:
                reason = receive.recv_bytes().decode()
            except EOFError:
                reason = ""
            _, status = os.waitpid(pid, 0)
            del self._running[receive]
            receive.close()
            code = os.waitstatus_to_exitcode(status)
            if code < 0:
                reason = f"the process was ended by {signal.Signals(-code).name}" + _why_killed(-code)
            if code or reason:
                raise ChildError(label, reason or f"the process ended with status {code}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


@contextlib.contextmanager
def _signals_held_back() -> Iterator[set[int]]:
    """Delay Ctrl-C until the child is on the books, so that none can be lost sight of."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield {int(number) for number in before}
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _be_child(send: Connection, work: Callable[[], None], signal_mask: set[int]) -> NoReturn:
    """Do the work, report a failure, and end without the parent's clean-up.

    Ctrl-C and the end of a terminal reach the whole process group; the parent answers them for all.
    """
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, signal_mask)
        gc.disable()  # a collection would touch, and so copy, the memory that is shared with the parent
        work()
        status = 0
    except BaseException as error:
        send.send_bytes(f"{type(error).__name__}: {error}".encode())
    finally:
        os._exit(status)


def _why_killed(number: int) -> str:
    return " (out of memory? try fewer --jobs)" if number == signal.SIGKILL else ""
