"""Rows that a merge or a split moves, and the questions that it asks of them. Decides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, rows
from inbox_tui.store.lists import marks, parts
from inbox_tui.store.people import enter, next_id

MOVED = ("threads", "messages", "replies")
"""Tables whose rows belong to a case."""

CASE_COLUMNS = (
    *("person_id", "state", "automatic", "subject", "snippet", "channels", "messages", "trouble"),
    *("waiting_since", "opened_at", "updated_at", "done_at", "linked_id", "assignee", "tags", "priority"),
    *("snoozed", "snoozed_until", "spam", "merged_into", "contacts", "promised", "broken"),
    *("snooze_again", "ending"),
)
"""What a merge or a split may change of a case."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a case shows of its messages, read anew from them."""

    messages: int
    """Entries by people."""
    contacts: int
    """Messages and calls of the customer's side."""
    waiting_since: int | None
    updated_at: int | None
    """Time of the newest entry; None: there is none."""
    opened_at: int | None
    channels: tuple[str, ...]
    """In the order in which they joined."""
    snippet: tuple[str, str] | None
    """Text and subject of the customer's newest message."""
    subject: tuple[str, str] | None
    """Text and subject of the oldest entry."""


def columns(db: Connection, table: str, id: int, names: Sequence[str]) -> dict[str, Any] | None:
    """These columns of a row; None where there is no such row."""
    row = db.execute(f"SELECT {', '.join(names)} FROM {table} WHERE id = ?", (id,)).fetchone()
    return dict(zip(names, row, strict=True)) if row else None


def change(db: Connection, table: str, id: int, values: Mapping[str, Any]) -> None:
    """Set columns of a row."""
    if values:
        sets = ", ".join(f"{name} = ?" for name in values)
        db.execute(f"UPDATE {table} SET {sets} WHERE id = ?", (*values.values(), id))


def move(db: Connection, table: str, column: str, ids: Sequence[int], before: int, after: int) -> list[int]:
    """Re-point these rows where they still point to what they pointed to; the ids of those that moved."""
    moved: list[int] = []
    for part in parts(ids):
        sql = f"UPDATE {table} SET {column} = ? WHERE {column} = ? AND id IN ({marks(part)}) RETURNING id"
        moved += sorted({row[0] for row in rows(db, sql, (after, before, *part))})
    return moved


def of_case(db: Connection, table: str, case: int) -> list[int]:
    """Ids of the rows of a table that belong to a case."""
    return [row[0] for row in rows(db, f"SELECT id FROM {table} WHERE case_id = ? ORDER BY id", (case,))]


def of_threads(db: Connection, table: str, case: int, threads: Sequence[int]) -> list[int]:
    """Ids of the messages or replies of a case that belong to these threads."""
    out: list[int] = []
    for part in parts(threads):
        sql = f"SELECT id FROM {table} WHERE case_id = ? AND thread_id IN ({marks(part)})"
        out += [row[0] for row in rows(db, sql, (case, *part))]
    return sorted(set(out))


def threads_with(db: Connection, case: int) -> dict[int, tuple[int, int]]:
    """Identity and person of the customer of each thread that points to a case."""
    sql = (
        "SELECT t.id, t.identity_id, i.person_id FROM threads t JOIN identities i ON i.id = t.identity_id"
        " WHERE t.case_id = ? AND t.aside = 0 ORDER BY t.id"
    )
    return {row[0]: (row[1], row[2]) for row in rows(db, sql, (case,))}


def identities_of(db: Connection, person: int) -> list[int]:
    """Ids of a person's identities."""
    return [
        row[0] for row in rows(db, "SELECT id FROM identities WHERE person_id = ? ORDER BY id", (person,))
    ]


def cases_of(db: Connection, person: int) -> list[int]:
    """Ids of all cases of a person, those that were merged too."""
    return [row[0] for row in rows(db, "SELECT id FROM cases WHERE person_id = ? ORDER BY id", (person,))]


def make_case(db: Connection, person: int, like: int, now: int) -> int:
    """A new case of a person that holds nothing yet; it has the priority and the agent of another."""
    case = next_id(db, "cases")
    db.execute(
        "INSERT INTO cases (id, person_id, state, automatic, subject, snippet, channels, messages, trouble,"
        " opened_at, updated_at, assignee, priority) SELECT ?, ?, 'pending', 0, '', '', '', 0, 0, ?, ?, assignee,"
        " priority FROM cases WHERE id = ?",
        (case, person, now, now, like),
    )
    return case


def make_person(db: Connection, name: str, now: int) -> int:
    """A new person."""
    return enter(db, name, now)


def remove(db: Connection, table: str, id: int) -> None:
    """A case or person that a split had made, and that holds nothing again."""
    db.execute(f"DELETE FROM {table} WHERE id = ?", (id,))


