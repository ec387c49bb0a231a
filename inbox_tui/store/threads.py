"""Threads, and what recognises the thread of a mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inbox_tui.model import Thread
from inbox_tui.records import dataclass, field
from inbox_tui.store.accounts import capabilities
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import marks, parts
from inbox_tui.store.people import author


@dataclass(slots=True)
class ThreadRecord:
    """A thread as intake works on it."""

    id: int
    key: str
    case: int
    identity: int
    public: bool
    permalink: str
    subject: str
    can_reply: bool
    why_not: str
    context: str
    last_in: int | None
    last_in_at: int
    answered_until: int | None
    """Time of the newest message that was written elsewhere; what is older is answered."""
    participants: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    """Whom those have named in To and Cc who take part."""
    new: bool = False
    dirty: bool = False
    aside: bool = False
    """Not with the customer of the case."""
    private_in: int | None = None
    """The newest comment whose author can be answered in private."""
    stored_case: int | None = None
    """The case it points to in the store; None for a new one."""


_COLUMNS = (
    "id, key, case_id, identity_id, public, permalink, subject, can_reply, why_not, context, last_in_id,"
    " last_in_at, answered_until, aside, private_in_id"
)


def _record(row: Row) -> ThreadRecord:
    # By place: looking up columns by name takes longer than reading the row.
    id_, key, case, identity, public, permalink, subject, can_reply, why_not, context, *rest = row
    last_in, last_in_at, answered_until, aside, private_in = rest
    return ThreadRecord(
        *(id_, key, case, identity, bool(public), permalink, subject, bool(can_reply), why_not, context),
        *(last_in, last_in_at, answered_until),
        aside=bool(aside),
        private_in=private_in,
        stored_case=case,
    )


def by_key(db: Connection, account: int, keys: Iterable[str]) -> dict[str, ThreadRecord]:
    """The known ones among these keys of an account."""
    out: dict[str, ThreadRecord] = {}
    listed = sorted(set(keys))
    for part in parts(listed):
        sql = f"SELECT {_COLUMNS} FROM threads WHERE account_id = ? AND key IN ({marks(part)})"
        for row in rows(db, sql, (account, *part)):
            record = _record(row)
            out[record.key] = record
    return out


def by_reference(
    db: Connection, account: int, references: Iterable[str]
) -> tuple[dict[str, list[int]], dict[int, ThreadRecord]]:
    """Threads in which these Message-IDs occur: ids by reference, and the threads with their participants."""
    found: dict[str, list[int]] = {}
    listed = sorted(set(references))
    for part in parts(listed):
        sql = f"SELECT rfc_id, thread_id FROM mail_ids WHERE account_id = ? AND rfc_id IN ({marks(part)})"
        for row in rows(db, sql, (account, *part)):
            found.setdefault(row["rfc_id"], []).append(row["thread_id"])
    return found, by_ids(db, {thread for ids in found.values() for thread in ids})


def by_ids(db: Connection, wanted: Iterable[int]) -> dict[int, ThreadRecord]:
    """These threads with their participants."""
    out: dict[int, ThreadRecord] = {}
    listed = sorted(wanted)
    for part in parts(listed):
        for row in rows(db, f"SELECT {_COLUMNS} FROM threads WHERE id IN ({marks(part)})", part):
            out[row["id"]] = _record(row)
        sql = f"SELECT thread_id, address FROM participants WHERE thread_id IN ({marks(part)})"
        for row in rows(db, sql, part):
            out[row["thread_id"]].participants.add(row["address"])
        for row in rows(db, f"SELECT thread_id, address FROM named WHERE thread_id IN ({marks(part)})", part):
            out[row["thread_id"]].named.add(row["address"])
    return out


def save(db: Connection, account: int, records: Sequence[ThreadRecord]) -> None:
    """Store new and changed threads."""
    db.executemany(
        "INSERT INTO threads (id, account_id, key, case_id, identity_id, public, permalink, subject, can_reply,"
        " why_not, context, last_in_id, last_in_at, answered_until, aside, private_in_id)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [
            (t.id, account, t.key, t.case, t.identity, int(t.public), t.permalink, t.subject, int(t.can_reply),
             t.why_not, t.context, t.last_in, t.last_in_at, t.answered_until,
             int(t.aside), t.private_in)
            for t in records
            if t.new
        ],
    )  # fmt: skip
    changed = [t for t in records if t.dirty and not t.new]
    # The case apart: it has an index and a reference, and hardly ever changes.
    db.executemany(
        "UPDATE threads SET case_id=?, aside=? WHERE id=?",
        [(t.case, int(t.aside), t.id) for t in changed if t.case != t.stored_case],
    )
    db.executemany(
        "UPDATE threads SET permalink=?, can_reply=?, why_not=?, last_in_id=?, last_in_at=?, answered_until=?,"
        " private_in_id=? WHERE id=?",
        [
            (t.permalink, int(t.can_reply), t.why_not, t.last_in, t.last_in_at, t.answered_until,
             t.private_in, t.id)
            for t in changed
        ],
    )  # fmt: skip


def add_mail_ids(db: Connection, account: int, pairs: Iterable[tuple[str, int]]) -> None:
    """Remember that these Message-IDs occur in these threads."""
    db.executemany(
        "INSERT INTO mail_ids (account_id, rfc_id, thread_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(account, rfc_id, thread) for rfc_id, thread in pairs],
    )


def add_participants(db: Connection, pairs: Iterable[tuple[int, str]]) -> None:
    """Remember who takes part in a thread."""
    db.executemany(
        "INSERT INTO participants (thread_id, address) VALUES (?, ?) ON CONFLICT DO NOTHING", list(pairs)
    )


def add_named(db: Connection, pairs: Iterable[tuple[int, str]]) -> None:
    """Remember whom those have named who take part in a thread."""
    db.executemany("INSERT INTO named (thread_id, address) VALUES (?, ?) ON CONFLICT DO NOTHING", list(pairs))


def unmet(db: Connection, account: int, external: Sequence[str]) -> dict[str, list[int]]:
    """Threads that began under these messages while they were not here."""
    out: dict[str, list[int]] = {}
    for part in parts(external):
        sql = f"SELECT external_id, thread_id FROM unmet WHERE account_id = ? AND external_id IN ({marks(part)})"
        for row in rows(db, sql, (account, *part)):
            out.setdefault(row[0], []).append(row[1])
    return out


def set_unmet(db: Connection, account: int, new: Iterable[tuple[str, int]], met: Iterable[str]) -> None:
    """Threads began under messages that are not here, by their external ids; others came meanwhile."""
    db.executemany(
        "DELETE FROM unmet WHERE account_id = ? AND external_id = ?", [(account, one) for one in met]
    )
    db.executemany(
        "INSERT INTO unmet (account_id, external_id, thread_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(account, external, thread) for external, thread in new],
    )


def is_bare(db: Connection, thread: int) -> bool:
    """Whether nothing was ever written in a thread, and nothing is about to be."""
    sql = "SELECT 1 FROM messages WHERE thread_id = ? UNION ALL SELECT 1 FROM replies WHERE thread_id = ? LIMIT 1"
    return db.execute(sql, (thread, thread)).fetchone() is None


def delete(db: Connection, thread: int) -> None:
    """A thread in which nothing was ever written."""
    for table in ("participants", "named", "unmet"):
        db.execute(f"DELETE FROM {table} WHERE thread_id = ?", (thread,))
    db.execute("DELETE FROM threads WHERE id = ?", (thread,))


_FULL = (
    "SELECT t.*, a.name AS account, a.channel, a.capabilities, i.kind AS identity_kind, i.value, i.name, i.handle,"
    " m.id AS context_id, p.id AS private_id, p.sent_at AS private_at, t.aside = 0 AND i.person_id <> c.person_id"
    " AS supporter FROM threads t JOIN accounts a ON a.id = t.account_id JOIN cases c ON c.id = t.case_id"
    " JOIN identities i ON i.id = t.identity_id"
    " LEFT JOIN messages m ON m.account_id = t.account_id AND m.external_id = t.context AND t.context <> ''"
    # Once for each comment: what is on its way counts, what was taken back does not.
    " LEFT JOIN messages p ON p.id = t.private_in_id AND NOT EXISTS (SELECT 1 FROM replies r"
    " WHERE r.answers_id = p.id AND r.kind = 'private' AND r.state <> 'draft')"
)


def close(db: Connection, thread: int, why: str, *, privately: bool) -> None:
    """The platform takes no answer here until the customer writes again; or none in private to its comment."""
    if privately:
        db.execute("UPDATE threads SET private_in_id = NULL WHERE id = ?", (thread,))
    else:
        db.execute("UPDATE threads SET can_reply = 0, why_not = ? WHERE id = ?", (why, thread))


def of_case(db: Connection, case: int) -> tuple[Thread, ...]:
    """The threads that point to a case, and those of which it keeps messages."""
    found = rows(
        db,
        f"{_FULL} WHERE t.case_id = ? OR t.id IN (SELECT thread_id FROM messages WHERE case_id = ?) ORDER BY t.id",
        (case, case),
    )
    return tuple(_thread(row) for row in found)


def newest_in(db: Connection, case: int) -> dict[int, int]:
    """Time of the newest message that a reply would answer, for each thread of a case; 0 where there is none."""
    found = rows(db, "SELECT id, last_in_at FROM threads WHERE case_id = ?", (case,))
    return {row["id"]: row["last_in_at"] for row in found}


def get(db: Connection, thread: int) -> Thread | None:
    """One thread."""
    row = db.execute(f"{_FULL} WHERE t.id = ?", (thread,)).fetchone()
    return _thread(row) if row else None


def _thread(row: Row) -> Thread:
    can = account = capabilities(row["capabilities"])
    if not row["public"] and account.privately is not None:
        can = account.privately
    private_in = row["private_id"] if account.private_window else None
    return Thread(
        id=row["id"],
        case=row["case_id"],
        channel=row["channel"],
        account=row["account"],
        public=bool(row["public"]),
        permalink=row["permalink"],
        subject=row["subject"],
        customer=author(row["identity_kind"], row["value"], row["name"], row["handle"]),
        can_reply=bool(row["can_reply"]),
        why_not=row["why_not"],
        last_in=row["last_in_id"],
        context=row["context_id"],
        capabilities=can,
        aside=bool(row["aside"]),
        supporter=bool(row["supporter"]),
        reply_until=row["last_in_at"] + can.reply_window if can.reply_window else None,
        private_in=private_in,
        private_until=row["private_at"] + account.private_window if private_in else None,
    )
