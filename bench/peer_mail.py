"""Mails of the benches' customers with their threads: raw, as a maildir, or in a Dovecot of our own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import world

from inbox_tui.inbox import wall_clock
from inbox_tui.model import Direction, Incoming

if TYPE_CHECKING:
    from tests.channels.email.dovecot import Dovecot

AT_ONCE = 500
"""Mails that are delivered with one command."""


def mails(count: int) -> list[tuple[bytes, int]]:
    """So many mails of customers, and when each came in milliseconds UTC; the oldest first."""
    return sorted(_mails(count), key=lambda mail: mail[1])[-count:]


def _mails(count: int) -> Iterator[tuple[bytes, int]]:
    # A third of the stories is told by mail, and three of five messages are the customer's.
    for story in world.stories(count + 10, wall_clock()):
        if story.channel == "email":
            for message in story.messages:
                if message.direction is Direction.IN:
                    yield raw(message), message.sent_at


def raw(message: Incoming) -> bytes:
    """The mail as a server has it."""
    assert message.mail is not None
    mail = EmailMessage(policy=SMTP)
    name = "".join(char for char in message.author.name if char.isalnum() or char == " ")
    mail["From"] = f"{name} <{message.author.value}>"
    mail["To"] = "service@shop.example"
    mail["Subject"] = message.subject or "message"
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.sent_at / 1000, UTC))
    mail["Message-ID"] = message.mail.message_id
    if message.mail.references:
        mail["References"] = " ".join(message.mail.references)
    mail.set_content(message.full_text or message.text)
    return mail.as_bytes()


def maildir(folder: Path, count: int) -> Path:
    """A maildir with so many mails; written when it is first asked for."""
    ready = folder / "ready"
    if not ready.exists():
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for number, (mail, at) in enumerate(mails(count)):
            path = folder / "cur" / f"{at // 1000}.{number}.bench:2,S"
            path.write_bytes(mail)
            os.utime(path, (at / 1000, at / 1000))
        ready.touch()
    return folder


def no_dovecot() -> str:
    """Why there can be no Dovecot; empty where there can."""
    return _dovecot().why_not()  # type: ignore[no-any-return, attr-defined]


@contextmanager
def server(count: int) -> Iterator[Dovecot]:
    """A Dovecot with so many mails in its INBOX."""
    running: Dovecot = _dovecot().start()  # type: ignore[attr-defined]
    try:
        found = mails(count)
        for at in range(0, len(found), AT_ONCE):
            running.deliver(found[at : at + AT_ONCE])
        with running.client() as client:
            client.create_folder("Sent")
        yield running
    finally:
        running.stop()


def _dovecot() -> object:
    """The tests know how to start one."""
    root = str(Path(__file__).parent.parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    from tests.channels.email import dovecot

    return dovecot
