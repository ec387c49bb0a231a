"""Cases, their places in the views, the counters, and the events."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from inbox_tui.desk.views import ALL, CHANNEL, DAILY, FIXED, HIDDEN, WAITING, key_of, views_of
from inbox_tui.model import CaseRow, CaseState, Person, Position, Priority, View
from inbox_tui.records import dataclass
from inbox_tui.store.engine import Connection, Row, rows
from inbox_tui.store.people import marks, parts

_COLUMNS = (
    "c.id, c.state, c.person_id, p.name AS person, c.subject, c.snippet, c.channels, c.messages,"
    " c.waiting_since, c.updated_at, c.trouble, c.assignee, c.tags, c.priority, c.snoozed, c.snoozed_until,"
    " c.automatic, c.spam"
)


@dataclass(slots=True)
class CaseRecord:
    """A case as casework changes it."""

    id: int
    person: int
    state: CaseState
    automatic: bool
    subject: str
    snippet: str
    channels: list[str]
    messages: int
    trouble: int
    waiting_since: int | None
    opened_at: int
    updated_at: int
    done_at: int | None
    linked: int | None
    assignee: str = ""
    tags: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    snoozed: bool = False
    snoozed_until: int | None = None
    spam: bool = False
    stored: tuple[Any, ...] = ()
    """Its columns as they stand in the store, from `state` on: empty for a new one."""
    dirty: bool = False

    def columns(self) -> tuple[Any, ...]:
        """What the store should hold of it, from `state` on."""
        return (
            *(str(self.state), int(self.automatic), self.subject, self.snippet, ",".join(self.channels)),
            *(self.messages, self.trouble, self.waiting_since, self.opened_at, self.updated_at, self.done_at),
            *(self.linked, self.assignee, ",".join(self.tags), str(self.priority)),
            *(int(self.snoozed), self.snoozed_until, int(self.spam)),
        )

    def places(self) -> tuple[tuple[str, int], ...]:
        """Where it should stand."""
        return views_of(
            self.state,
            automatic=self.automatic,
            channels=self.channels,
            waiting_since=self.waiting_since,
            updated_at=self.updated_at,
            assignee=self.assignee,
            snoozed=self.snoozed,
            snoozed_until=self.snoozed_until,
            spam=self.spam,
        )


_STORED = (
    "id, person_id, state, automatic, subject, snippet, channels, messages, trouble, waiting_since, opened_at,"
    " updated_at, done_at, linked_id, assignee, tags, priority, snoozed, snoozed_until, spam"
)
"""In the order of the fields of a record."""
_HEAD = 2
"""So many columns stand before `state`: its id and its person."""
_LINKED = 11
"""Here, counted from `state`, stands the link, which never changes, and behind it the columns of triage."""
_placing = itemgetter(0, 1, 4, 7, 12, 15, 16, 17)
"""Of the columns from `state` on, those that say in which views it stands, but for `updated_at`."""
_UPDATED = 9


# Intake loads a case for nearly every message: an enum's own search for its member would be a tenth of that.
_STATES = {str(state): state for state in CaseState}
_PRIORITIES = {str(priority): priority for priority in Priority}


def _record(row: Row) -> CaseRecord:
    # By place: looking up columns by name takes longer than reading the row.
    return _from(row[0], row[1], row[_HEAD:])


def _from(id_: int, person: int, stored: tuple[Any, ...]) -> CaseRecord:
    state, automatic, subject, snippet, channels, messages, trouble, since, *rest = stored
    opened, updated, done, linked, assignee, tags, priority, snoozed, until, spam = rest
    return CaseRecord(
        id_,
        person,
        _STATES[state],
        bool(automatic),
        subject,
        snippet,
        channels.split(",") if channels else [],
        messages,
        trouble,
        since,
        opened,
        updated,
        done,
        linked,
        assignee,
        tuple(tags.split(",")) if tags else (),
        _PRIORITIES[priority],
        bool(snoozed),
        until,
        bool(spam),
        stored,
    )


def load(db: Connection, ids: Iterable[int]) -> dict[int, CaseRecord]:
    """These cases, for changing them."""
    out: dict[int, CaseRecord] = {}
    listed = sorted(set(ids))
    for part in parts(listed):
        for row in rows(db, f"SELECT {_STORED} FROM cases WHERE id IN ({marks(part)})", part):
            out[row[0]] = _record(row)
    return out


def open_of_people(db: Connection, people: Iterable[int]) -> dict[int, CaseRecord]:
    """The cases of these persons that are not done."""
    out: dict[int, CaseRecord] = {}
    listed = sorted(set(people))
    for part in parts(listed):
        found = rows(
            db,
            f"SELECT {_STORED} FROM cases WHERE person_id IN ({marks(part)}) AND state <> 'done'",
            part,
        )
        for row in found:
            out[row[0]] = _record(row)
    return out


def save(db: Connection, records: Sequence[CaseRecord]) -> None:
    """Store new and changed cases, their places and the counters.

    A case keeps the person and the link that it began with.
    """
    saved = [(r, r.stored, r.columns()) for r in records]
    db.executemany(
        f"INSERT INTO cases ({_STORED}) VALUES ({marks(range(20))})",
        [(r.id, r.person, *now) for r, before, now in saved if not before],
    )
    db.executemany(
        "UPDATE cases SET state=?, automatic=?, subject=?, snippet=?, channels=?, messages=?, trouble=?,"
        " waiting_since=?, opened_at=?, updated_at=?, done_at=? WHERE id=?",
        [(*now[:_LINKED], r.id) for r, before, now in saved if before],
    )
    # Apart from the rest: these columns stand in indexes, which SQLite would look up for every message.
    db.executemany(
        "UPDATE cases SET assignee=?, tags=?, priority=?, snoozed=?, snoozed_until=?, spam=? WHERE id=?",
        [
            (*now[_LINKED + 1 :], r.id)
            for r, before, now in saved
            if before and before[_LINKED:] != now[_LINKED:]
        ],
    )
    _place(db, saved)
    for record, _, now in saved:
        record.stored = now


def _place(db: Connection, saved: Sequence[tuple[CaseRecord, tuple[Any, ...], tuple[Any, ...]]]) -> None:
    """Where the cases stand in the views. saved: each with its columns before and now."""
    gone: list[tuple[str, int, int]] = []
    come: list[tuple[str, int, int]] = []
    moved: list[tuple[int, str, int, int]] = []
    delta: Counter[str] = Counter()
    for record, before, now in saved:
        if before and _waits_on(before, now):
            # As most: one more message has moved it in the view of all, and nowhere else.
            if before[_UPDATED] != now[_UPDATED]:
                moved.append((-now[_UPDATED], ALL, -before[_UPDATED], record.id))
            continue
        places = record.places()
        placed = _from(record.id, record.person, before).places() if before else ()
        for view, rank in placed:
            if (view, rank) not in places:
                gone.append((view, rank, record.id))
                delta[view] -= 1
        for view, rank in places:
            if (view, rank) not in placed:
                come.append((view, rank, record.id))
                delta[view] += 1
    db.executemany("UPDATE queue SET rank = ? WHERE view = ? AND rank = ? AND case_id = ?", moved)
    db.executemany("DELETE FROM queue WHERE view = ? AND rank = ? AND case_id = ?", gone)
    db.executemany("INSERT INTO queue (view, rank, case_id) VALUES (?, ?, ?)", come)
    db.executemany(
        "INSERT INTO counts (view, n) VALUES (?, ?) ON CONFLICT (view) DO UPDATE SET n = n + excluded.n",
        [(view, n) for view, n in delta.items() if n],
    )


def _waits_on(before: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    """Whether a case waits in the queue since the same time as before: there only the view of all goes by its age."""
    placing = _placing(now)
    state, _, _, since, _, snoozed, _, spam = placing
    return (
        state == "waiting"
        and since is not None
        and not snoozed
        and not spam
        and bool(placing == _placing(before))
    )


def _row(row: Row, rank: int) -> CaseRow:
    return CaseRow(
        id=row["id"],
        state=CaseState(row["state"]),
        person=Person(row["person_id"], row["person"]),
        subject=row["subject"],
        snippet=row["snippet"],
        channels=tuple(row["channels"].split(",")) if row["channels"] else (),
        messages=row["messages"],
        waiting_since=row["waiting_since"],
        updated_at=row["updated_at"],
        trouble=bool(row["trouble"]),
        rank=rank,
        assignee=row["assignee"],
        tags=tuple(row["tags"].split(",")) if row["tags"] else (),
        priority=Priority(row["priority"]),
        snoozed=bool(row["snoozed"]),
        snoozed_until=row["snoozed_until"],
        automatic=bool(row["automatic"]),
        spam=bool(row["spam"]),
    )


PAGE = (
    f"SELECT {_COLUMNS}, q.rank FROM queue q JOIN cases c ON c.id = q.case_id"
    " JOIN people p ON p.id = c.person_id"
    " WHERE q.view = ? AND (q.rank, q.case_id) > (?, ?) ORDER BY q.rank, q.case_id LIMIT ?"
)
IDS = "SELECT case_id FROM queue WHERE view = ? ORDER BY rank, case_id"
COUNTS = "SELECT view, n FROM counts"
FIRST = "SELECT rank, case_id FROM queue WHERE view = ? ORDER BY rank, case_id LIMIT 1"
NEXT = "SELECT case_id FROM queue WHERE view = ? AND (rank, case_id) > (?, ?) ORDER BY rank, case_id LIMIT 1"
DUE_TO_WAKE = (
    "SELECT id FROM cases WHERE snoozed_until IS NOT NULL AND snoozed_until <= ? ORDER BY snoozed_until"
)
_LEAST = -(2**62)


def page(db: Connection, view: str, after: Position | None, limit: int) -> tuple[CaseRow, ...]:
    """A page of a view, from a position on (None: from the top)."""
    rank, case = (after.rank, after.case) if after else (_LEAST, 0)
    return tuple(_row(row, row["rank"]) for row in rows(db, PAGE, (view, rank, case, limit)))


def page_on(
    db: Connection, view: str, channel: str, after: Position | None, limit: int
) -> tuple[CaseRow, ...]:
    """A page of those cases of a view that run on a channel; reads on until it is full."""
    out: list[CaseRow] = []
    while len(out) < limit:
        block = page(db, view, after, 200)
        out += [row for row in block if channel in row.channels]
        if len(block) < 200:
            break
        after = Position(block[-1].rank, block[-1].id)
    return tuple(out[:limit])


def ids(db: Connection, view: str) -> array[int]:
    """Ids of all cases of a view, in its order."""
    cursor = db.execute(IDS, (view,))
    return array("q", (row[0] for row in cursor))


def by_id(db: Connection, wanted: Sequence[int]) -> dict[int, CaseRow]:
    """These cases as rows of a queue; unknown ids are left out."""
    out: dict[int, CaseRow] = {}
    for part in parts(wanted):
        sql = (
            f"SELECT {_COLUMNS} FROM cases c JOIN people p ON p.id = c.person_id WHERE c.id IN"
            f" ({marks(part)})"
        )
        for row in rows(db, sql, part):
            out[row["id"]] = _row(row, 0)
    return out


def next_waiting(db: Connection, after: int | None) -> int | None:
    """The case that waits longest after this one; from its end round to the top."""
    since = None
    if after is not None:
        found = db.execute("SELECT waiting_since FROM cases WHERE id = ?", (after,)).fetchone()
        since = found[0] if found else None
    row = db.execute(NEXT, (WAITING, since, after)).fetchone() if since is not None else None
    row = row or db.execute(NEXT, (WAITING, _LEAST, 0)).fetchone()
    return int(row[0]) if row else None


def views(db: Connection, channels: Sequence[str], agent: str) -> tuple[View, ...]:
    """All views with their counters, in the order of the sidebar. agent: whose `mine` is counted."""
    counted = dict(tuple(row) for row in db.execute(COUNTS))
    fixed = [View(key, title, counted.get(key_of(key, agent), 0)) for key, title in FIXED]
    own = [View(CHANNEL + c, c, counted.get(CHANNEL + c, 0)) for c in channels]
    # The desk's own first: they have the numbers 1 to 6, whatever channels there are.
    return (*fixed[:DAILY], *own, *fixed[DAILY:])


def hidden(db: Connection) -> int:
    """How many wait while their case is snoozed."""
    row = db.execute("SELECT n FROM counts WHERE view = ?", (HIDDEN,)).fetchone()
    return int(row[0]) if row else 0


def due_to_wake(db: Connection, now: int) -> list[int]:
    """Snoozed cases whose time has come."""
    return [row[0] for row in db.execute(DUE_TO_WAKE, (now,))]


def longest(db: Connection) -> int | None:
    """`waiting_since` of the longest wait."""
    row = db.execute(FIRST, (WAITING,)).fetchone()
    return int(row[0]) if row else None


_HOLDING = ("messages", "replies", "threads", "note_drafts", "events")


def delete_bare(db: Connection, case: int) -> None:
    """A case that was begun for a mail that was never sent; one that holds anything stays."""
    held = "SELECT 1 FROM {} WHERE case_id = :case"
    sql = " UNION ALL ".join(held.format(table) for table in _HOLDING)
    linked = "SELECT 1 FROM cases WHERE linked_id = :case"
    if db.execute(f"{sql} UNION ALL {linked} LIMIT 1", {"case": case}).fetchone():
        return
    for view, _ in load(db, [case])[case].places():
        db.execute("DELETE FROM queue WHERE view = ? AND case_id = ?", (view, case))
        db.execute("UPDATE counts SET n = n - 1 WHERE view = ?", (view,))
    db.execute("DELETE FROM cases WHERE id = ?", (case,))


def of_person(db: Connection, person: int) -> int:
    """How many cases a person has."""
    return int(db.execute("SELECT count(*) FROM cases WHERE person_id = ?", (person,)).fetchone()[0])


def log(db: Connection, case: int | None, at: int, actor: str, kind: str, **detail: Any) -> int:
    """Write down what happened: ids and facts, no foreign text. Returns its id."""
    row = db.execute(
        "INSERT INTO events (case_id, at, actor, kind, detail) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (case, at, actor, kind, json.dumps(detail)),
    ).fetchone()
    return int(row[0])


def events(db: Connection, case: int) -> list[tuple[str, dict[str, Any]]]:
    """Kind and detail of all events of a case that were not undone, in their order."""
    sql = "SELECT kind, detail FROM events WHERE case_id = ? AND undone = 0 ORDER BY id"
    return [(row["kind"], json.loads(row["detail"])) for row in rows(db, sql, (case,))]
