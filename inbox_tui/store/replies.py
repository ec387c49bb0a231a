"""Replies on their way: the outbox."""

from __future__ import annotations

from inbox_tui.errors import InboxError
from inbox_tui.model import (
    HIDING,
    Attached,
    Author,
    Filing,
    Outgoing,
    Receipt,
    Reply,
    ReplyKind,
    ReplyState,
)
from inbox_tui.store import agents, files
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.messages import external_id, mail_of
from inbox_tui.store.people import author

_FULL = (
    "SELECT r.*, a.name AS account, a.channel, i.name AS customer, i.handle AS customer_handle,"
    " i.kind AS identity_kind, i.value, t.key AS thread_key, t.subject AS thread_subject, t.last_in_at,"
    " h.destination AS handoff"
    " FROM replies r JOIN accounts a ON a.id = r.account_id JOIN threads t ON t.id = r.thread_id"
    " JOIN identities i ON i.id = t.identity_id LEFT JOIN handoffs h ON h.reply_id = r.id"
)
# SQLite uses an index on a part of the rows only where the query repeats its condition, word for word.
_NOT_SENT = "state <> 'sent'"
TROUBLE = f"SELECT count(*) FROM replies WHERE {_NOT_SENT} AND state IN ('failed', 'unknown')"
# The sign before the id keeps SQLite from walking through all replies ever sent to spare itself a sort of few.
OUTBOX = (
    f"{_FULL} WHERE r.{_NOT_SENT} AND r.state IN ('queued', 'sending', 'failed', 'unknown') ORDER BY +r.id"
)


_HIDING = ", ".join(f"'{kind}'" for kind in HIDING)


def _replies(db: Connection, found: list[Row]) -> tuple[Reply, ...]:
    """The records with their files."""
    attached = files.of_replies(db, [row["id"] for row in found])
    return tuple(_reply(row, attached.get(row["id"], ())) for row in found)


def _reply(row: Row, attached: tuple[Attached, ...]) -> Reply:
    return Reply(
        id=row["id"],
        case=row["case_id"],
        thread=row["thread_id"],
        channel=row["channel"],
        account=row["account"],
        agent=row["agent"],
        text=row["text"],
        state=ReplyState(row["state"]),
        not_before=row["not_before"],
        created_at=row["created_at"],
        error=row["error"],
        error_code=row["error_code"],
        hint=row["hint"],
        attempts=row["attempts"],
        message=row["message_id"],
        external_id=row["external_id"],
        permalink=row["permalink"],
        sent_at=row["sent_at"],
        filing=Filing(row["filing"] or "none"),
        to=row["customer_handle"] or row["customer"],
        kind=ReplyKind(row["kind"]),
        subject=row["subject"],
        cc=tuple(row["cc"].split()),
        files=attached,
        promise=row["promise"],
        handoff=row["handoff"] or "",
    )


def get(db: Connection, reply: int) -> Reply | None:
    """One reply."""
    found = _replies(db, rows(db, f"{_FULL} WHERE r.id = ?", (reply,)))
    return found[0] if found else None


def listed(db: Connection, *, everything: bool) -> tuple[Reply, ...]:
    """The outbox: what is not sent yet; or all, drafts and sent ones too."""
    sql = f"{_FULL} WHERE r.text <> '' OR r.state <> 'draft' ORDER BY r.id" if everything else OUTBOX
    return _replies(db, rows(db, sql))


_KEPT = (
    "r.agent = ? AND r.state = 'draft' AND (r.text <> '' OR r.kind IN ('mail', 'forward')"
    " OR EXISTS (SELECT 1 FROM files f WHERE f.reply_id = r.id))"
)
"""A draft without a word counts where it has files or a recipient."""


def drafts(db: Connection, case: int, agent: str) -> tuple[Reply, ...]:
    """An agent's drafts of a case, newest first."""
    sql = f"{_FULL} WHERE r.case_id = ? AND {_KEPT} ORDER BY r.updated_at DESC"
    return _replies(db, rows(db, sql, (case, agent)))


DRAFTS_OF = f"{_FULL} WHERE r.state <> 'sent' AND {_KEPT} ORDER BY r.updated_at DESC"


def drafts_of(db: Connection, agent: str) -> tuple[Reply, ...]:
    """An agent's drafts in all cases, newest first."""
    return _replies(db, rows(db, DRAFTS_OF, (agent,)))


