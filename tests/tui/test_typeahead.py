"""Keys that arrive in one burst, as over a slow line, do what they would do one by one.

What counts is what was done, not what is drawn: letters that are lost, or become commands, go to customers.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.tui.terminal import Terminal, on_terminal


class Desk:
    """The interface on a terminal, and what was done with it."""

    def __init__(self, terminal: Terminal, told: Path) -> None:
        self._terminal, self._told = terminal, told

    def burst(self, keys: bytes) -> None:
        """All in one write."""
        self._terminal.press(keys)

    def done(self) -> list[str]:
        """Acts so far; drafts come and go by the clock."""
        acts = self._told.read_text("utf-8").splitlines() if self._told.exists() else []
        return [act for act in acts if not act.startswith("draft")]

    def does(self, *acts: str) -> None:
        """These, and nothing else."""
        end = time.monotonic() + 15
        while len(self.done()) < len(acts) and time.monotonic() < end:
            self._terminal.came(0.1)
        self._terminal.came(0.3)
        assert [act.partition(" seen=")[0] for act in self.done()] == list(acts)


@contextmanager
def desk(tmp_path: Path, world: str) -> Iterator[Desk]:
    told = tmp_path / "told"
    with on_terminal([sys.executable, "-m", "tests.tui.child", world, str(told)], 80, 24) as terminal:
        terminal.until(b"Hajo")
        terminal.settle()
        yield Desk(terminal, told)


WORLDS = ("story", "slow")
HOW_TYPED: dict[str, tuple[bytes, list[str]]] = {
    "the text of a note": (b"nDead; see X\x13", ["note 12 Dead; see X"]),
    "a note of a case further down": (b"jnbe quick\x13", ["note 20 be quick"]),
    "the next case, and a note in it": (b"\tnask eve\x13", ["note 20 ask eve"]),
    "a line that is emptied and typed anew": (b"twrong\x15refund\r", ["tag 12 ['refund']"]),
    "a letter that is taken off": (b"txvip\x01\x04\r", ["tag 12 ['vip']"]),
    "a time": (b"btomorrow 9\r", ["snooze 12 1793696400000"]),
    "Esc and a letter as one": (b"?\x1bbtomorrow 9\r", ["snooze 12 1793696400000"]),
    "Esc and a digit as one": (b"?\x1b1jnsoon\x13", ["note 20 soon"]),
    "Esc and a sign as one": (b"?\x1b!r", ["retry 500"]),
    "an owner, then a tag": (b"aben\rtvip\r", ["assign 12 ben", "tag 12 ['vip']"]),
    "done, and undone": (b"eu", ["done 12", "undo done"]),
    "done twice": (b"ee", ["done 12", "done 20"]),
    "a text is kept, and the case is done": (b"nlater\x1be", ["done 12"]),
    "another view, and an act there": (b"8e", ["done 12"]),
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("how", HOW_TYPED)
def test_a_burst_does_what_its_keys_do(tmp_path: Path, how: str, world: str) -> None:
    keys, acts = HOW_TYPED[how]
    with desk(tmp_path, world) as typed:
        typed.burst(keys)
        typed.does(*acts)


@pytest.mark.parametrize("world", WORLDS)
def test_all_of_a_reply_is_sent(tmp_path: Path, world: str) -> None:
    """r and the text: no letter of it is a command; and Ctrl+S does not overtake the last one."""
    text = "Hello, we see it. esbjkuq x"
    with desk(tmp_path, world) as typed:
        typed.burst(b"r" + text.encode() + b"\x13")
        typed.does(f"reply 12 2 {text}")


def test_what_is_typed_for_nothing_is_no_command(tmp_path: Path) -> None:
    """Nobody writes in this case beside its customer: the name that follows is meant for nothing."""
    with desk(tmp_path, "slow") as typed:
        typed.burst(b"Oeve\r")
        time.sleep(2)
        typed.burst(b"nnote\x13")
        typed.does("note 12 note")
