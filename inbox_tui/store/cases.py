"""Cases, their places in the views, the counters, and the events."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from inbox_tui.desk.matching import CaseFacts
from inbox_tui.desk.views import CHANNEL, DAILY, FIXED, HIDDEN, WAITING, key_of, views_of
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
    placed: tuple[tuple[str, int], ...] = ()
    """Where it stands in the store: empty for a new one."""
    kept: tuple[Any, ...] = ()
    """Its columns of triage as they stand in the store."""
    dirty: bool = False

    def facts(self) -> CaseFacts:
        """What matching needs to know."""
        return CaseFacts(self.id, self.state, self.opened_at, self.updated_at, self.done_at)

    def triage(self) -> tuple[Any, ...]:
        """Columns that intake hardly ever changes."""
        until = self.snoozed_until
        return (
            *(self.assignee, ",".join(self.tags), str(self.priority)),
            *(int(self.snoozed), until, int(self.spam)),
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
_TRIAGE = _STORED.split(", ").index("assignee")
"""Here the columns of triage begin."""


# Intake loads a case for nearly every message: an enum's own search for its member would be a tenth of that.
_STATES = {str(state): state for state in CaseState}
_PRIORITIES = {str(priority): priority for priority in Priority}


def _record(row: Row) -> CaseRecord:
    # By place: looking up columns by name takes longer than reading the row.
    values = list(row)
    triage = tuple(values[_TRIAGE:])
    values[2], values[3] = _STATES[values[2]], bool(values[3])
    values[6] = values[6].split(",") if values[6] else []
    tags, priority, snoozed, until, spam = values[_TRIAGE + 1 :]
    values[_TRIAGE + 1 :] = (
        *(tuple(tags.split(",")) if tags else (), _PRIORITIES[priority]),
        *(bool(snoozed), until, bool(spam)),
    )
    record = CaseRecord(*values)
    record.placed, record.kept = record.places(), triage
    return record


def load(db: Connection, ids: Iterable[int]) -> dict[int, CaseRecord]:
    """These cases, for changing them; those that another one took in are left out."""
    out: dict[int, CaseRecord] = {}
    listed = sorted(set(ids))
    for part in parts(listed):
        sql = f"SELECT {_STORED} FROM cases WHERE id IN ({marks(part)}) AND merged_into IS NULL"
        for row in rows(db, sql, part):
            out[row[0]] = _record(row)
    return out


def lead(db: Connection, case: int) -> int:
    """The case that this one went into, however often it was merged; itself where it was not."""
    row = db.execute("SELECT merged_into FROM cases WHERE id = ?", (case,)).fetchone()
    while row is not None and row[0] is not None:
        case = int(row[0])
        row = db.execute("SELECT merged_into FROM cases WHERE id = ?", (case,)).fetchone()
    return case


def led(db: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Of these cases those that were merged, with the case that each went into."""
    out: dict[int, int] = {}
    for part in parts(sorted(set(ids))):
        sql = f"SELECT id FROM cases WHERE id IN ({marks(part)}) AND merged_into IS NOT NULL"
        out |= {row[0]: lead(db, row[0]) for row in rows(db, sql, part)}
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
    new = [r for r in records if not r.placed]
    db.executemany(
        "INSERT INTO cases (id, person_id, linked_id, state, automatic, subject, snippet, channels, messages,"
        " trouble, waiting_since, opened_at, updated_at, done_at, assignee, tags, priority, snoozed, snoozed_until,"
        f" spam) VALUES ({marks(range(20))})",
        [(r.id, r.person, r.linked, *_values(r), *r.triage()) for r in new],
    )
    db.executemany(
        "UPDATE cases SET state=?, automatic=?, subject=?, snippet=?, channels=?, messages=?, trouble=?,"
        " waiting_since=?, opened_at=?, updated_at=?, done_at=? WHERE id=?",
        [(*_values(r), r.id) for r in records if r.placed],
    )
    # Apart from the rest: these columns stand in indexes, which SQLite would look up for every message.
    triaged = [r for r in records if r.placed and r.kept != r.triage()]
    db.executemany(
        "UPDATE cases SET assignee=?, tags=?, priority=?, snoozed=?, snoozed_until=?, spam=? WHERE id=?",
        [(*r.triage(), r.id) for r in triaged],
    )
    for record in triaged:
        record.kept = record.triage()
    _place(db, records)


