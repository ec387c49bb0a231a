"""A channel in memory: a platform that does what a test tells it, and remembers what it was asked."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from inbox_tui.channels.base import Cursor, Page
from inbox_tui.config import AccountConfig
from inbox_tui.model import Capabilities, Outgoing, Receipt


@dataclass
class Platform:
    """What lies behind a channel; it outlives each of them."""

    pages: deque[Page | Exception] = field(default_factory=deque)
    """What the next fetches bring, page by page; an exception ends a fetch."""
    faults: deque[Exception | None] = field(default_factory=deque)
    """How the next sends end; None, or nothing left: accepted."""
    look_faults: deque[Exception] = field(default_factory=deque)
    """How the next searches for a reply end, as long as there are any."""
    file_faults: deque[Exception] = field(default_factory=deque)
    """How the next filings end, as long as there are any."""
    accepts_anyway: bool = False
    """A send that breaks was accepted all the same."""
    sent: list[Outgoing] = field(default_factory=list)
    """What was accepted."""
    tries: list[Outgoing] = field(default_factory=list)
    looks: int = 0
    filed: list[Outgoing] = field(default_factory=list)
    fetches: list[Cursor] = field(default_factory=list)
    opened: int = 0
    closed: int = 0
    at_fetch: Callable[[], object] = lambda: None
    """Called when a fetch begins; while it lasts the platform gives no answer."""
    at_send: Callable[[Outgoing], None] = lambda reply: None
    """Called while a reply is on the wire."""
    spend: int = 0
    """Millionths of a dollar that a send costs."""
    news: threading.Event = field(default_factory=threading.Event)
    """Set: a channel that listens is told of news, once."""


class FakeChannel:
    """One account on such a platform."""

    def __init__(self, account: AccountConfig, can: Capabilities, platform: Platform, now: Callable[[], int]):
        self.account = account
        self.can = can
        self.platform = platform
        self._now = now
        platform.opened += 1

    def fetch(self, cursor: Cursor, now: int) -> Iterator[Page]:
        self.platform.fetches.append(cursor)
        self.platform.at_fetch()
        while self.platform.pages:
            page = self.platform.pages.popleft()
            if isinstance(page, Exception):
                raise page
            yield page

    def send(self, reply: Outgoing) -> Receipt:
        self.platform.tries.append(reply)
        self.platform.at_send(reply)
        fault = self.platform.faults.popleft() if self.platform.faults else None
        if fault is None or self.platform.accepts_anyway:
            self.platform.sent.append(reply)
        if fault is not None:
            raise fault
        return self._receipt(reply)

    def _receipt(self, reply: Outgoing) -> Receipt:
        own = f"<{reply.key}@shop.example>" if reply.to.kind == "email" else ""
        number = self.platform.sent.index(reply)
        return Receipt(own or f"sent-{number}", self._now(), "", self.platform.spend, own)

    def find_sent(self, reply: Outgoing) -> Receipt | None:
        self.platform.looks += 1
        if self.platform.look_faults:
            raise self.platform.look_faults.popleft()
        found = [one for one in self.platform.sent if one.reply_id == reply.reply_id]
        return self._receipt(found[0]) if found else None

    def close(self) -> None:
        self.platform.closed += 1


class FakeMailbox(FakeChannel):
    """One whose replies need a copy filed."""

    def file_copy(self, reply: Outgoing) -> None:
        if self.platform.file_faults:
            raise self.platform.file_faults.popleft()
        self.platform.filed.append(reply)


class FakeListener(FakeChannel):
    """One that is told of news."""

    def wait(self, timeout: float) -> bool:
        told = self.platform.news.wait(timeout)
        self.platform.news.clear()
        return told
