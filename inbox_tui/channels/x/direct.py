"""Direct messages of X's API v2 into Incoming: pure functions, and the one place with their field names.

A thread is a conversation with one customer. Of encrypted chats the API brings nothing: these are the older
direct messages alone.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from inbox_tui.channels.payload import count, digits, dump, instant, items, lenient, stand_in
from inbox_tui.channels.x.parse import Me, read_users, readable, snowflake_time
from inbox_tui.errors import BadAnswer
from inbox_tui.model import Author, Direction, Incoming

EVENT_FIELDS: Final = ["id", "text", "event_type", "created_at", "dm_conversation_id", "sender_id"]
EXPANSIONS: Final = ["sender_id"]
PREFIX: Final = "dm:"
"""Of the key of a thread that is a conversation."""
UNREAD: Final = "[This direct message could not be read. What X sent is in the full text.]"
IN_A_GROUP: Final = (
    "this is a conversation of several: an answer would not go to all of them; use X's own app"
)
_PAIR = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")
_TOKEN = re.compile(r"[\x21-\x7e]{1,2000}")
_LINK = re.compile(r"https?://\S+")


class _Event(msgspec.Struct):
    id: Any = None
    text: str | None = None
    created_at: Any = None
    dm_conversation_id: Any = None
    sender_id: Any = None


class Event(msgspec.Struct):
    """A direct message with its fields checked."""

    id: str
    """Empty where it has none that can be used."""
    sender: str
    conversation: str
    sent_at: int
    text: str
    unread: str
    """What came, where it cannot be read; else empty."""


class Events(msgspec.Struct):
    """A page of direct messages."""

    events: list[Event]
    """As they came, newest first."""
    users: dict[str, Author]
    next_token: str
    """Empty on the last page."""


def read_events(payload: dict[str, Any], now: int) -> Events:
    """A page of direct messages. ``now`` stands in where one has no time. Raises BadAnswer."""
    meta, data = payload.get("meta"), payload.get("data")
    if not isinstance(meta, dict) or not isinstance(data, list | None):
        raise BadAnswer("X's answer is not a page of direct messages", "fetch again later")
    if data is None and count(meta.get("result_count")):
        raise BadAnswer("X's answer counts direct messages that it does not bring", "fetch again later")
    token = meta.get("next_token")
    if token is not None and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        raise BadAnswer("X's answer leads to a next page that cannot be asked for", "fetch again later")
    includes = payload.get("includes")
    users = read_users(includes.get("users")) if isinstance(includes, dict) else {}
    return Events([_event(one, now) for one in items(data)], users, token or "")


def parse_events(events: list[Event], users: dict[str, Author], me: Me) -> tuple[Incoming, ...]:
    """Oldest first. What we wrote into a conversation of several answers nobody: it stays out."""
    found = [_incoming(one, users, me) for one in reversed(events)]
    return tuple(one for one in found if one is not None)


def made(answer: dict[str, Any]) -> str:
    """Id of a direct message that was just sent; empty where the answer has none."""
    data = answer.get("data")
    return digits(data.get("dm_event_id")) if isinstance(data, dict) else ""


def same_message(one: str, other: str) -> bool:
    """Whether two texts are one: X shortens links."""
    return _bare(one) == _bare(other)


def _event(item: object, now: int) -> Event:
    raw = lenient(item, _Event)
    event_id = digits(raw.id)
    conversation = raw.dm_conversation_id if isinstance(raw.dm_conversation_id, str) else ""
    sender = digits(raw.sender_id)
    whole = event_id and raw.text is not None and sender
    return Event(
        id=event_id,
        sender=sender,
        conversation=conversation if _PAIR.fullmatch(conversation) or digits(conversation) else "",
        sent_at=instant(raw.created_at) or snowflake_time(event_id, now) or now,
        text=readable(raw.text or ""),
        unread="" if whole else dump(item),
    )


def _incoming(event: Event, users: dict[str, Author], me: Me) -> Incoming | None:
    ours = event.sender == me.id
    partner = _partner(event, me)
    if ours and not partner:
        return None
    external_id = event.id or stand_in(event.unread)
    conversation = event.conversation or event.sender or external_id
    grouped = not partner
    customer = users.get(partner) or Author("x", partner or None)
    sender = users.get(event.sender) or Author("x", event.sender or None)
    return Incoming(
        external_id=external_id,
        thread_key=f"{PREFIX}{conversation}" + (f":{event.sender or external_id}" if grouped else ""),
        author=Author("x", me.id, "", f"@{me.handle}") if ours else sender,
        customer=customer if ours else None,
        direction=Direction.OUT if ours else Direction.IN,
        text=UNREAD if event.unread else event.text,
        full_text=event.unread,
        sent_at=event.sent_at,
        can_reply=not grouped,
        why_not=IN_A_GROUP if grouped else "",
        endless=True,
    )


def _partner(event: Event, me: Me) -> str:
    """The other one of a conversation of two; empty where there are several."""
    pair = _PAIR.fullmatch(event.conversation)
    if pair is None or me.id not in pair.groups():
        return ""
    return pair[2] if pair[1] == me.id else pair[1]


def _bare(text: str) -> str:
    return " ".join(_LINK.sub("", text).split())