def is_empty_case(db: Connection, case: int) -> bool:
    """Whether nothing belongs to a case, and none leads to it."""
    held = [f"SELECT 1 FROM {table} WHERE case_id = :case" for table in (*MOVED, "note_drafts")]
    led = ["SELECT 1 FROM cases WHERE merged_into = :case OR linked_id = :case"]
    return db.execute(" UNION ALL ".join(held + led) + " LIMIT 1", {"case": case}).fetchone() is None


def is_empty_person(db: Connection, person: int) -> bool:
    """Whether nothing belongs to a person, and none leads to him."""
    sql = (
        "SELECT 1 FROM identities WHERE person_id = :person UNION ALL SELECT 1 FROM cases WHERE person_id = :person"
        " UNION ALL SELECT 1 FROM people WHERE merged_into = :person"
        " UNION ALL SELECT 1 FROM proposals WHERE person_a = :person OR person_b = :person LIMIT 1"
    )
    return db.execute(sql, {"person": person}).fetchone() is None


# --- what the program may put right by itself


def is_touched(db: Connection, case: int) -> bool:
    """Whether an agent has done something in a case, or begun to."""
    sql = (
        "SELECT 1 FROM events WHERE case_id = :case AND actor NOT IN ('', 'worker')"
        " UNION ALL SELECT 1 FROM replies WHERE case_id = :case AND agent <> 'worker'"
        " UNION ALL SELECT 1 FROM note_drafts WHERE case_id = :case LIMIT 1"
    )
    return db.execute(sql, {"case": case}).fetchone() is not None


def began(db: Connection, thread: int) -> int | None:
    """The case of a thread, where its customer's part of it began with it; None: it had begun before."""
    sql = (
        "SELECT t.case_id FROM threads t JOIN cases c ON c.id = t.case_id WHERE t.id = ? AND t.aside = 0"
        " AND t.id = (SELECT o.id FROM threads o JOIN identities i ON i.id = o.identity_id"
        " JOIN messages m ON m.thread_id = o.id AND m.case_id = c.id WHERE o.case_id = c.id"
        " AND i.person_id = c.person_id ORDER BY m.sent_at, m.id LIMIT 1)"
    )
    row = db.execute(sql, (thread,)).fetchone()
    return int(row[0]) if row else None


# --- what was begun


def note_drafts(db: Connection, case: int) -> dict[str, str]:
    """Notes that agents have begun in a case."""
    found = rows(db, "SELECT agent, text FROM note_drafts WHERE case_id = ? ORDER BY agent", (case,))
    return {row[0]: row[1] for row in found}


def set_note_drafts(db: Connection, case: int, drafts: Mapping[str, str]) -> None:
    """Exactly these."""
    db.execute("DELETE FROM note_drafts WHERE case_id = ?", (case,))
    db.executemany(
        "INSERT INTO note_drafts (case_id, agent, text) VALUES (?, ?, ?)",
        [(case, agent, text) for agent, text in drafts.items()],
    )


# --- what a case shows

_BY_PEOPLE = (
    "m.automatic = 'no' AND ((m.direction = 'in' AND m.kind IN ('message', 'call')) OR (m.direction = 'out'"
    " AND m.kind = 'message' AND (m.reply_id IS NULL OR r.state = 'sent')))"
)


def spoken(db: Connection, case: int) -> Spoken:
    """What a case shows, from its messages alone."""
    shown = "m.reply_id IS NULL OR r.state = 'sent'"
    counted = db.execute(
        f"SELECT sum({_BY_PEOPLE}), max(CASE WHEN {shown} THEN m.sent_at END), min(CASE WHEN m.kind <> 'note' THEN"
        " m.sent_at END), min(CASE WHEN m.owed = 1 THEN m.sent_at END), sum(m.automatic = 'no' AND m.direction = 'in' AND"
        " m.kind IN ('message', 'call')) FROM messages m LEFT JOIN replies r ON r.id = m.reply_id WHERE m.case_id = ?",
        (case,),
    ).fetchone()
    joined = rows(
        db,
        "SELECT CASE m.kind WHEN 'call' THEN 'phone' ELSE a.channel END AS channel, min(m.sent_at) AS since"
        " FROM messages m LEFT JOIN accounts a ON a.id = m.account_id WHERE m.case_id = ? AND m.kind <> 'note'"
        " GROUP BY 1 HAVING channel IS NOT NULL ORDER BY since, channel",
        (case,),
    )
    newest = db.execute(
        "SELECT text, subject FROM messages WHERE case_id = ? AND direction = 'in' ORDER BY automatic <> 'no',"
        " sent_at DESC, id DESC LIMIT 1",
        (case,),
    ).fetchone()
    oldest = db.execute(
        "SELECT text, subject FROM messages WHERE case_id = ? AND kind <> 'note' ORDER BY sent_at, id LIMIT 1",
        (case,),
    ).fetchone()
    return Spoken(
        messages=counted[0] or 0,
        contacts=counted[4] or 0,
        updated_at=counted[1],
        opened_at=counted[2],
        waiting_since=counted[3],
        channels=tuple(row[0] for row in joined),
        snippet=tuple(newest) if newest else None,
        subject=tuple(oldest) if oldest else None,
    )


