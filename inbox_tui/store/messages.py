"""Messages: what was written, by whom, when; their mail headers and raw bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from inbox_tui.desk.clock import Entry
from inbox_tui.model import (
    Attachment,
    Author,
    Automatic,
    Direction,
    Kind,
    MailFacts,
    Message,
    ReplyState,
)
from inbox_tui.records import dataclass, replace
from inbox_tui.store import erasing, posts, search
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import marks, parts
from inbox_tui.store.people import author


@dataclass(slots=True)
class MessageRecord:
    """A message as intake stores it; all text is clean."""

    id: int
    case: int | None
    thread: int | None
    account: int | None
    identity: int | None
    external_id: str | None
    direction: Direction
    kind: Kind
    automatic: Automatic
    public: bool
    history: bool
    owed: bool
    sent_at: int
    author: str
    handle: str
    subject: str
    text: str
    permalink: str
    reply: int | None = None
    full_text: str = ""
    attachments: tuple[Attachment, ...] = ()
    mail: MailFacts | None = None
    hidden: bool = False


def insert(db: Connection, records: Sequence[MessageRecord], now: int) -> None:
    """Store new messages with all that belongs to them."""
    db.executemany(
        "INSERT INTO messages (id, case_id, thread_id, account_id, identity_id, external_id, direction, kind,"
        " automatic, public, history, owed, sent_at, stored_at, author, handle, subject, text, permalink, reply_id,"
        " hidden) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [
            (m.id, m.case, m.thread, m.account, m.identity, m.external_id, str(m.direction), str(m.kind),
             str(m.automatic), int(m.public), int(m.history), int(m.owed), m.sent_at, now, m.author, m.handle,
             m.subject, m.text, m.permalink, m.reply, int(m.hidden))
            for m in records
        ],
    )  # fmt: skip
    search.add(db, _lines(db, records))
    extra = [m for m in records if m.full_text or m.attachments or (m.mail and m.mail.unparsed)]
    db.executemany(
        "INSERT INTO extras (message_id, full_text, attachments, unparsed) VALUES (?, ?, ?, ?)",
        [(m.id, m.full_text, _attachments(m.attachments), m.mail.unparsed if m.mail else "") for m in extra],
    )
    mails = [(m, m.mail) for m in records if m.mail]
    db.executemany(
        "INSERT INTO mails (message_id, account_id, rfc_id, digest, refs, reply_to, forged) VALUES (?,?,?,?,?,?,?)",
        [
            (m.id, m.account, f.message_id, f.digest, " ".join(f.references), f.reply_to, int(f.forged))
            for m, f in mails
        ],
    )
    db.executemany(
        "INSERT INTO raw_mails (message_id, raw) VALUES (?, ?)", [(m.id, f.raw) for m, f in mails if f.raw]
    )


def _lines(db: Connection, records: Sequence[MessageRecord]) -> list[search.Line]:
    channels: dict[int | None, str] = dict(
        tuple(row) for row in db.execute("SELECT id, channel FROM accounts")
    )
    return [
        search.line(
            *(m.id, m.sent_at, m.subject, m.text, m.author, m.handle, "", channels.get(m.account, "")),
            names=" ".join(one.name for one in m.attachments) if m.attachments else None,
        )
        for m in records
        if m.case is not None
    ]


def _attachments(files: Iterable[Attachment]) -> str:
    return json.dumps([[a.name, a.media_type, a.size] for a in files])


def known_external(db: Connection, account: int, external: Sequence[str]) -> set[str]:
    """Which of these are stored already."""
    out: set[str] = set()
    for part in parts(external):
        sql = f"SELECT external_id FROM messages WHERE account_id = ? AND external_id IN ({marks(part)})"
        out.update(row[0] for row in rows(db, sql, (account, *part)))
    return out | erasing.known(db, account, external)


def known_digests(db: Connection, account: int, digests: Sequence[str]) -> set[str]:
    """Which of these mails are stored already, perhaps from another folder or under another UID."""
    out: set[str] = set()
    for part in parts(digests):
        # The index knows no empty digest, and SQLite uses it only where the query says so too.
        sql = f"SELECT digest FROM mails WHERE digest <> '' AND account_id = ? AND digest IN ({marks(part)})"
        out.update(row[0] for row in rows(db, sql, (account, *part)))
    return out


def known_sent(db: Connection, account: int, message_ids: Sequence[str]) -> set[str]:
    """Which of these Message-IDs are those of mails of ours that are stored already."""
    out: set[str] = set()
    for part in parts(message_ids):
        sql = (
            "SELECT f.rfc_id FROM mails f JOIN messages m ON m.id = f.message_id"
            f" WHERE f.account_id = ? AND f.rfc_id IN ({marks(part)}) AND f.rfc_id <> '' AND m.direction = 'out'"
        )
        out.update(row[0] for row in rows(db, sql, (account, *part)))
    return out | erasing.known(db, account, message_ids)


def public_threads(db: Connection, account: int, external: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """Of these public messages: the thread of each, and whether a customer wrote it."""
    out: dict[str, tuple[int, bool]] = {}
    for part in parts(sorted(external)):
        sql = (
            "SELECT external_id, thread_id, direction = 'in' FROM messages WHERE account_id = ? AND external_id IN"
            f" ({marks(part)}) AND public = 1 AND kind = 'message' AND thread_id IS NOT NULL"
        )
        out |= {row[0]: (row[1], bool(row[2])) for row in rows(db, sql, (account, *part))}
    return out


def cover_elsewhere(db: Connection, case: int, thread: int, until: int) -> None:
    """What was written elsewhere answers its thread, in the case it belongs to, up to its time."""
    db.execute(
        "UPDATE messages SET owed = 0 WHERE case_id = ? AND owed = 1 AND thread_id = ? AND sent_at <= ?",
        (case, thread, until),
    )


def cover_case(db: Connection, case: int, upto: int, thread: int | None = None) -> None:
    """An answer, or `done`: nothing up to this message is owed any more; thread: in this one alone."""
    sql = "UPDATE messages SET owed = 0 WHERE case_id = ? AND owed = 1 AND id <= ?"
    if thread is None:
        db.execute(sql, (case, upto))
    else:
        db.execute(f"{sql} AND thread_id = ?", (case, upto, thread))


def owed_after(db: Connection, case: int, seen: int) -> bool:
    """Whether something stored after this message is owed an answer."""
    sql = "SELECT 1 FROM messages WHERE case_id = ? AND owed = 1 AND id > ? LIMIT 1"
    return db.execute(sql, (case, seen)).fetchone() is not None


def owe(db: Connection, message: int) -> None:
    """This message is owed an answer again."""
    db.execute("UPDATE messages SET owed = 1 WHERE id = ?", (message,))


def set_owed(db: Connection, case: int, ids: Iterable[int]) -> None:
    """Exactly these messages of the case are owed an answer."""
    db.execute("UPDATE messages SET owed = 0 WHERE case_id = ? AND owed = 1", (case,))
    db.executemany("UPDATE messages SET owed = 1 WHERE id = ?", [(one,) for one in ids])


OLDEST_OWED = "SELECT sent_at FROM messages WHERE case_id = ? AND owed = 1 ORDER BY sent_at LIMIT 1"


def oldest_owed(db: Connection, case: int) -> int | None:
    """Time of the oldest message of a case that is still owed an answer."""
    row = db.execute(OLDEST_OWED, (case,)).fetchone()
    return int(row[0]) if row else None


def last_of_case(db: Connection, case: int) -> int:
    """Store id of the newest entry of a case; 0 where it has none."""
    return int(
        db.execute("SELECT coalesce(max(id), 0) FROM messages WHERE case_id = ?", (case,)).fetchone()[0]
    )


def last_incoming(db: Connection, case: int) -> int | None:
    """Store id of the customer's newest own message of a case; of the newest automatic one where it has no other."""
    row = db.execute(
        "SELECT id FROM messages WHERE case_id = ? AND direction = 'in'"
        " ORDER BY automatic <> 'no', sent_at DESC, id DESC LIMIT 1",
        (case,),
    ).fetchone()
    return int(row[0]) if row else None


