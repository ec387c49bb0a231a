"""Sandbox worlds for storms: customers who write, servers that never tire, and what they accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inbox_tui.sandbox import x_api
from inbox_tui.sandbox.runner import Sandbox

CHANNELS = ("x", "email", "facebook")


@contextmanager
def world(folder: Path) -> Iterator[Sandbox]:
    """An empty world in which nobody is told to wait: no limits a quarter of an hour, no budget of a day."""
    with Sandbox(folder / "world", scenario="empty") as box:
        unlimited(box)
        text = box.config_path.read_text("utf-8")
        box.config_path.write_text(
            text.replace('channel = "x"\n', 'channel = "x"\nbudget_per_day = 0\n'), "utf-8"
        )
        yield box


class _Tireless:
    """In place of the count of requests."""

    def count(self, key: tuple[str, str, str], now: int) -> tuple[int, int]:
        return 1, now + 1000


def unlimited(box: Sandbox) -> None:
    """X's limits would end a storm after some hundred posts."""
    assert hasattr(box._x_server, "_meter") and hasattr(x_api, "_Meter")
    box._x_server._meter = _Tireless()  # type: ignore[assignment]


def write(box: Sandbox, channel: str, number: int, customer: int) -> None:
    """A customer's message, with words of its own."""
    text = f"question {number}"
    who = {"from": f"@c{customer}", "name": f"Customer {customer}"}
    if channel == "x":
        box.play({"channel": "x", "kind": "mention", "text": f"@shop {text}", **who})
    elif channel == "email":
        raw = (
            f"From: Customer {customer} <c{customer}@kunden.example>\r\nTo: help@shop.example\r\n"
            f"Subject: {text}\r\nMessage-ID: <storm.{number}@kunden.example>\r\n\r\n{text}\r\n"
        )
        box.play({"channel": "email", "kind": "mail", "raw": raw})
    else:
        box.play({"channel": "facebook", "kind": "post", "from": f"Customer {customer}", "text": text})


def accepted(box: Sandbox) -> Counter[str]:
    """How often each text was taken by a platform."""
    return Counter(str(record["text"]).partition("\n")[0].strip() for record in box.journal.sent)