def answered_until(db: Connection, case: int, thread: int) -> int | None:
    """Time of the newest message of a thread, in this case, that was written elsewhere."""
    sql = (
        "SELECT max(sent_at) FROM messages WHERE case_id = ? AND thread_id = ? AND direction = 'out'"
        " AND kind = 'message' AND automatic = 'no' AND reply_id IS NULL"
    )
    found = db.execute(sql, (case, thread)).fetchone()[0]
    return int(found) if found is not None else None


# --- proposals of a person


def proposals_of(db: Connection, persons: Iterable[int]) -> list[tuple[int, int, int, str]]:
    """Id, both persons and state of all proposals that name one of these persons."""
    listed = sorted(set(persons))
    found = rows(
        db,
        f"SELECT id, person_a, person_b, state FROM proposals WHERE state <> 'absorbed' AND (person_a IN"
        f" ({marks(listed)}) OR person_b IN ({marks(listed)})) ORDER BY id",
        (*listed, *listed),
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]


# --- acts that were done

ACTS = ("merge", "split", "own matter", "merge persons", "split person", "accept", "decline")
_STEPS = (
    "SELECT e.id, e.at, e.actor, e.undone, e.detail FROM events e WHERE e.kind = 'step' AND e.id IN"
    " (SELECT json_extract(detail, '$.step') FROM events WHERE case_id = ?) ORDER BY e.id"
)


def steps_of(db: Connection, case: int) -> list[tuple[int, int, str, bool, dict[str, Any]]]:
    """Merges and splits that changed a case: id, time, actor, whether undone, detail."""
    return [(r[0], r[1], r[2], bool(r[3]), json.loads(r[4])) for r in rows(db, _STEPS, (case,))]


def step(db: Connection, event: int) -> tuple[bool, dict[str, Any]] | None:
    """Whether an act was undone, and its detail; None where there is no such act."""
    row = db.execute("SELECT undone, detail FROM events WHERE id = ? AND kind = 'step'", (event,)).fetchone()
    return (bool(row[0]), json.loads(row[1])) if row else None


def logged_of(db: Connection, step: int) -> list[int]:
    """Events that an act wrote into the cases that it changed: they follow it at once."""
    found = rows(
        db,
        "SELECT id FROM events WHERE id > ? AND id <= ? + 2000 AND json_extract(detail, '$.step') = ?",
        (step, step, step),
    )
    return [row[0] for row in found]


# --- is it still as an act left it


def all_point(db: Connection, table: str, column: str, ids: Sequence[int], to: int) -> bool:
    """Whether all these rows point to this one."""
    for part in parts(ids):
        sql = f"SELECT count(*) FROM {table} WHERE {column} = ? AND id IN ({marks(part)})"
        if db.execute(sql, (to, *part)).fetchone()[0] != len(set(part)):
            return False
    return True


def notes_of(db: Connection, case: int) -> list[int]:
    """Ids of the entries of a case that belong to no thread."""
    sql = "SELECT id FROM messages WHERE case_id = ? AND thread_id IS NULL ORDER BY id"
    return [row[0] for row in rows(db, sql, (case,))]


def threads_of(db: Connection, case: int, identities: Sequence[int]) -> list[int]:
    """Threads with one of these identities that point to a case."""
    out: list[int] = []
    for part in parts(identities):
        sql = f"SELECT id FROM threads WHERE case_id = ? AND aside = 0 AND identity_id IN ({marks(part)})"
        out += [row[0] for row in rows(db, sql, (case, *part))]
    return sorted(set(out))


def cases_with(db: Connection, person: int, identities: Sequence[int]) -> list[int]:
    """Cases of a person to which threads with one of these identities point."""
    out: set[int] = set()
    for part in parts(identities):
        sql = (
            "SELECT DISTINCT t.case_id FROM threads t JOIN cases c ON c.id = t.case_id WHERE c.person_id = ?"
            f" AND t.aside = 0 AND t.identity_id IN ({marks(part)})"
        )
        out |= {row[0] for row in rows(db, sql, (person, *part))}
    return sorted(out)


def hand_over(db: Connection, person: int, to: int) -> None:
    """All that a person has is another's: his identities and cases."""
    for table in ("identities", "cases"):
        db.execute(f"UPDATE {table} SET person_id = ? WHERE person_id = ?", (to, person))