KEPT = f"SELECT count(*) FROM replies r WHERE r.state <> 'sent' AND {_KEPT}"


def kept(db: Connection, agent: str) -> int:
    """How many drafts an agent has, in all cases."""
    return int(db.execute(KEPT, (agent,)).fetchone()[0])


def trouble(db: Connection) -> int:
    """How many replies failed or are unknown."""
    return int(db.execute(TROUBLE).fetchone()[0])


def insert(
    db: Connection,
    *,
    case: int,
    thread: int,
    account: int,
    agent: str,
    text: str,
    seen: int,
    now: int,
    kind: ReplyKind = ReplyKind.REPLY,
) -> int:
    """A new draft. Who writes it is here, unless nobody does."""
    if kind is not ReplyKind.ACK:
        agents.seen(db, agent, now)
    row = db.execute(
        "INSERT INTO replies (case_id, thread_id, account_id, agent, text, state, seen, created_at, updated_at, filing,"
        " kind) VALUES (?, ?, ?, ?, ?, 'draft', ?, ?, ?, 'none', ?) RETURNING id",
        (case, thread, account, agent, text, seen, now, now, str(kind)),
    ).fetchone()
    return int(row[0])


def set_cc(db: Connection, reply: int, cc: tuple[str, ...], now: int) -> None:
    """Who gets a draft, too."""
    sql = "UPDATE replies SET cc = ?, updated_at = ? WHERE id = ? AND state = 'draft'"
    db.execute(sql, (" ".join(cc), now, reply))


def set_subject(db: Connection, reply: int, subject: str, now: int) -> None:
    """The subject of a draft."""
    sql = "UPDATE replies SET subject = ?, updated_at = ? WHERE id = ? AND state = 'draft'"
    db.execute(sql, (subject, now, reply))


def set_promise(db: Connection, reply: int, until: int | None, now: int) -> None:
    """By when a draft promises an answer; None: it is one."""
    sql = "UPDATE replies SET promise = ?, updated_at = ? WHERE id = ? AND state = 'draft'"
    db.execute(sql, (until, now, reply))


def delete(db: Connection, reply: int) -> None:
    """A draft that never set out, with its files."""
    db.execute("DELETE FROM files WHERE reply_id = ?", (reply,))
    db.execute("DELETE FROM replies WHERE id = ? AND state = 'draft' AND message_id IS NULL", (reply,))


def empty(db: Connection, reply: int, now: int) -> None:
    """A draft without a word and without files: no list shows it."""
    db.execute("DELETE FROM files WHERE reply_id = ?", (reply,))
    db.execute(
        "UPDATE replies SET text = '', kind = 'reply', updated_at = ? WHERE id = ? AND state = 'draft'",
        (now, reply),
    )


def account_of(db: Connection, thread: int) -> int:
    """The account of a thread."""
    return int(db.execute("SELECT account_id FROM threads WHERE id = ?", (thread,)).fetchone()[0])


def hiding(db: Connection, message: int) -> list[tuple[int, ReplyKind, ReplyState]]:
    """What was asked for with a comment and is not done: id, kind and state, oldest first."""
    found = rows(
        db,
        f"SELECT id, kind, state FROM replies WHERE {_NOT_SENT} AND state <> 'draft' AND answers_id = ?"
        f" AND kind IN ({_HIDING}) ORDER BY id",
        (message,),
    )
    return [(row["id"], ReplyKind(row["kind"]), ReplyState(row["state"])) for row in found]


def edit(db: Connection, reply: int, text: str, seen: int, now: int) -> None:
    """Change a draft."""
    sql = "UPDATE replies SET text = ?, seen = ?, updated_at = ? WHERE id = ? AND state = 'draft'"
    db.execute(sql, (text, seen, now, reply))


def queue(
    db: Connection,
    reply: int,
    *,
    key: str,
    answers: int | None,
    message: int | None,
    not_before: int,
    done: bool,
    now: int,
) -> None:
    """A draft sets out. message: None where it writes to nobody."""
    db.execute(
        "UPDATE replies SET state = 'queued', key = CASE WHEN key = '' THEN ? ELSE key END, answers_id = ?,"
        " message_id = ?, not_before = ?, done_after = ?, updated_at = ?, attempts = 0, checks = 0, error = '',"
        " error_code = '', hint = '' WHERE id = ? AND state = 'draft'",
        (key, answers, message, not_before, int(done), now, reply),
    )