def _values(r: CaseRecord) -> tuple[Any, ...]:
    return (
        str(r.state),
        int(r.automatic),
        r.subject,
        r.snippet,
        ",".join(r.channels),
        r.messages,
        r.trouble,
        r.waiting_since,
        r.opened_at,
        r.updated_at,
        r.done_at,
    )


def place_again(db: Connection, before: Iterable[CaseRecord], ids: Iterable[int]) -> None:
    """Columns of these cases were changed in the store: put them where they stand now.

    before: the cases as they were loaded before the change; ids: of those, and of new ones.
    """
    after = load(db, ids)
    for record in after.values():
        record.placed = ()
    for record in before:
        now = after.get(record.id)
        if now is not None:
            now.placed = record.placed
        else:
            leave(db, record)
    _place(db, list(after.values()))


def leave(db: Connection, record: CaseRecord) -> None:
    """It stands in no view any more."""
    _move(db, [(record, ())])


def _place(db: Connection, records: Sequence[CaseRecord]) -> None:
    _move(db, [(record, record.places()) for record in records])


def _move(db: Connection, records: Sequence[tuple[CaseRecord, tuple[tuple[str, int], ...]]]) -> None:
    gone: list[tuple[str, int, int]] = []
    come: list[tuple[str, int, int]] = []
    delta: Counter[str] = Counter()
    for record, places in records:
        placed = record.placed
        if places == placed:
            continue
        record.placed = places
        if placed and places and places[:-1] == placed[:-1]:
            # As most: one more message has moved it in the view of all, which stands last.
            (view, rank), (_, before) = places[-1], placed[-1]
            gone.append((view, before, record.id))
            come.append((view, rank, record.id))
            continue
        for view, rank in placed:
            if (view, rank) not in places:
                gone.append((view, rank, record.id))
                delta[view] -= 1
        for view, rank in places:
            if (view, rank) not in placed:
                come.append((view, rank, record.id))
                delta[view] += 1
    db.executemany("DELETE FROM queue WHERE view = ? AND rank = ? AND case_id = ?", gone)
    db.executemany("INSERT INTO queue (view, rank, case_id) VALUES (?, ?, ?)", come)
    db.executemany(
        "INSERT INTO counts (view, n) VALUES (?, ?) ON CONFLICT (view) DO UPDATE SET n = n + excluded.n",
        [(view, n) for view, n in delta.items() if n],
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


def by_any_id(db: Connection, wanted: Sequence[int]) -> dict[int, CaseRow]:
    """As `by_id`, by the number that is asked for: that of a merged case has the row of what took it in."""
    merged = led(db, wanted)
    found = by_id(db, [merged.get(one, one) for one in wanted])
    return {one: found[merged.get(one, one)] for one in wanted if merged.get(one, one) in found}


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
    linked = "SELECT 1 FROM cases WHERE linked_id = :case OR merged_into = :case"
    if db.execute(f"{sql} UNION ALL {linked} LIMIT 1", {"case": case}).fetchone():
        return
    for view, _ in load(db, [case])[case].placed:
        db.execute("DELETE FROM queue WHERE view = ? AND case_id = ?", (view, case))
        db.execute("UPDATE counts SET n = n - 1 WHERE view = ?", (view,))
    db.execute("DELETE FROM cases WHERE id = ?", (case,))


def of_person(db: Connection, person: int) -> int:
    """How many cases a person has."""
    sql = "SELECT count(*) FROM cases WHERE person_id = ? AND merged_into IS NULL"
    return int(db.execute(sql, (person,)).fetchone()[0])


def live_of_person(db: Connection, person: int) -> list[int]:
    """Ids of a person's cases, but for those that another one took in."""
    sql = "SELECT id FROM cases WHERE person_id = ? AND merged_into IS NULL ORDER BY id"
    return [row[0] for row in rows(db, sql, (person,))]


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
