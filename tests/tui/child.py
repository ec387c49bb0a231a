"""A process of its own that shows a world of the fake inbox, for tests that look at what a terminal gets."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from inbox_tui.config import Config
from inbox_tui.model import Author
from inbox_tui.tui.app import run
from tests.tui import fake

CORPUS = Path(__file__).parents[1] / "data" / "hostile.jsonl"


def hostile() -> fake.FakeInbox:
    """One customer for each hostile line, who is called so and writes it."""
    world = fake.FakeInbox()
    for number, line in enumerate(CORPUS.read_text("utf-8").splitlines(), 1):
        evil = json.loads(line)["input"]
        who = Author("email", f"p{number}@ex.example", evil, evil)
        thread = fake.thread_of(number, number, "email", who, subject=evil)
        world.add(number, evil, [fake.incoming(number, thread, evil, fake.NOW, subject=evil)], [thread])
    return world


if __name__ == "__main__":
    world = {"story": fake.story, "crowd": lambda: fake.crowd(500), "hostile": hostile}[sys.argv[1]]()
    sys.exit(run(fake.door(world), Config(path=None, store=Path("unused"), agent="anna")))
