"""A terminal that goes away, and a process that is told to end: what was typed is kept, and nobody stays."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tui.terminal import Terminal, on_terminal

CHILD = (sys.executable, "-m", "tests.tui.child", "story")
LEAVES_ALTERNATE_SCREEN = b"\x1b[?1049l"


@pytest.fixture(autouse=True)
def _heard() -> Iterator[None]:
    """Whoever runs the tests by nohup gives every child an ear that is deaf to a hang-up."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@contextmanager
def at_work(told: Path, *before: str) -> Iterator[Terminal]:
    """The interface, with a text that is being typed and was not kept yet."""
    with on_terminal([*before, *CHILD, str(told)], 80, 24) as terminal:
        terminal.until(b"Hajo")
        terminal.settle()
        terminal.press(b"rIt left today")
        terminal.until(b"today")
        yield terminal


def kept(told: Path) -> list[str]:
    return [line for line in told.read_text("utf-8").splitlines() if "It left today" in line]


def test_a_terminal_that_is_gone_without_a_signal_ends_the_interface(tmp_path: Path) -> None:
    with at_work(tmp_path / "told") as terminal:
        terminal.close()
        assert terminal.code() == 128 + signal.SIGHUP
    assert kept(tmp_path / "told")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_signal_to_end_leaves_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with at_work(tmp_path / "told") as terminal:
        terminal.send(number)
        assert terminal.code() == 128 + number
        assert LEAVES_ALTERNATE_SCREEN in terminal.last
    assert kept(tmp_path / "told")


def test_who_is_told_to_outlive_a_hang_up_stays_while_somebody_can_type(tmp_path: Path) -> None:
    with at_work(tmp_path / "told", "sh", "-c", 'trap "" HUP; exec "$@"', "sh") as terminal:
        terminal.send(signal.SIGHUP)
        terminal.press(b", by post")
        terminal.until(b"post")
        assert not terminal.ended()
        terminal.close()
        assert terminal.code() == 128 + signal.SIGHUP


def test_bytes_of_another_charset_are_no_reason_to_end(tmp_path: Path) -> None:
    with at_work(tmp_path / "told") as terminal:
        terminal.press(b"\xff\xe4 at noon")
        terminal.until(b"noon")
        terminal.press(b"\x13")
        end = time.monotonic() + 10
        while not (sent := [one for one in kept(tmp_path / "told") if one.startswith("reply")]):
            assert time.monotonic() < end
            terminal.came(0.1)
    assert "It left today\ufffd\ufffd at noon" in sent[0]
