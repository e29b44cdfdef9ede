"""Settings of the C library's malloc: whether memory that a forward pass has freed is kept for the next one."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as in <malloc.h>
LARGEST_INT = 2**31 - 1


def keep_freed_memory() -> bool:
    """Make malloc keep freed memory in this process instead of returning it to the system; return whether it does.

    By default glibc returns large blocks at once, and the next pass waits while the system hands out the same pages
    again, filled with zeros. No number changes, but the process keeps its largest size until it ends, so this is for
    programs that compute one pass after another, not for a library to decide. Without glibc it has no effect.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST_INT) and mallopt(M_TRIM_THRESHOLD, LARGEST_INT))


def give_back_freed_memory() -> None:
    """Return the memory that is free at this moment to the system (malloc_trim)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
