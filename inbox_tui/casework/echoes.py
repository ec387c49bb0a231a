"""Our own replies, met again on the platform: they are receipts, never messages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from inbox_tui.casework import delivery, signing
from inbox_tui.desk import clock
from inbox_tui.model import Direction, Incoming, Kind, Receipt
from inbox_tui.store import messages, threads, underway
from inbox_tui.store.driver import Connection, Row
from inbox_tui.store.threads import ThreadRecord

# Platforms put the handles of the answered in front and shorten links.
_HANDLES = re.compile(r"^(?:\s*@\w+)+")
_LINKS = re.compile(r"https?://\S+")
_CLOCKS = 5 * clock.MINUTE
"""How far the platform's clock and ours may be apart."""


def without_echoes(db: Connection, account: int, page: Sequence[Incoming], now: int) -> list[Incoming]:
    """The messages that are not our own replies; of those that are, a missing receipt is stored."""
    ours = [m for m in page if m.direction is Direction.OUT and m.kind is Kind.MESSAGE]
    if not ours:
        return list(page)
    known = threads.by_key(db, account, [m.thread_key for m in ours if m.thread_key])
    echoes = {m.external_id for m in ours if _settle(db, account, m, known, now)}
    return [m for m in page if m.external_id not in echoes]


def _settle(
    db: Connection, account: int, message: Incoming, known: Mapping[str, ThreadRecord], now: int
) -> bool:
    reply = (
        _by_message_id(db, account, message)
        or _by_text(db, account, message, known)
        or _private(db, account, message)
    )
    if reply is None:
        return False
    message_id = message.mail.message_id if message.mail else ""
    receipt = Receipt(
        external_id=message_id or message.external_id,
        sent_at=message.sent_at,
        permalink=message.permalink,
        mail_message_id=message_id,
        thread_key=message.thread_key if not message.public and not message.mail else "",
        recipient=message.customer,
    )
    delivery.delivered(db, reply, receipt, now)
    return True


def _by_message_id(db: Connection, account: int, message: Incoming) -> int | None:
    key = signing.key_of(message.mail.message_id) if message.mail else None
    return underway.by_key(db, account, [key]).get(key) if key else None


def _by_text(
    db: Connection, account: int, message: Incoming, known: Mapping[str, ThreadRecord]
) -> int | None:
    thread = known.get(message.thread_key) if message.thread_key else None
    if thread is None:
        return None
    same = [row for row in underway.in_flight(db, account, thread.id) if _is(db, row, message)]
    return int(same[0]["id"]) if same else None


def _private(db: Connection, account: int, message: Incoming) -> int | None:
    """A private answer to a comment, met in the conversation that it began."""
    if message.public or not message.endless:
        return None
    same = [row for row in underway.private_in_flight(db, account) if _is(db, row, message)]
    who = message.customer.value if message.customer else None
    to_him = [row for row in same if row["customer_value"] == who]
    # The platform may know him by another id there: one candidate is he, of several nobody knows which.
    found = to_him or (same if len(same) == 1 else [])
    return int(found[0]["id"]) if found else None


def _is(db: Connection, row: Row, message: Incoming) -> bool:
    if message.sent_at < row["created_at"] - _CLOCKS:
        return False  # the same words, written before: "Thank you!"
    answers = messages.external_id(db, row["answers_id"]) if row["answers_id"] else ""
    if message.in_reply_to and answers and message.in_reply_to != answers:
        return False
    return _bare(row["text"]) == _bare(message.text)


def _bare(text: str) -> str:
    return " ".join(_LINKS.sub("", _HANDLES.sub("", text)).split())