def move(db: Connection, reply: int, allowed: tuple[ReplyState, ...], to: ReplyState, now: int) -> bool:
    """Change the state if it is one of the allowed; false where it is not."""
    marks = ",".join("?" * len(allowed))
    found = db.execute(
        f"UPDATE replies SET state = ?, updated_at = ? WHERE id = ? AND state IN ({marks})",
        (str(to), now, reply, *map(str, allowed)),
    )
    return found.rowcount == 1


def forget_key(db: Connection, reply: int) -> None:
    """Changed text is another message: it must not go out under the id of one that may have been delivered."""
    db.execute("UPDATE replies SET key = '' WHERE id = ?", (reply,))


def forget_error(db: Connection, reply: int) -> None:
    """What went wrong is settled: the reply is a draft again."""
    db.execute(
        "UPDATE replies SET error = '', error_code = '', hint = '', not_before = 0, check_at = 0 WHERE id = ?",
        (reply,),
    )


def trouble_of_case(db: Connection, case: int) -> int:
    """How many replies of a case failed or are unknown."""
    sql = "SELECT count(*) FROM replies WHERE case_id = ? AND state IN ('failed', 'unknown')"
    return int(db.execute(sql, (case,)).fetchone()[0])


def retry(db: Connection, reply: int, now: int) -> None:
    """Into the queue once more, without the old error."""
    db.execute(
        "UPDATE replies SET state = 'queued', not_before = ?, updated_at = ?, error = '', error_code = '', hint = '',"
        " attempts = 0, checks = 0 WHERE id = ?",
        (now, now, reply),
    )


def newest_queued(db: Connection, agent: str) -> int | None:
    """An agent's newest reply that is still queued."""
    row = db.execute(
        f"SELECT id FROM replies WHERE {_NOT_SENT} AND state = 'queued' AND agent = ? AND kind NOT IN ({_HIDING})"
        f" AND kind <> '{ReplyKind.ACK}' ORDER BY updated_at DESC, id DESC LIMIT 1",
        (agent,),
    ).fetchone()
    return int(row[0]) if row else None


DUE = (
    f"SELECT id FROM replies WHERE {_NOT_SENT} AND account_id = ? AND state = 'queued' AND not_before <= ?"
    " ORDER BY not_before, id LIMIT 1"
)
IN_STATE = f"SELECT id FROM replies WHERE {_NOT_SENT} AND account_id = ? AND state = ?"
TO_CHECK = (
    f"SELECT id FROM replies WHERE {_NOT_SENT} AND account_id = ? AND state = 'unknown' AND check_at > 0"
    " AND check_at <= ?"
)
TO_FILE = "SELECT id FROM replies WHERE filing IN ('todo', 'failed') AND account_id = ? AND filing = 'todo'"


def due(db: Connection, account: int, now: int) -> int | None:
    """The next reply of an account to be sent."""
    row = db.execute(DUE, (account, now)).fetchone()
    return int(row[0]) if row else None


def due_before(db: Connection, time: int) -> bool:
    """Whether any reply is being sent, or is queued to go out before this time."""
    sql = f"SELECT 1 FROM replies WHERE {_NOT_SENT} AND (state = 'sending' OR (state = 'queued' AND not_before <= ?)) LIMIT 1"
    return db.execute(sql, (time,)).fetchone() is not None


def in_state(db: Connection, account: int, state: ReplyState) -> list[int]:
    """Replies of an account in a state other than sent."""
    return [row[0] for row in rows(db, IN_STATE, (account, str(state)))]


def to_check(db: Connection, account: int, now: int) -> list[int]:
    """Replies whose outcome is unknown and should be looked for on the platform now."""
    return [row[0] for row in rows(db, TO_CHECK, (account, now))]


def to_file(db: Connection, account: int) -> list[int]:
    """Sent replies whose copy is not filed yet."""
    return [row[0] for row in rows(db, TO_FILE, (account,))]


def set_filing(db: Connection, reply: int, filing: Filing, error: str = "", hint: str = "") -> None:
    """How the step after sending went."""
    db.execute(
        "UPDATE replies SET filing = ?, error = ?, hint = ? WHERE id = ?", (str(filing), error, hint, reply)
    )


