"""Foreign text never acts: every line of the hostile corpus, in every field, on every screen.

What a terminal gets of it is read in tests/storm/test_terminal.py.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from inbox_tui.model import Attachment, Author, Direction, Kind, ReplyState
from inbox_tui.tui.barrier import Barrier
from tests.tui.driver import LARGE, SMALL, Driver, drive
from tests.tui.fake import NOW, FakeInbox, incoming, ours, thread_of, well

CORPUS = Path(__file__).parents[1] / "data" / "hostile.jsonl"
LINES = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufeff]"
)


def world(evil: str) -> FakeInbox:
    """A case in which every field that comes from outside holds the same text."""
    fake = FakeInbox()
    fake.accounts = (well("mail", "email", error=evil, error_code="login", hint=evil, error_since=NOW),)
    who = Author("email", evil or "x", evil, evil)
    mail = thread_of(1, 1, "email", who, subject=evil, permalink=evil)
    closed = thread_of(2, 1, "x", who, can_reply=False, why_not=evil)
    file = Attachment(evil, evil, 1)
    messages = [
        incoming(
            10,
            mail,
            evil,
            NOW,
            subject=evil,
            full_text=evil + "\n> " + evil,
            attachments=(file,),
            permalink=evil,
        ),
        incoming(11, mail, evil, NOW, kind=Kind.POST, direction=Direction.OUT, author=who, owed=False),
        ours(12, mail, evil, NOW, author=who, state=ReplyState.FAILED, reply=500),
        incoming(13, closed, evil, NOW, kind=Kind.NOTE, author=who, unparsed=evil),
    ]
    whole = fake.add(1, evil, messages, [mail, closed])
    fake.cases[1] = replace(whole, row=replace(whole.row, tags=(evil, "late"), assignee=evil))
    fake.replies[500] = fake._reply(500, 1, evil, ReplyState.DRAFT)
    fake.settle(500, ReplyState.FAILED, evil, evil)
    fake.replies[501] = fake._reply(501, 1, evil, ReplyState.DRAFT)
    return fake


# Every line where one pane is drawn at a time; side by side the same code draws: every fourth line is enough.
SHOWN = [(line, SMALL) for line in LINES] + [(line, LARGE) for line in LINES[::4]]


@pytest.mark.parametrize(("line", "size"), SHOWN, ids=[f"{line['id']}-{size[0]}" for line, size in SHOWN])
def test_hostile_text_is_only_shown(line: dict[str, str], size: tuple[int, int]) -> None:
    seen: list[str] = []

    async def steps(d: Driver) -> None:
        for keys in (
            ["enter"],
            ["v"],
            ["v", "R"],
            ["escape", "r"],
            ["escape", "o"],
            ["escape", "exclamation_mark"],
            ["escape"],
        ):
            await d.press(*keys)
            await d.pilot.pause(0.02)
            seen.append(d.text())
        await d.settle()
        assert d.app._exit is False

    fake = world(line["input"])
    drive(fake, steps, size)
    assert not FORBIDDEN.search("".join(seen).replace("\n", ""))
    assert not [call for call in fake.calls if not call.startswith("draft")]


def test_the_barrier_holds_what_nobody_cleaned() -> None:
    evil = "a\x1b]52;c;AAAA\x07b\u202ec\x9b2J\ud800\u00ad\u2060\ue000"
    segments = [Segment(evil, Style(bold=True, link="https://evil.example"))]
    (held,) = Barrier().apply(segments, Color(0, 0, 0))
    assert not FORBIDDEN.search(held.text)
    assert held.text.startswith("a]52;c;AAAAb")
    assert held.style is not None
    assert held.style.link is None
    assert held.style.bold
