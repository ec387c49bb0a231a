"""Keeps a process that runs for months no larger than its work, where the C library is glibc.

Threads that take and free memory in turns leave holes all over the heaps, and glibc makes a heap for each of
them and keeps the pages of the holes: the process seems to grow from day to day though nothing is held.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial

_ARENA_MAX = -8
"""M_ARENA_MAX of malloc.h."""
_HEAPS = 2
"""The interpreter's lock lets one thread work at a time: more heaps would spare nobody a wait."""


def share_heaps() -> None:
    """Threads that begin from now on share a few heaps."""
    limit = _library("mallopt")
    if limit is not None:
        limit(_ARENA_MAX, _HEAPS)


def giver() -> Callable[[], object]:
    """Gives the pages of what is free back to the system; it takes a millisecond or so."""
    trim = _library("malloc_trim")
    return (lambda: None) if trim is None else partial(trim, 0)


def _library(name: str) -> Callable[..., object] | None:
    """A function of the C library; None where that is another one, which has no arenas either."""
    try:
        library = ctypes.CDLL(None)
        function: Callable[..., object] | None = getattr(library, name, None)
        return function if hasattr(library, "malloc_trim") else None
    except OSError:
        return None