def claim(db: Connection, reply: int, now: int) -> bool:
    """queued -> sending; false where somebody else was faster or took it back."""
    found = db.execute(
        "UPDATE replies SET state = 'sending', attempts = attempts + 1, updated_at = ? WHERE id = ? AND state = 'queued'",
        (now, reply),
    )
    return found.rowcount == 1


def failed(
    db: Connection,
    reply: int,
    state: ReplyState,
    error: InboxError,
    now: int,
    *,
    not_before: int,
    check_at: int,
    looks: int,
) -> None:
    """An attempt came to nothing, or nobody knows: the state says which."""
    db.execute(
        "UPDATE replies SET state = ?, error = ?, error_code = ?, hint = ?, updated_at = ?, not_before = ?,"
        " check_at = ?, checks = ? WHERE id = ?",
        (str(state), error.message, error.code, error.hint, now, not_before, check_at, looks, reply),
    )


def sent(db: Connection, reply: int, receipt: Receipt, filing: Filing, now: int) -> None:
    """The platform accepted it."""
    db.execute(
        "UPDATE replies SET state = 'sent', external_id = ?, permalink = ?, sent_at = ?, filing = ?, error = '',"
        " error_code = '', hint = '', check_at = 0, updated_at = ? WHERE id = ?",
        (receipt.external_id, receipt.permalink, receipt.sent_at, str(filing), now, reply),
    )


def facts(db: Connection, reply: int) -> Row:
    """The row itself, for casework."""
    row: Row = db.execute("SELECT * FROM replies WHERE id = ?", (reply,)).fetchone()
    return row


def checks(db: Connection, reply: int) -> int:
    """How often it was looked for and not found."""
    return int(db.execute("SELECT checks FROM replies WHERE id = ?", (reply,)).fetchone()[0])


def outgoing(db: Connection, reply: int) -> Outgoing:
    """What the channel needs to send, find or file it."""
    row = db.execute(f"{_FULL} WHERE r.id = ?", (reply,)).fetchone()
    answers = row["answers_id"]
    rfc_id, references, _ = mail_of(db, answers) if answers else (_own_last(db, row), (), "")
    to: Author = author(row["identity_kind"], row["value"], row["customer"], row["customer_handle"])
    return Outgoing(
        reply_id=row["id"],
        key=row["key"],
        thread_key=row["thread_key"],
        in_reply_to=external_id(db, answers) if answers else "",
        to=to,
        text=row["text"],
        queued_at=row["created_at"],
        subject=row["subject"] or row["thread_subject"],
        mail_in_reply_to=rfc_id,
        mail_references=tuple(dict.fromkeys((*references, rfc_id))) if rfc_id else references,
        sent_at=row["sent_at"],
        kind=ReplyKind(row["kind"]),
        own_subject=bool(row["subject"]),
        cc=tuple(row["cc"].split()),
        files=files.whole(db, reply),
        last_in_at=row["last_in_at"],
    )


def _own_last(db: Connection, row: Row) -> str:
    """Message-ID of our newest mail in a thread in which nobody has answered yet; empty where there is none."""
    found = db.execute(
        "SELECT m.external_id FROM replies r JOIN messages m ON m.id = r.message_id WHERE r.thread_id = ?"
        " AND r.state = 'sent' AND r.id < ? ORDER BY r.id DESC LIMIT 1",
        (row["thread_id"], row["id"]),
    ).fetchone()
    return found[0] if found and found[0] and found[0].startswith("<") else ""


TO_GO = (
    f"SELECT 1 FROM accounts a JOIN replies r ON r.account_id = a.id WHERE a.name = :name AND r.{_NOT_SENT}"
    " AND r.state IN ('queued', 'sending', 'unknown')"
    " UNION ALL SELECT 1 FROM accounts a JOIN replies r ON r.account_id = a.id WHERE a.name = :name"
    " AND r.filing IN ('todo', 'failed') AND r.filing = 'todo' LIMIT 1"
)


def waiting_to_go(db: Connection, account: str) -> bool:
    """Whether an account has anything to send, to look for or to file."""
    return db.execute(TO_GO, {"name": account}).fetchone() is not None
