"""Gives back what is free: a worker that runs for months is no larger than its work.

Threads that take and free memory in turns leave holes all over the heap. glibc keeps their pages, and the
process seems to grow from day to day though nothing is held.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable


def giver() -> Callable[[], None]:
    """Gives what is free back to the system, where the C library can; else it does nothing."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):
        return lambda: None

    def give_back() -> None:
        trim(0)

    return give_back
