"""Accounts: cursor, health, spend, and the worker's heartbeat."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from inbox_tui.errors import InboxError
from inbox_tui.model import Capabilities, Health, LengthRule, WorkerStatus
from inbox_tui.store.driver import Connection, Row

_DAY = 86_400_000


def ensure(db: Connection, name: str, channel: str) -> int:
    """Id of the account, entered if it is new."""
    row = db.execute("SELECT id FROM accounts WHERE name = ?", (name,)).fetchone()
    if row:
        return int(row[0])
    found = db.execute(
        "INSERT INTO accounts (name, channel, cursor, capabilities) VALUES (?, ?, '{}', '{}') RETURNING id",
        (name, channel),
    ).fetchone()
    return int(found[0])


def find(db: Connection, name: str) -> int | None:
    """Id of the account, None where the store does not know it."""
    row = db.execute("SELECT id FROM accounts WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else None


def set_capabilities(db: Connection, account: int, can: Capabilities) -> None:
    """Keep what the channel can do, so that rules need no channel."""
    text = json.dumps(_values(can), sort_keys=True)
    db.execute(
        "UPDATE accounts SET capabilities = ? WHERE id = ? AND capabilities <> ?", (text, account, text)
    )


def _values(can: Capabilities) -> dict[str, Any]:
    return {
        "public": can.public,
        "length_rule": str(can.length_rule),
        "max_length": can.max_length,
        "subjects": can.subjects,
        "files_copy": can.files_copy,
        "settles": can.settles,
        "max_files_bytes": can.max_files_bytes,
        "copies": can.copies,
        "hides": can.hides,
        "link_price": can.link_price,
        "reply_window": can.reply_window,
        "private_window": can.private_window,
        "privately": _values(can.privately) if can.privately is not None else None,
    }


def capabilities(text: str) -> Capabilities:
    """The record behind the column."""
    values = json.loads(text)
    return _record(values) if values else Capabilities(public=False)


def _record(values: dict[str, Any]) -> Capabilities:
    within = values.get("privately")
    return Capabilities(
        **{
            **values,
            "length_rule": LengthRule(values["length_rule"]),
            "privately": _record(within) if within else None,
        }
    )


def cursor(db: Connection, account: int) -> dict[str, Any]:
    """Where fetching goes on."""
    row = db.execute("SELECT cursor FROM accounts WHERE id = ?", (account,)).fetchone()
    value: dict[str, Any] = json.loads(row[0])
    return value


def since(db: Connection, account: int, wanted: int) -> int:
    """The first day of the account, fixed with its first fetch: it must not move through an outage.

    wanted: milliseconds UTC, taken where none is fixed yet.
    """
    db.execute("UPDATE accounts SET since = ? WHERE id = ? AND since = 0", (wanted, account))
    return int(db.execute("SELECT since FROM accounts WHERE id = ?", (account,)).fetchone()[0])


def spent_today(db: Connection, account: int, now: int) -> int:
    """Millionths of a dollar since midnight UTC."""
    row = db.execute("SELECT spend_day, spent FROM accounts WHERE id = ?", (account,)).fetchone()
    return int(row["spent"]) if row["spend_day"] == now // _DAY else 0


def paused_until(db: Connection, account: int) -> int:
    """Until when the account rests; 0: it does not."""
    row = db.execute("SELECT paused_until FROM accounts WHERE id = ?", (account,)).fetchone()
    return int(row[0] or 0)


def limited_until(db: Connection, account: int) -> int:
    """Until when the platform wants no question; 0: nothing was said, or it rests after an error of another kind."""
    row = db.execute("SELECT paused_until, error_code FROM accounts WHERE id = ?", (account,)).fetchone()
    return int(row["paused_until"] or 0) if row["error_code"] == "rate_limited" else 0


def store_cursor(
    db: Connection,
    account: int,
    cursor: Mapping[str, Any],
    *,
    complete_until: int | None,
    history_done: bool,
    gap: tuple[int, int] | None,
    unparsed: int,
    notice: tuple[str, str] | None = None,
) -> None:
    """Keep the cursor of a page, in the transaction that stores the page. A gap widens a known one.

    notice: what cannot be read, and what to do; two empty texts: nothing; None: as it was.
    """
    db.execute(
        "UPDATE accounts SET cursor = ?, complete_until = max(coalesce(complete_until, 0), coalesce(?, complete_until, 0)),"
        " history_done = max(history_done, ?), unparsed = unparsed + ? WHERE id = ?",
        (json.dumps(cursor), complete_until, int(history_done), unparsed, account),
    )
    if notice is not None:
        db.execute("UPDATE accounts SET notice = ?, notice_hint = ? WHERE id = ?", (*notice, account))
    if gap is not None:
        db.execute(
            "UPDATE accounts SET gap_from = min(coalesce(gap_from, ?), ?), gap_until = max(coalesce(gap_until, ?), ?)"
            " WHERE id = ?",
            (gap[0], gap[0], gap[1], gap[1], account),
        )


def forget_gap(db: Connection, name: str) -> bool:
    """Show the gap of an account no more; false where it has none."""
    known = "UPDATE accounts SET gap_from = NULL, gap_until = NULL WHERE name = ? AND gap_from IS NOT NULL"
    return bool(db.execute(known, (name,)).rowcount)


def add_spend(db: Connection, account: int, amount: int, now: int) -> None:
    """Add millionths of a dollar to today's account (UTC)."""
    day = now // _DAY
    db.execute(
        "UPDATE accounts SET spent = CASE WHEN spend_day = ? THEN spent ELSE 0 END + ?, spend_day = ? WHERE id = ?",
        (day, amount, day, account),
    )


