"""What may stand with two persons: their own addresses and names, and what stands in their texts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from inbox_tui.desk.kinship import Token, Writer
from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import LIMIT

_WATERMARK = "kinship"


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person, as far as kinship goes."""

    message: int
    identity: int
    person: int
    writer: Writer
    text: str
    sent_at: int
    channel: str


@dataclass(frozen=True, slots=True)
class Held:
    """A token that somebody has."""

    token: Token
    identity: int
    person: int
    writer: Writer
    message: int


_MESSAGE = (
    "SELECT m.id, m.identity_id, i.person_id, i.kind, i.value, i.name, i.handle, coalesce(nullif(x.full_text, ''),"
    " m.text), m.sent_at, coalesce(a.channel, 'phone') FROM messages m JOIN identities i ON i.id = m.identity_id"
    " LEFT JOIN extras x ON x.message_id = m.id LEFT JOIN accounts a ON a.id = m.account_id"
)
# The watermark alone decides how far it reads: every other condition would make it read on and on.
NEWER = (
    f"{_MESSAGE} WHERE m.id > ? AND m.id <= ? AND m.direction = 'in' AND m.automatic = 'no' AND m.sent_at >= ?"
    " AND m.kind IN ('message', 'call') ORDER BY m.id"
)
HOLDERS = (
    "SELECT t.kind, t.value, t.own, t.claim, t.identity_id, i.person_id, i.kind, i.value, i.name, i.handle,"
    f" t.message_id FROM tokens t JOIN identities i ON i.id = t.identity_id WHERE t.kind = ? AND t.value = ? {LIMIT}"
)

_END = "(SELECT {}(identity_id) FROM tokens WHERE kind = ? AND value = j.value)"
ENDS = f"SELECT j.value, {_END.format('min')}, {_END.format('max')} FROM json_each(?) j"


def watermark(db: Connection) -> int:
    """Id of the newest message that was looked at."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_WATERMARK,)).fetchone()
    return int(json.loads(row[0])) if row else 0


def set_watermark(db: Connection, message: int) -> None:
    """All messages up to this one were looked at."""
    db.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (_WATERMARK, json.dumps(message).encode()),
    )


def newest(db: Connection) -> int:
    """Id of the newest message of all."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM messages").fetchone()[0])


def between(db: Connection, after: int, upto: int, since: int) -> list[Said]:
    """What persons wrote since a time, by the ids of the messages."""
    return [_said(tuple(row)) for row in rows(db, NEWER, (after, upto, since))]


def message(db: Connection, id: int) -> Said | None:
    """One message."""
    row = db.execute(f"{_MESSAGE} WHERE m.id = ?", (id,)).fetchone()
    return _said(tuple(row)) if row else None


def _said(row: tuple[object, ...]) -> Said:
    id_, identity, person, kind, value, name, handle, text, sent_at, channel = row
    writer = Writer(str(kind), str(value), str(name), str(handle))
    number, whose, person_ = (int(str(each)) for each in (id_, identity, person))
    return Said(number, whose, person_, writer, str(text), int(str(sent_at)), str(channel))


def add(db: Connection, tokens: Sequence[Token], identity: int, message: int) -> None:
    """Somebody has these."""
    db.executemany(
        "INSERT INTO tokens (kind, value, identity_id, message_id, own, claim) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (kind, value, identity_id, own) DO UPDATE SET message_id = excluded.message_id,"
        " claim = CASE WHEN claim < 0 THEN claim ELSE max(claim, excluded.claim) END",
        [(t.kind, t.value, identity, message, int(t.own), t.claim) for t in tokens],
    )


def first_and_last(db: Connection, kind: str, values: Sequence[str]) -> list[tuple[str, int, int]]:
    """Of these values those that somebody has: with the least and the greatest id of an identity that does."""
    found = rows(db, ENDS, (kind, kind, json.dumps(values)))
    return [(value, first, last) for value, first, last in found if first is not None]


def of_first_name(db: Connection, brief: str) -> int:
    """How many identities have the first name of a shortened one (``hajo b``); counted up to a dozen."""
    first = brief.partition(" ")[0]
    sql = "SELECT 1 FROM tokens WHERE kind = 'brief' AND value >= ? AND value < ? LIMIT 12"
    return len(rows(db, sql, (f"{first} ", f"{first}!")))


def holders(db: Connection, token: Token, limit: int) -> list[Held]:
    """Who has the same; at most so many."""
    out = []
    for row in rows(db, HOLDERS, (token.kind, token.value, limit)):
        kind, value, own, claim, identity, person, *who, message = row
        out.append(Held(Token(kind, value, bool(own), claim), identity, person, Writer(*who), message))
    return out
