"""The rules by which due times are counted, as the store keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox_tui.store.driver import Connection

if TYPE_CHECKING:
    from inbox_tui.desk.due import Rules

_RULES, _PENDING = "office", "office_pending"
_known: dict[bytes, Rules] = {}


def raw(db: Connection) -> bytes:
    """As they were written; empty: there are none."""
    return _get(db, _RULES)


def _get(db: Connection, key: str) -> bytes:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return bytes(row[0]) if row else b""


def _set(db: Connection, key: str, value: bytes) -> None:
    db.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def load(db: Connection) -> Rules | None:
    """The rules; None: nobody has written any yet."""
    text = raw(db)
    if not text:
        return None
    found = _known.get(text)
    if found is None:
        from inbox_tui.desk.due import parse

        # A few at most: of stores in one process, and after a change.
        if len(_known) > 8:
            _known.clear()
        found = _known[text] = parse(text)
    return found


def write(db: Connection, text: bytes) -> None:
    """Put other rules in force."""
    _set(db, _RULES, text)


def pending(db: Connection) -> bool:
    """Whether due times are still to be counted by these rules: whoever did so was ended."""
    return _get(db, _PENDING) == b"1"


def set_pending(db: Connection, yes: bool) -> None:
    """Say so."""
    _set(db, _PENDING, b"1" if yes else b"0")
