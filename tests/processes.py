"""Processes of `attnviz` and `dask` for tests, forked from a server that has imported already what a render needs.

A process that starts from nothing imports for a second and a half before it does what is to be tested. One of these has
all that such a process has (its own number, session, folder, environment, output, exit status), but not its start and
the end of its interpreter: who tests those, or what is imported, starts one from nothing.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).parent.parent
PREPARED = (  # Manim not by its own name: attnviz keeps it from reading settings files
    "attnviz.cli",
    "attnviz.render.opening",
    "attnviz.commands.render",
    "attnviz.model.blackboard.model",
    "attnviz.publish.film_kinds",
    "attnviz.publish.lecture",
    "attnviz.render.accelerate.texts",
    "attnviz.render.shots.drawing",
    "dask.array",  # xarray looks whether a value is one of its arrays
    "distributed.cli.dask_scheduler",  # what is not installed is left out
    "distributed.cli.dask_worker",
    "langcodes",
    "rich.progress",
)
MAINS = {"attnviz": "attnviz.cli", "dask": "dask.__main__"}
PATH = tuple(sys.path)  # in the server, which imports this module, too: without what pytest adds

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([*PREPARED, __name__])


class ForkedProcess:
    """A process and session that runs a program of `MAINS`, after other code; used like a `subprocess.Popen`."""

    def __init__(
        self, command: Iterable[object], *, cwd: Path, environment: Mapping[str, str], before: str = ""
    ) -> None:
        self._command = [*map(str, command)]
        self._out, out = _forks.Pipe(duplex=False)
        self._err, err = _forks.Pipe(duplex=False)
        life = (self._command, str(cwd), dict(environment), before, out, err)
        # A daemon: should a test fail and leave it, it ends with the tests
        self._process = _forks.Process(target=_live, args=life, daemon=True)
        with out, err, mock.patch.dict(os.environ, PYTHONPATH=str(ROOT)):  # the server may be started now
            self._process.start()
        self._out.recv_bytes()  # it has a session of its own now, and can be sent signals
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, or minus the number of the signal that ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Return the exit status, if it has ended."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and return its exit status."""
        self._process.join(timeout)
        if self.returncode is None:
            raise self._too_long(timeout)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Return all that is written to its output and its errors, until nobody is left who could write."""
        until = None if timeout is None else time.monotonic() + timeout
        written: dict[Connection, bytes] = {self._out: b"", self._err: b""}
        with self._out, self._err, selectors.DefaultSelector() as selector:
            for stream in written:
                selector.register(stream, selectors.EVENT_READ, stream)
            while selector.get_map():
                ready = selector.select(None if until is None else max(0, until - time.monotonic()))
                if not ready:
                    raise self._too_long(timeout)
                for stream in (key.data for key, _ in ready):
                    data = os.read(stream.fileno(), 1 << 16)
                    written[stream] += data
                    if not data:
                        selector.unregister(stream)
        self.wait(None if until is None else max(0, until - time.monotonic()))
        out, err = (data.decode() for data in written.values())
        return out, err

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it by `kill -9`."""
        self.send_signal(signal.SIGKILL)

    def _too_long(self, timeout: float | None) -> subprocess.TimeoutExpired:
        return subprocess.TimeoutExpired(self._command, timeout or 0)


def _live(
    command: list[str], cwd: str, environment: dict[str, str], before: str, out: Connection, err: Connection
) -> None:
    """Be a process as if it had just been started: forget what it has from the server, then run the program."""
    os.setsid()
    out.send_bytes(b"")
    for stream, number in ((out, 1), (err, 2)):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdout.reconfigure(line_buffering=False)  # the server may write to a terminal
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:], sys.path[:], tempfile.tempdir = command, PATH, None
    multiprocessing.set_start_method(None, force=True)
    gc.freeze()  # a collection would touch, and so copy, the memory that is shared with the server
    try:
        exec(f"{before}\nfrom {MAINS[command[0]]} import main\nmain()", {"__name__": "__main__"})
    except KeyboardInterrupt:  # that nobody has caught: Python ends by the signal then
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        atexit._run_exitfuncs()  # as later versions of multiprocessing do