def succeeded(db: Connection, account: int, now: int) -> None:
    """A fetch came to its end."""
    db.execute(
        "UPDATE accounts SET last_success = ?, error = '', error_code = '', hint = '', error_since = NULL,"
        " paused_until = NULL, failures = 0 WHERE id = ?",
        (now, account),
    )


def failures(db: Connection, account: int) -> int:
    """How often in a row its fetch has failed."""
    return int(db.execute("SELECT failures FROM accounts WHERE id = ?", (account,)).fetchone()[0])


def failed(
    db: Connection, account: int, error: InboxError, now: int, paused_until: int | None, failures: int
) -> None:
    """A fetch broke off, for the so-manieth time in a row; what was stored before stays valid."""
    db.execute(
        "UPDATE accounts SET error = ?, error_code = ?, hint = ?, error_since = coalesce(error_since, ?),"
        " paused_until = ?, failures = ? WHERE id = ?",
        (error.message, error.code, error.hint, now, paused_until, failures, account),
    )


def want_fetch(db: Connection, name: str | None, now: int) -> int:
    """Ask the worker to fetch one account or all; returns how many there are."""
    if name is None:
        return db.execute("UPDATE accounts SET wanted_at = ?", (now,)).rowcount
    return db.execute("UPDATE accounts SET wanted_at = ? WHERE name = ?", (now, name)).rowcount


def wanted_at(db: Connection, account: int) -> int:
    """When somebody last asked for a fetch."""
    return int(db.execute("SELECT wanted_at FROM accounts WHERE id = ?", (account,)).fetchone()[0])


def health(db: Connection, now: int) -> tuple[Health, ...]:
    """How every account is doing, in the order in which they were entered."""
    return tuple(_health(row, now) for row in db.execute("SELECT * FROM accounts ORDER BY id"))


def _health(row: Row, now: int) -> Health:
    return Health(
        account=row["name"],
        channel=row["channel"],
        complete_until=row["complete_until"] or None,
        last_success=row["last_success"],
        error=row["error"],
        error_code=row["error_code"],
        hint=row["hint"],
        error_since=row["error_since"],
        paused_until=row["paused_until"],
        spent_today=row["spent"] if row["spend_day"] == now // _DAY else 0,
        gap_from=row["gap_from"],
        gap_until=row["gap_until"],
        unparsed=row["unparsed"],
        history_done=bool(row["history_done"]),
        notice=row["notice"],
        notice_hint=row["notice_hint"],
        failures=row["failures"],
    )


def beat(db: Connection, pid: int, host: str, now: int) -> None:
    """The worker is alive."""
    db.execute(
        "INSERT INTO worker (id, pid, host, started_at, heartbeat) VALUES (1, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET started_at = CASE WHEN pid = excluded.pid THEN started_at"
        " ELSE excluded.started_at END, pid = excluded.pid, host = excluded.host, heartbeat = excluded.heartbeat",
        (pid, host, now, now),
    )


def worker(db: Connection, running: bool, holder: int | None = None) -> WorkerStatus:
    """Who fetched last, and whether its lock is held.

    holder: the process that holds it, where that is known: whoever has not come to a heartbeat is named, not his
    predecessor.
    """
    row = db.execute("SELECT pid, host, heartbeat FROM worker WHERE id = 1").fetchone()
    if holder is not None and (row is None or row["pid"] != holder):
        return WorkerStatus(running=running, pid=holder, host=os.uname().nodename, heartbeat=None)
    if row is None:
        return WorkerStatus(running=running, pid=None, host="", heartbeat=None)
    return WorkerStatus(running=running, pid=row["pid"], host=row["host"], heartbeat=row["heartbeat"])


def secret(db: Connection) -> bytes:
    """The store's own key for signing Message-IDs."""
    return bytes(db.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()[0])