NEWEST_IN = (
    "SELECT sent_at FROM messages WHERE case_id = ? AND direction = 'in' AND automatic = 'no'"
    " ORDER BY sent_at DESC LIMIT 1"
)


def newest_in(db: Connection, case: int) -> int:
    """Time of the customer's newest own message of a case; 0 where there is none."""
    row = db.execute(NEWEST_IN, (case,)).fetchone()
    return int(row[0]) if row else 0


def entries(db: Connection, case: int) -> list[Entry]:
    """What the clock needs to know of every message of a case; unsent replies are none of it."""
    found = rows(
        db,
        "SELECT m.* FROM messages m LEFT JOIN replies r ON r.id = m.reply_id"
        " WHERE m.case_id = ? AND (m.reply_id IS NULL OR r.state = 'sent') ORDER BY m.id",
        (case,),
    )
    return [
        Entry(
            id=row["id"],
            thread=row["thread_id"],
            direction=Direction(row["direction"]),
            kind=Kind(row["kind"]),
            automatic=Automatic(row["automatic"]),
            history=bool(row["history"]),
            sent_at=row["sent_at"],
            elsewhere=row["direction"] == "out" and row["kind"] == "message" and row["reply_id"] is None,
        )
        for row in found
    ]


MESSAGES = (
    "SELECT m.*, a.name AS account, a.channel, i.kind AS identity_kind, i.value, r.state AS reply_state,"
    " r.cc, x.full_text, x.attachments, x.unparsed FROM messages m"
    " LEFT JOIN accounts a ON a.id = m.account_id LEFT JOIN identities i ON i.id = m.identity_id"
    " LEFT JOIN replies r ON r.id = m.reply_id LEFT JOIN extras x ON x.message_id = m.id"
)
_TIMELINE = (
    f"{MESSAGES} WHERE (m.case_id = ? OR m.id IN (SELECT p.id FROM threads t JOIN messages p"
    " ON p.account_id = t.account_id AND p.external_id = t.context WHERE t.case_id = ? AND t.context <> ''))"
    " AND (m.reply_id IS NULL OR r.state <> 'draft') ORDER BY m.sent_at, m.id"
)


