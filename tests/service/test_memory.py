"""What is free is given back."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from inbox_tui.service import memory

_LARGE, _MANY = 2_000, 20_000
"""Bytes of a piece, which is no small object of Python's own, and pieces: 40 MB."""


def resident() -> int:
    """KiB of this process that are in memory."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc")
def test_holes_are_given_back() -> None:
    pieces = [bytes(_LARGE) for _ in range(_MANY)]
    full = resident()
    # The last one stays: what lies before it is no end that the heap could be cut off at.
    del pieces[:-1]
    kept = resident()
    memory.giver()()
    assert full - kept < 10_000
    assert kept - resident() > 20_000


def test_a_c_library_without_it_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.giver()()
