"""Notes that an agent has begun: one a case and agent, kept until it is written or emptied."""

from __future__ import annotations

from inbox_tui.store.driver import Connection


def draft(db: Connection, case: int, agent: str) -> str:
    """What was begun; empty where nothing was."""
    row = db.execute("SELECT text FROM note_drafts WHERE case_id = ? AND agent = ?", (case, agent)).fetchone()
    return str(row[0]) if row else ""


def keep(db: Connection, case: int, agent: str, text: str) -> None:
    """Keep what was begun; blank text discards it."""
    if not text.strip():
        db.execute("DELETE FROM note_drafts WHERE case_id = ? AND agent = ?", (case, agent))
        return
    db.execute(
        "INSERT INTO note_drafts (case_id, agent, text) VALUES (?, ?, ?)"
        " ON CONFLICT (case_id, agent) DO UPDATE SET text = excluded.text",
        (case, agent, text),
    )
