"""What the C library does with memory that a forward pass has freed: kept for the next pass, or given back."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as in <malloc.h>
LARGEST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Let this process keep memory that it frees, so that the next pass finds it ready; tell whether it does now.

    glibc gives large pieces back at once, and the next pass waits while the system hands out the same pages again,
    filled with zeros. No number changes, but the process stays as large as it has been until it ends: this is for
    programs that compute one pass after another, not for a library to decide. It is of no effect without glibc.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is None:
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST) and mallopt(M_TRIM_THRESHOLD, LARGEST))


def give_back_freed_memory() -> None:
    """Return to the system what is free at this moment."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
