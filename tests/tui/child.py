"""A process of its own that shows a world of the fake inbox, for tests that look at what a terminal gets."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from inbox_tui.config import Config
from inbox_tui.tui.app import run
from tests.tui import fake


class Told(list[str]):
    """What was done, written into a file as it happens."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def append(self, act: str) -> None:
        super().append(act)
        with self._file.open("a", encoding="utf-8") as out:
            out.write(f"{act}\n")


class Slow(fake.FakeInbox):
    """A store that takes its time: whatever a key asks for comes long after the next key."""

    def _check(self) -> None:
        time.sleep(0.05)
        super()._check()


def slowly() -> fake.FakeInbox:
    """The story, read slowly."""
    told = fake.story()
    told.__class__ = Slow
    return told


if __name__ == "__main__":
    world = {"story": fake.story, "crowd": lambda: fake.crowd(500), "slow": slowly}[sys.argv[1]]()
    if len(sys.argv) > 2:
        world.calls = Told(Path(sys.argv[2]))
    sys.exit(run(fake.door(world), Config(path=None, store=Path("unused"), agent="anna")))
