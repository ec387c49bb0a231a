"""Keeps a process that runs for months no larger than its work, where the C library is glibc.

Threads that take and free memory in turns leave holes all over the heaps, and glibc makes a heap for each of
them and keeps the pages of the holes: the process seems to grow from day to day though nothing is held.
What refers to itself in a circle, as screens and parsed mails do, waits for Python's collector, which comes
the less often the more else there is.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable

_ARENA_MAX = -8
"""M_ARENA_MAX of malloc.h."""
_HEAPS = 2
"""The interpreter's lock lets one thread work at a time: more heaps would spare nobody a wait."""


def prepare() -> None:
    """Once, where a process begins that will stay.

    Threads that begin from now on share a few heaps. What was loaded is looked at no more by the collector.
    """
    limit = _library("mallopt")
    if limit is not None:
        limit(_ARENA_MAX, _HEAPS)
    gc.freeze()


def giver() -> Callable[[], None]:
    """Frees what nobody refers to any more, and gives its pages back to the system.

    It takes some milliseconds.
    """
    trim = _library("malloc_trim")

    def give_back() -> None:
        gc.collect()
        if trim is not None:
            trim(0)

    return give_back


def _library(name: str) -> Callable[..., object] | None:
    """A function of the C library; None where that is another one, which has no arenas either."""
    try:
        library = ctypes.CDLL(None)
        function: Callable[..., object] | None = getattr(library, name, None)
        return function if hasattr(library, "malloc_trim") else None
    except OSError:
        return None
