"""What the tests of the e-mail channel share: a mail server of the sandbox, an account on it, mails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from inbox_tui.channels.base import Cursor, Page
from inbox_tui.channels.email import open_channel
from inbox_tui.channels.email.channel import EmailChannel
from inbox_tui.channels.email.records import Envelope, Ours
from inbox_tui.config import EmailAccount
from inbox_tui.credentials import Secret
from inbox_tui.model import Author, Incoming, MailFacts, Outgoing
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.mail_world import MailServer, StoredMail

DATA = Path(__file__).parent / "data"
ADDRESS = "help@shop.example"
PASSWORD = "correct horse"
NOW = 1_790_000_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
OURS = Ours(frozenset({ADDRESS}), frozenset({"form@shop.example"}), "mx.shop.example")
ENVELOPE = Envelope("INBOX/1/1", NOW)


def a_mail(number: int | str, *head: str, body: str = "Is the lock off?", sender: str = "") -> bytes:
    """A mail of its own for each number."""
    lines = [
        f"From: {sender or f'Hajo <hajo{number}@brandt.example>'}",
        f"To: {ADDRESS}",
        f"Subject: question {number}",
        f"Message-ID: <{number}@brandt.example>",
        *head,
        "",
        body,
        "",
    ]
    return "\r\n".join(lines).encode()


def facts(incoming: Incoming) -> MailFacts:
    assert incoming.mail is not None
    return incoming.mail


@dataclass
class World:
    """A running mail server and one account on it."""

    server: MailServer
    faults: Faults
    accepted: list[dict[str, object]]
    account: EmailAccount

    @contextlib.contextmanager
    def channel(self, password: str = PASSWORD, **changes: Any) -> Iterator[EmailChannel]:
        channel = open_channel(replace(self.account, **changes), Secret(password))
        try:
            yield channel
        finally:
            channel.close()

    def deliver(self, mails: Iterable[bytes], folder: str = "INBOX", at: int = NOW - HOUR) -> list[int]:
        stored = [StoredMail(raw, at + number * 1000) for number, raw in enumerate(mails)]
        return self.server.deliver_many("mail", stored, folder)

    def fault(self, name: str, **more: object) -> None:
        self.faults.switch({"channel": "email", "fault": name, **more})

    def folder(self, name: str = "INBOX") -> list[tuple[int, tuple[str, ...], bytes]]:
        return self.server.mailbox("mail", name)


def saved(cursor: Cursor) -> Mapping[str, Any]:
    """The cursor as the store gives it back."""
    loaded: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(cursor))
    return loaded


def fetch_all(channel: EmailChannel, cursor: Cursor | None = None, now: int = NOW) -> list[Page]:
    return list(channel.fetch(saved(cursor or {}), now))


def subjects(pages: Iterable[Page]) -> list[str]:
    return [message.subject for page in pages for message in page.messages]


def a_reply(**changes: Any) -> Outgoing:
    reply = Outgoing(
        reply_id=7,
        key="r7.f00d",
        thread_key="",
        in_reply_to="INBOX/1/1",
        to=Author("email", "hajo@brandt.example", "Hajo Brandt", "hajo@brandt.example"),
        text="Yes, it is off.\n.\n..dots\n" + "long " * 300 + "\nGrüße 🙂",
        queued_at=NOW,
        subject="the SIM lock",
        mail_in_reply_to="<1@brandt.example>",
        mail_references=("<0@brandt.example>",),
    )
    return replace(reply, **changes)
