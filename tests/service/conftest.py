"""A desk whose accounts lead to platforms in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_tui.config import AccountConfig
from inbox_tui.model import Reply
from inbox_tui.service.sending import Sender
from inbox_tui.service.worker import Worker
from tests.casework.world import CAN, NOW, World, check_clocks, check_views, fresh_store, mail, post
from tests.service.fake import FakeChannel, FakeMailbox, Platform


class Office(World):
    """The desk with everything that runs behind it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.platforms = {name: Platform() for name in self.accounts}
        self.complaints: list[str] = []
        self.opening: dict[str, Exception] = {}
        """Accounts whose channel cannot be opened."""

    def open_channel(self, account: AccountConfig) -> FakeChannel:
        if account.name in self.opening:
            raise self.opening[account.name]
        kind = FakeMailbox if account.name == "mail" else FakeChannel
        return kind(account, CAN[account.name], self.platforms[account.name], lambda: self.now)

    def worker(self, **accounts: AccountConfig) -> Worker:
        """A worker; accounts: some with other settings."""
        config = replace(self.config, accounts={**self.config.accounts, **accounts})
        return Worker(self.store, config, self.open_channel, lambda: self.now, self.complaints.append)

    def sender(self, account: str) -> Sender:
        channel = self.open_channel(self.config.accounts[account])
        return Sender(self.store, self.accounts[account], channel, lambda: self.now)

    def queued(self, account: str = "shop", text: str = "Sorry!") -> Reply:
        """A reply that is due."""
        known = self.db.execute("SELECT count(*) FROM messages").fetchone()[0]
        if account == "mail":
            self.take("mail", mail(known, f"v{known}@x.example", NOW))
            return self.inbox.reply(self.case_of(f"INBOX/1/{known}"), text)
        self.take("shop", post(f"m{known}", f"4{known}", NOW))
        return self.inbox.reply(self.case_of(f"m{known}"), text)

    def look(self, reply: Reply) -> Reply:
        return self.inbox.reply_by_id(reply.id)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office whose books are looked through when the test is over."""
    before = set(threading.enumerate())
    store = fresh_store(tmp_path / "inbox.db")
    one = Office(store)
    yield one
    assert set(threading.enumerate()) <= before, "no thread is left"
    check_views(one)
    check_clocks(one)
    store.close()
