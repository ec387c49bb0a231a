"""Hooks: how far each has been told what happened, and how it fares."""

from __future__ import annotations

from collections.abc import Collection

from inbox_tui.model import HookHealth, Kind
from inbox_tui.store.driver import Connection, rows

INCOMING = (
    "SELECT id FROM messages WHERE id > ? AND id <= ? AND direction = 'in' AND history = 0"
    f" AND kind = '{Kind.MESSAGE}' ORDER BY id"
)
SENT = "SELECT id, detail ->> 'reply' AS reply FROM events WHERE id > ? AND id <= ? AND kind = 'sent' ORDER BY id"
FAILED = (
    "SELECT max(e.id) AS id, r.id AS reply FROM events e JOIN replies r ON r.id = e.detail ->> 'reply'"
    " WHERE e.id > ? AND e.id <= ? AND e.kind IN ('failed', 'unknown')"
    # An unknown one is looked for at first: only when nobody looks any more does it need a person.
    " AND (r.state = 'failed' OR (r.state = 'unknown' AND r.check_at = 0)) GROUP BY r.id ORDER BY 1"
)
_OF = {"on_incoming": "messages", "on_sent": "events", "on_failed": "events"}


def keep_only(db: Connection, names: Collection[str]) -> None:
    """Enter the hooks that are new: they are told what happens from now on. Forget those that are gone."""
    for row in rows(db, "SELECT name FROM hooks"):
        if row["name"] not in names:
            db.execute("DELETE FROM hooks WHERE name = ?", (row["name"],))
    for name in names:
        db.execute(
            "INSERT INTO hooks (name, position) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            (name, newest(db, name)),
        )


def newest(db: Connection, name: str) -> int:
    """Id of the newest entry of that which a hook is told of."""
    return int(db.execute(f"SELECT coalesce(max(id), 0) FROM {_OF[name]}").fetchone()[0])


def position(db: Connection, name: str) -> int:
    """Id of the last entry that the hook was told of."""
    return int(db.execute("SELECT position FROM hooks WHERE name = ?", (name,)).fetchone()[0])


def pending(db: Connection, name: str, after: int, until: int) -> list[tuple[int, int]]:
    """What the hook is still to be told: the id of the entry, and of the message or the reply that it is about."""
    if name == "on_incoming":
        return [(row["id"], row["id"]) for row in rows(db, INCOMING, (after, until))]
    found = rows(db, SENT if name == "on_sent" else FAILED, (after, until))
    return [(row["id"], row["reply"]) for row in found]


def told(db: Connection, name: str, position: int) -> None:
    """The hook was told, and took it; or there was nothing to be told up to here."""
    db.execute("UPDATE hooks SET position = ? WHERE name = ?", (position, name))


def succeeded(db: Connection, name: str, position: int) -> None:
    """The hook ended well."""
    db.execute(
        "UPDATE hooks SET position = ?, error = '', hint = '', error_since = NULL WHERE name = ?",
        (position, name),
    )


def failed(db: Connection, name: str, position: int, error: str, hint: str, now: int, count: int = 1) -> None:
    """The hook failed, so many times; it is not called again for the same."""
    db.execute(
        "UPDATE hooks SET position = ?, error = ?, hint = ?, error_since = coalesce(error_since, ?),"
        " failures = failures + ?, failed_at = ? WHERE name = ?",
        (position, error, hint, now, count, now, name),
    )


def health(db: Connection) -> tuple[HookHealth, ...]:
    """How each hook fares."""
    found = rows(db, "SELECT name, error, hint, error_since, failures, failed_at FROM hooks ORDER BY name")
    return tuple(HookHealth(*row) for row in found)
