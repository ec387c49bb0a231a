"""What is free is given back."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from inbox_tui import memory

_LARGE, _MANY = 2_000, 20_000
"""Bytes of a piece, which is no small object of Python's own, and pieces: 40 MB."""


def resident() -> int:
    """KiB of this process that are in memory."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


glibc = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library")


@glibc
def test_holes_are_given_back() -> None:
    pieces = [bytes(_LARGE) for _ in range(_MANY)]
    full = resident()
    # The last one stays: what lies before it is no end that the heap could be cut off at.
    del pieces[:-1]
    kept = resident()
    memory.giver()()
    assert full - kept < 10_000
    assert kept - resident() > 20_000


@pytest.mark.parametrize("library", [object(), None])
def test_another_c_library_is_no_fault(monkeypatch: pytest.MonkeyPatch, library: object) -> None:
    def load(_name: None) -> object:
        if library is None:
            raise OSError("no library")
        return library

    monkeypatch.setattr(ctypes, "CDLL", load)
    memory.prepare()
    memory.giver()()


class _Circle:
    def __init__(self) -> None:
        self.self = self


def test_what_refers_to_itself_alone_is_freed() -> None:
    gc.disable()
    try:
        circle = weakref.ref(_Circle())
        assert circle() is not None
        memory.giver()()
    finally:
        gc.enable()
    assert circle() is None


def test_what_was_loaded_is_looked_at_no_more() -> None:
    """In a process of its own: what was set aside stays so."""
    code = "import gc; from inbox_tui import memory; memory.prepare(); print(gc.get_freeze_count() > 1_000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "True\n"


@glibc
def test_threads_share_heaps() -> None:
    """In a process of its own: what was set stays."""
    code = (
        "import sys, threading\n"
        "from inbox_tui import memory\n"
        "if sys.argv[1:]: memory.prepare()\n"
        "there = threading.Barrier(13)\n"
        "done = threading.Event()\n"
        "def work():\n"
        "    piece = bytes(5_000)\n"
        "    there.wait(); done.wait(); return piece\n"
        "for _ in range(12): threading.Thread(target=work, daemon=True).start()\n"
        "there.wait()\n"
        "maps = [line.split() for line in open('/proc/self/maps')]\n"
        "begins = [int(one[0].split('-')[0], 16) for one in maps if one[1] == 'rw-p' and len(one) == 5]\n"
        "print(sum(begin % (64 << 20) == 0 for begin in begins))\n"
    )
    heaps = [
        int(subprocess.run([sys.executable, "-c", code, *more], capture_output=True, check=True).stdout)
        for more in ((), ("shared",))
    ]
    assert heaps[0] >= 8 or os.cpu_count() == 1
    assert heaps[1] <= 2