def timeline(db: Connection, case: int) -> tuple[Message, ...]:
    """All entries of a case, oldest first, with our own posts under which it runs."""
    under = posts.unanswered(db, case)
    found = (message(row) for row in rows(db, _TIMELINE, (case, case)))
    return tuple(replace(one, unanswered=under[one.id]) if one.id in under else one for one in found)


def raw(db: Connection, message: int) -> bytes | None:
    """A mail as it came; None where it is not kept."""
    row = db.execute("SELECT raw FROM raw_mails WHERE message_id = ?", (message,)).fetchone()
    return bytes(row[0]) if row else None


def get(db: Connection, wanted: int) -> Message | None:
    """One message."""
    row = db.execute(f"{MESSAGES} WHERE m.id = ?", (wanted,)).fetchone()
    return message(row) if row else None


def message(row: Row) -> Message:
    """The record behind a row of `MESSAGES`."""
    who = author(row["identity_kind"] or "", row["value"] or "?", row["author"], row["handle"])
    return Message(
        id=row["id"],
        case=row["case_id"],
        thread=row["thread_id"],
        channel=row["channel"] or ("phone" if row["kind"] == Kind.CALL else ""),
        account=row["account"] or "",
        direction=Direction(row["direction"]),
        kind=Kind(row["kind"]),
        author=who if row["identity_id"] else Author("", None, row["author"], row["handle"]),
        text=row["text"],
        full_text=row["full_text"] or "",
        subject=row["subject"],
        sent_at=row["sent_at"],
        public=bool(row["public"]),
        permalink=row["permalink"],
        automatic=Automatic(row["automatic"]),
        state=ReplyState(row["reply_state"]) if row["reply_state"] else None,
        reply=row["reply_id"],
        attachments=tuple(Attachment(*item) for item in json.loads(row["attachments"] or "[]")),
        owed=bool(row["owed"]),
        unparsed=row["unparsed"] or "",
        hidden=bool(row["hidden"]),
        cc=tuple((row["cc"] or "").split()),
    )


def external_id(db: Connection, message: int) -> str:
    """The platform's id of a message; empty where it has none."""
    row = db.execute("SELECT external_id FROM messages WHERE id = ?", (message,)).fetchone()
    return (row[0] or "") if row else ""


def mail_of(db: Connection, message: int) -> tuple[str, tuple[str, ...], str]:
    """Message-ID, references and differing Reply-To of a mail; empty where it is none."""
    row = db.execute("SELECT rfc_id, refs, reply_to FROM mails WHERE message_id = ?", (message,)).fetchone()
    return (row["rfc_id"], tuple(row["refs"].split()), row["reply_to"]) if row else ("", (), "")


def delivered(db: Connection, message: int, *, external_id: str, permalink: str, sent_at: int) -> None:
    """A reply was accepted: its entry has an id, a link and a time now.

    Where our own echo was faster, its entry stays and this one is the reply's: the echo carries the id.
    """
    taken = db.execute(
        "SELECT 1 FROM messages e, messages m WHERE m.id = ? AND e.account_id = m.account_id AND e.external_id = ?"
        " AND e.id <> m.id",
        (message, external_id),
    ).fetchone()
    db.execute(
        "UPDATE messages SET external_id = ?, permalink = ?, sent_at = ? WHERE id = ?",
        (None if taken else external_id, permalink, sent_at, message),
    )
    search.again(db, message)


def move_to_thread(db: Connection, message: int, thread: int) -> None:
    """A message stands in the thread that it began."""
    db.execute("UPDATE messages SET thread_id = ? WHERE id = ?", (thread, message))


def rewrite(
    db: Connection, message: int, *, text: str, subject: str, files: Sequence[Attachment], now: int
) -> None:
    """What a reply says that sets out once more, perhaps edited."""
    sql = "UPDATE messages SET text = ?, subject = ?, sent_at = ? WHERE id = ?"
    db.execute(sql, (text, subject, now, message))
    db.execute("DELETE FROM extras WHERE message_id = ?", (message,))
    if files:
        values = (message, _attachments(files))
        db.execute("INSERT INTO extras (message_id, attachments) VALUES (?, ?)", values)
    search.again(db, message)


def hide(db: Connection, message: int, *, yes: bool) -> None:
    """A comment is hidden from others, or shown again."""
    db.execute("UPDATE messages SET hidden = ? WHERE id = ?", (int(yes), message))
