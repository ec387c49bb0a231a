"""A process of its own that shows a world of the fake inbox, for tests that look at what a terminal gets."""

from __future__ import annotations

import sys
from pathlib import Path

from inbox_tui.config import Config
from inbox_tui.tui.app import run
from tests.tui import fake

if __name__ == "__main__":
    world = {"story": fake.story, "crowd": lambda: fake.crowd(500)}[sys.argv[1]]()
    sys.exit(run(fake.door(world), Config(path=None, store=Path("unused"), agent="anna")))
