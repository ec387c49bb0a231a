"""Hand-offs: which reply asked whom to go on where, what of its code is kept, and who came with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.desk.handoff import Sent, Worth
from inbox_tui.model import Destination, Handoff
from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import marks, parts

_JOINED = (
    "SELECT h.*, r.case_id, r.thread_id, r.message_id, r.kind, r.state, r.updated_at, t.public, m.thread_id AS in_thread,"
    " c.person_id FROM handoffs h JOIN replies r ON r.id = h.reply_id JOIN threads t ON t.id = r.thread_id"
    " JOIN cases c ON c.id = r.case_id LEFT JOIN messages m ON m.id = r.message_id"
)
ANY = "SELECT max(id) FROM handoffs"
# The conditions word for word as in the indexes: SQLite uses one on a part of the rows only then.
AWAITED = f"{_JOINED} WHERE h.expires_at IS NOT NULL AND h.arrived_at IS NULL AND h.expires_at > ? ORDER BY h.expires_at"
OF_CASE = f"{_JOINED} WHERE r.case_id = ? ORDER BY h.id"
# SQLite joins in the order of CROSS JOIN: from the few replies of a case to their hand-offs.
COUNTED = (
    "SELECT r.case_id, count(*) FROM replies r CROSS JOIN handoffs h WHERE h.reply_id = r.id AND h.sent_at IS NOT NULL"
    " AND r.case_id IN ({}) GROUP BY r.case_id"
)
USES = "SELECT handoff_id, identity_id, worth FROM handoff_uses WHERE handoff_id IN ({}) ORDER BY id"
GUESSED = "SELECT count(*) FROM handoff_uses WHERE identity_id = ? AND at > ? AND worth = 'unknown'"


@dataclass(frozen=True, slots=True)
class Known:
    """A hand-off as intake meets it."""

    id: int
    case: int
    digest: str
    back_at: int | None
    sent_at: int
    arrived: bool
    sent: Sent


# -- writing


def insert(db: Connection, reply: int, to: Destination, digest: str) -> None:
    """A draft asks the customer to go on elsewhere."""
    sql = "INSERT INTO handoffs (reply_id, destination, digest) VALUES (?, ?, ?)"
    db.execute(sql, (reply, str(to), digest))


def set_out(db: Connection, reply: int, back_after: int, valid_for: int) -> None:
    """How long the case rests, and how long the code is good, both in milliseconds from when it is sent."""
    db.execute(
        "UPDATE handoffs SET back_after = ?, valid_for = ? WHERE reply_id = ?", (back_after, valid_for, reply)
    )


def move(db: Connection, reply: int, to: int) -> None:
    """Another draft goes on with the text."""
    db.execute("UPDATE handoffs SET reply_id = ? WHERE reply_id = ?", (to, reply))


def drop(db: Connection, reply: int) -> None:
    """This draft asks for nothing any more. What was sent stays."""
    db.execute("DELETE FROM handoffs WHERE reply_id = ? AND sent_at IS NULL", (reply,))


def sent(db: Connection, reply: int, at: int) -> None:
    """It went out: the case rests from now on, and the code counts."""
    db.execute(
        "UPDATE handoffs SET sent_at = :at, back_at = :at + back_after, expires_at = :at + valid_for"
        " WHERE reply_id = :reply",
        {"at": at, "reply": reply},
    )


def arrived(db: Connection, handoff: int, at: int) -> None:
    """The customer is there."""
    db.execute("UPDATE handoffs SET arrived_at = ? WHERE id = ? AND arrived_at IS NULL", (at, handoff))


def returned(db: Connection, handoff: int, at: int) -> None:
    """He did not come in time."""
    db.execute("UPDATE handoffs SET returned_at = ? WHERE id = ?", (at, handoff))


def expose(db: Connection, handoff: int) -> None:
    """Its code was written where everybody reads it."""
    db.execute("UPDATE handoffs SET exposed = 1 WHERE id = ?", (handoff,))


def use(db: Connection, uses: Iterable[tuple[int | None, int, int, int, Worth]]) -> None:
    """Who came with what: hand-off, identity, message, time and what it was worth."""
    db.executemany(
        "INSERT INTO handoff_uses (handoff_id, identity_id, message_id, at, worth) VALUES (?, ?, ?, ?, ?)",
        [(handoff, identity, message, at, str(worth)) for handoff, identity, message, at, worth in uses],
    )


# -- reading


def any_at_all(db: Connection) -> bool:
    """Whether a code was ever made: else none needs to be looked for."""
    return db.execute(ANY).fetchone()[0] is not None


def facts(db: Connection, reply: int) -> Row | None:
    """The row of a reply that is a hand-off; None where it is none."""
    row: Row | None = db.execute("SELECT * FROM handoffs WHERE reply_id = ?", (reply,)).fetchone()
    return row


def by_digest(db: Connection, digests: Iterable[str]) -> dict[str, Known]:
    """The hand-offs of these codes. What never left is none: nobody can have read it."""
    out: list[Row] = []
    for part in parts(sorted(set(digests))):
        sql = f"{_JOINED} WHERE h.digest IN ({marks(part)}) AND (h.sent_at IS NOT NULL OR r.state IN ('sending', 'unknown', 'failed'))"
        out += rows(db, sql, part)
    return {one.digest: one for one in _known(db, out)}


def awaited(db: Connection, now: int) -> list[Known]:
    """Hand-offs whose customer has not arrived, and whose code is still good."""
    return _known(db, rows(db, AWAITED, (now,)))


def _known(db: Connection, found: Sequence[Row]) -> list[Known]:
    users: dict[int, int] = {}
    proposed: dict[int, set[int]] = {}
    for part in parts([row["id"] for row in found]):
        for row in rows(db, USES.format(marks(part)), part):
            if row["worth"] in (Worth.JOINS, Worth.ARRIVED):
                users.setdefault(row["handoff_id"], row["identity_id"])
            elif row["worth"] == Worth.PROPOSES:
                proposed.setdefault(row["handoff_id"], set()).add(row["identity_id"])
    return [_one(row, users, proposed) for row in found]


def _one(row: Row, users: dict[int, int], proposed: dict[int, set[int]]) -> Known:
    threads = {row["thread_id"]}
    if row["in_thread"] is not None and row["destination"] != Destination.MESSENGER:
        threads.add(row["in_thread"])
    # One of which nobody knows whether it arrived may have.
    at = row["sent_at"] if row["sent_at"] is not None else row["updated_at"]
    sent = Sent(
        case=row["case_id"],
        person=row["person_id"],
        threads=frozenset(threads),
        public=_public(row),
        expires_at=at + row["valid_for"],
        used_by=users.get(row["id"]),
        proposed=frozenset(proposed.get(row["id"], ())),
    )
    arrived = row["arrived_at"] is not None
    return Known(row["id"], row["case_id"], row["digest"], row["back_at"], at, arrived, sent)


def _public(row: Row) -> bool:
    return bool(row["exposed"]) or (bool(row["public"]) and row["kind"] != "private")


def guesses(db: Connection, identity: int, since: int) -> int:
    """How many codes that do not exist an identity has written since then."""
    return int(db.execute(GUESSED, (identity, since)).fetchone()[0])


def of_case(db: Connection, case: int) -> tuple[Handoff, ...]:
    """The hand-offs of a case, oldest first."""
    return tuple(_record(db, row) for row in rows(db, OF_CASE, (case,)))


def _record(db: Connection, row: Row) -> Handoff:
    use = db.execute(
        "SELECT message_id, worth FROM handoff_uses WHERE handoff_id = ? AND worth IN ('joins', 'arrived', 'came')"
        " ORDER BY id LIMIT 1",
        (row["id"],),
    ).fetchone()
    return Handoff(
        id=row["id"],
        to=Destination(row["destination"]),
        reply=row["reply_id"],
        message=row["message_id"],
        public=_public(row),
        sent_at=row["sent_at"],
        back_at=row["back_at"],
        expires_at=row["expires_at"],
        arrived_at=row["arrived_at"],
        arrived=use["message_id"] if use else None,
        by_code=bool(use) and use["worth"] != Worth.CAME,
        returned_at=row["returned_at"],
    )


def message_of(db: Connection, handoff: int) -> int | None:
    """The message in which its code was written; None: it is on its way still."""
    sql = "SELECT r.message_id FROM handoffs h JOIN replies r ON r.id = h.reply_id WHERE h.id = ?"
    found = db.execute(sql, (handoff,)).fetchone()[0]
    return int(found) if found is not None else None


def identity_of(db: Connection, handoff: int) -> int:
    """The identity of the customer to whom it was written."""
    sql = (
        "SELECT t.identity_id FROM handoffs h JOIN replies r ON r.id = h.reply_id JOIN threads t ON t.id ="
        " r.thread_id WHERE h.id = ?"
    )
    return int(db.execute(sql, (handoff,)).fetchone()[0])


def counted(db: Connection, cases: Sequence[int]) -> dict[int, int]:
    """How many hand-offs went out in each of these cases; cases without one are left out."""
    out: dict[int, int] = {}
    for part in parts(list(cases)):
        out |= {row[0]: row[1] for row in rows(db, COUNTED.format(marks(part)), part)}
    return out


def rests(db: Connection, case: int) -> bool:
    """Whether a case waits for its customer to arrive elsewhere."""
    found = db.execute(
        "SELECT 1 FROM replies r CROSS JOIN handoffs h WHERE h.reply_id = r.id AND r.case_id = ? AND h.back_at IS NOT NULL"
        " AND h.arrived_at IS NULL AND h.returned_at IS NULL LIMIT 1",
        (case,),
    ).fetchone()
    return found is not None
