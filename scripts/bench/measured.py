"""Runs a program and measures it: time, processor time and memory of all its processes."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.input.problems import Problem, ProblemsFound

BETWEEN_LOOKS = 0.25  # seconds; a look at the memory of five processes takes some ms


@dataclass
class Measured:
    """What a run took, in seconds and bytes.

    `rss` counts memory that several processes share once for each of them; `pss` counts it once. `others` is the
    processor time that everything else on this machine took meanwhile.
    """

    wall: float
    cpu: float
    rss: int = 0
    pss: int = 0
    others: float = 0.0


def run(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Measured:
    """Run a program to its end; raises `ProblemsFound` with the end of what it has said if it fails."""
    rss = pss = 0
    with log.open("wb") as said:
        busy, start = _busy(), time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=dict(environment), start_new_session=True
        )
        try:
            with _end_of(process.pid) as ended:
                while not ended.poll(BETWEEN_LOOKS * 1000):
                    seen_rss, seen_pss = _memory(process.pid)
                    rss, pss = max(rss, seen_rss), max(pss, seen_pss)
            wall = time.perf_counter() - start
            busy = _busy() - busy
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if process.returncode:
        end = " ".join(log.read_text(errors="replace").split()[-60:])
        raise ProblemsFound(Problem(f"{Path(command[0]).name} ended with status {process.returncode}: {end}"))
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(wall, cpu, rss, pss, max(0.0, busy - cpu))


@contextlib.contextmanager
def _end_of(pid: int) -> Iterator[select.poll]:
    """Give what becomes ready when a process ends."""
    descriptor = os.pidfd_open(pid)
    try:
        ended = select.poll()
        ended.register(descriptor, select.POLLIN)
        yield ended
    finally:
        os.close(descriptor)


def _busy() -> float:
    """Return for how many seconds the processors of this machine have been busy, added up."""
    user, nice, system, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> tuple[int, int]:
    """Return the resident and the proportional set size of a process and all that come from it, in bytes."""
    rss = pss = 0
    for each in _family(pid):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
                name, _, amount = line.partition(":")
                if name in ("Rss", "Pss"):
                    kib = int(amount.split()[0])
                    rss, pss = (rss + kib, pss) if name == "Rss" else (rss, pss + kib)
    return rss * 1024, pss * 1024


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split():
                yield from _family(int(child))
