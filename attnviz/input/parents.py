"""Processes that end with the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # of Linux' prctl: which signal to get when the parent dies


def die_with_parent(parent: int | None = None) -> None:
    """Ask the system to end this process when its parent is killed; only Linux does.

    One that was killed meanwhile is noticed by its number, `parent`, if that is known.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent not in (None, os.getppid()):
        os._exit(1)
