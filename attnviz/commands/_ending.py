"""How a command that makes things ends when it is asked to."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CLEANING_SECONDS = 10  # for so long after a request to end, further ones are not heard
LOST_SECONDS = 0.01  # after which an interrupt is raised again that got lost


@contextlib.contextmanager
def ended_politely() -> Iterator[None]:
    """Clean up when asked to end: by Ctrl-C, by SIGTERM, or because the terminal is closed.

    All three are KeyboardInterrupt inside the block. Impatience (a second Ctrl-C) does not cut the clean-up short.
    Where Python lets nothing be raised (in `__del__`, in callbacks of weak references, of which every import has one),
    it is raised soon after.
    """
    asked: list[tuple[int, float]] = []

    def end(number: int, frame: object) -> None:
        if not asked or time.monotonic() - asked[-1][1] > CLEANING_SECONDS:
            asked.append((number, time.monotonic()))
            raise KeyboardInterrupt

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    def unraisable(lost: UnraisableHookArgs) -> None:
        if asked and issubclass(lost.exc_type, KeyboardInterrupt):
            signal.setitimer(signal.ITIMER_REAL, LOST_SECONDS)
        else:
            tell(lost)

    numbers = [number for number in ENDINGS if signal.getsignal(number) is not signal.SIG_IGN]  # nohup stays in force
    before = {number: signal.signal(number, end) for number in numbers}
    alarm = signal.signal(signal.SIGALRM, interrupt)
    tell, sys.unraisablehook = sys.unraisablehook, unraisable
    try:
        yield
    except BaseException:
        if asked and asked[0][0] != signal.SIGINT:
            raise SystemExit(128 + asked[0][0]) from None
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.unraisablehook = tell
        signal.signal(signal.SIGALRM, alarm)
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if asked else handler)  # asked once, it ends in its own way
