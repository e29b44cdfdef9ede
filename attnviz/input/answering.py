"""Processes of ours that answer one order after the other: plain data goes in by a pipe, and comes back by another."""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import IO, Any, BinaryIO

from attnviz.input.parents import die_with_parent


class ProcessEnded(Exception):
    """The process ended, or was ended, before it had answered; holds its exit status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"exit status {status}")
        self.status = status


class AnsweringProcess:
    """A process that runs a module of ours, which calls `answer_orders`. It starts at once, and ends with its owner.

    One that has ended is started again for the next order. The module's arguments are the owner's process number, then
    `arguments`.
    """

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        # -P: a person's own files, where they happen to stand, are not modules of ours
        self._command = [sys.executable, "-P", "-m", module, str(os.getpid()), *arguments]
        self._environment = os.environ | dict(environment or {})
        self._process = self._started()
        self._starting = threading.Lock()
        self._stopped = False
        self.unanswered = 0  # orders

    def ask(self, order: Any, patience: float | None = None) -> Any:
        """Give an order and return the answer; raises `ProcessEnded`, after `patience` seconds at the latest."""
        self.order(order)
        return self.hear(patience)

    def order(self, order: Any) -> None:
        """Give an order, to be answered later; raises `ProcessEnded`. A pipe holds 64 KiB: few orders may wait."""
        with self._starting:
            if self._process.poll() is not None:
                if self._stopped:
                    raise ProcessEnded(self._process.wait())
                self.end()
                self._process = self._started()
        orders, _ = self._pipes()
        try:
            pickle.dump(order, orders)
            orders.flush()
        except BrokenPipeError as error:
            raise ProcessEnded(self._process.wait()) from error
        self.unanswered += 1

    def hear(self, patience: float | None = None) -> Any:
        """Return the answer to the first order without one; raises `ProcessEnded` as `ask` does."""
        _, answers = self._pipes()
        if patience is not None and not select.select([answers], [], [], patience)[0]:
            self.kill()
        try:
            answer = pickle.load(answers)  # noqa: S301 (written by our own process)
        except (EOFError, pickle.UnpicklingError) as error:
            raise ProcessEnded(self._process.wait()) from error
        self.unanswered -= 1
        return answer

    def kill(self) -> None:
        """Kill the process; who waits for its answer, in another thread, is told that it ended."""
        self._process.kill()

    def stop(self) -> None:
        """Kill the process, as `kill` does, for good: it is not started again, whatever is ordered."""
        with self._starting:
            self._stopped = True
            self._process.kill()

    def end(self) -> None:
        """Kill the process unless it has ended, and let go of it."""
        self.unanswered = 0
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes():
            with contextlib.suppress(BrokenPipeError):  # of what could not be sent
                pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._environment,
            process_group=0,  # Ctrl-C is for the owner, which ends it
        )

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        """Return where orders go and where answers come from."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


class Keeping:
    """Keeps one process from film to film, within a block of its owner; others start processes of their own."""

    def __init__(self, name: str) -> None:
        self._kept: ContextVar[tuple[int, list[AnsweringProcess]] | None] = ContextVar(name, default=None)

    @contextlib.contextmanager
    def block(self) -> Iterator[None]:
        """Keep what `process` returns until the block ends. Within such a block, another changes nothing."""
        if self.is_kept:
            yield
            return
        processes: list[AnsweringProcess] = []
        before = self._kept.set((os.getpid(), processes))
        try:
            yield
        finally:
            self._kept.reset(before)
            for process in processes:
                process.end()

    @property
    def is_kept(self) -> bool:
        """Whether this process is in such a block: a forked child must not talk to its parent's."""
        kept = self._kept.get()
        return kept is not None and kept[0] == os.getpid()

    def process(self, start: Callable[[], AnsweringProcess]) -> AnsweringProcess:
        """Return the process that is kept, or one that is started now; outside of a block, it is the caller's."""
        kept = self._kept.get()
        if kept is None or kept[0] != os.getpid():
            return start()
        if not kept[1]:
            kept[1].append(start())
        if kept[1][0].unanswered:  # of somebody who has given up
            kept[1][0].end()
        return kept[1][0]


def answers_of_this_process() -> tuple[BinaryIO, BinaryIO]:
    """Be an answering process: return where orders come from and where answers go, and end when the owner ends.

    What the program prints goes to standard error, not between the answers.
    """
    die_with_parent(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return sys.stdin.buffer, answers


def answer_orders(answer: Callable[[Any], Any], orders: BinaryIO, answers: BinaryIO) -> None:
    """Answer one order after the other, until there are no more: the owner has closed the pipe, or has ended."""
    while True:
        try:
            order = pickle.load(orders)  # noqa: S301 (written by our own owner)
        except (EOFError, pickle.UnpicklingError):  # perhaps in the middle of an order
            return
        answered = answer(order)
        try:
            pickle.dump(answered, answers)
            answers.flush()
        except BrokenPipeError:
            os._exit(1)  # nobody is left who would read it; closing the pipe would say so once more
