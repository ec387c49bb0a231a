"""Cases, their places in the views, the counters, and the events."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from inbox_tui.desk.views import CHANNEL, DAILY, FIXED, HIDDEN, WAITING, key_of, queue_rank, views_of
from inbox_tui.model import MANY, CaseRow, CaseState, Ending, Person, Position, Priority, View
from inbox_tui.records import dataclass
from inbox_tui.store import office
from inbox_tui.store.engine import Connection, Row, rows
from inbox_tui.store.lists import marks, parts

_COLUMNS = (
    "c.id, c.state, c.person_id, p.name AS person, c.subject, c.snippet, c.channels, c.messages,"
    " c.waiting_since, c.updated_at, c.trouble, c.assignee, c.tags, c.priority, c.snoozed, c.snoozed_until,"
    " c.automatic, c.spam, c.due, c.promised, c.broken, c.contacts, c.handoffs, c.supporters, c.snooze_again,"
    " c.ending"
)
"""What `_row` reads, followed by the rank."""


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
    contacts: int = 0
    assignee: str = ""
    tags: tuple[str, ...] = ()
    priority: Priority = Priority.NORMAL
    snoozed: bool = False
    snoozed_until: int | None = None
    spam: bool = False
    promised: int | None = None
    broken: bool = False
    handoffs: int = 0
    supporters: int = 0
    snooze_again: int | None = None
    ending: Ending = Ending.NONE
    due: int | None = None
    """Counted when it is saved, from the clock, the priority and what was promised."""
    timed: tuple[int | None, Priority, int | None] | None = None
    """From what `due` was counted; None: it must be."""
    placed: tuple[tuple[str, int], ...] = ()
    """Where it stands in the store: empty for a new one."""
    kept: tuple[Any, ...] = ()
    """Its columns of triage as they stand in the store."""
    dirty: bool = False

    def triage(self) -> tuple[Any, ...]:
        """Columns that intake hardly ever changes."""
        until = self.snoozed_until
        return (
            *(self.waiting_since, self.assignee, ",".join(self.tags), str(self.priority)),
            *(int(self.snoozed), until, int(self.spam), self.promised, int(self.broken), self.handoffs),
            *(self.supporters, self.snooze_again, str(self.ending), self.due),
        )

    def settle(self, db: Connection) -> None:
        """What follows from the rest: a promise ends with what was owed, an ending with done; the due time."""
        if self.waiting_since is None:
            self.promised, self.broken = None, False
        if self.state is not CaseState.DONE:
            self.ending = Ending.NONE
        now = (self.waiting_since, self.priority, self.promised)
        if self.timed == now:
            return
        self.timed = now
        if self.waiting_since is None or self.promised is not None:
            self.due = self.promised
            return
        rules = office.load(db)
        self.due = rules.due(self.waiting_since, self.priority) if rules else None

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
            due=self.due,
            broken=self.broken,
        )


_TRIAGED = (
    *("waiting_since", "assignee", "tags", "priority", "snoozed", "snoozed_until", "spam"),
    *("promised", "broken", "handoffs", "supporters", "snooze_again", "ending", "due"),
)
"""Columns that intake hardly ever changes, in the order of `CaseRecord.triage`."""
_STORED = (
    "id, person_id, state, automatic, subject, snippet, channels, messages, trouble, waiting_since, opened_at,"
    " updated_at, done_at, linked_id, contacts, " + ", ".join(_TRIAGED[1:])
)
"""In the order of the fields of a record."""
_TAGS = _STORED.split(", ").index("tags")


# Intake loads a case for nearly every message: an enum's own search for its member would be a tenth of that.
_STATES = {str(state): state for state in CaseState}
_PRIORITIES = {str(priority): priority for priority in Priority}
_ENDINGS = {str(ending): ending for ending in Ending}


def _record(row: Row) -> CaseRecord:
    # By place: looking up columns by name takes longer than reading the row.
    values = list(row)
    kept = (values[9], *values[_TAGS - 1 :])
    values[2], values[3] = _STATES[values[2]], bool(values[3])
    values[6] = values[6].split(",") if values[6] else []
    tags, priority, snoozed, until, spam, promised, broken = values[_TAGS : _TAGS + 7]
    values[_TAGS : _TAGS + 7] = (
        *(tuple(tags.split(",")) if tags else (), _PRIORITIES[priority]),
        *(bool(snoozed), until, bool(spam), promised, bool(broken)),
    )
    values[-2] = _ENDINGS[values[-2]]
    record = CaseRecord(*values)
    record.placed, record.kept = record.places(), kept
    record.timed = (record.waiting_since, record.priority, promised)
    return record


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
    for record in records:
        record.settle(db)
    new = [r for r in records if not r.placed]
    db.executemany(_INSERT, [(r.id, r.person, r.linked, *_values(r), *r.triage()) for r in new])
    db.executemany(_UPDATE, [(*_values(r), r.id) for r in records if r.placed])
    # Apart from the rest: these columns stand in indexes, which SQLite would look up for every message.
    triaged = [r for r in records if r.placed and r.kept != r.triage()]
    db.executemany(_UPDATE_TRIAGED, [(*r.triage(), r.id) for r in triaged])
    for record in triaged:
        record.kept = record.triage()
    _place(db, records)


_MOVING = (
    *("state", "automatic", "subject", "snippet", "channels", "messages", "trouble", "opened_at"),
    *("updated_at", "done_at", "contacts"),
)
"""Columns that a message changes, in the order of `_values`."""
_WRITTEN = ("id", "person_id", "linked_id", *_MOVING, *_TRIAGED)
_INSERT = f"INSERT INTO cases ({', '.join(_WRITTEN)}) VALUES ({marks(_WRITTEN)})"
_UPDATE = f"UPDATE cases SET {', '.join(f'{column}=?' for column in _MOVING)} WHERE id=?"
_UPDATE_TRIAGED = f"UPDATE cases SET {', '.join(f'{column}=?' for column in _TRIAGED)} WHERE id=?"


def _values(r: CaseRecord) -> tuple[Any, ...]:
    return (
        *(str(r.state), int(r.automatic), r.subject, r.snippet, ",".join(r.channels), r.messages),
        *(r.trouble, r.opened_at, r.updated_at, r.done_at, r.contacts),
    )


def _place(db: Connection, records: Sequence[CaseRecord]) -> None:
    gone: list[tuple[str, int, int]] = []
    come: list[tuple[str, int, int]] = []
    delta: Counter[str] = Counter()
    for record in records:
        places, placed = record.places(), record.placed
        if places == placed:
            continue
        record.placed = places
        if placed and places[:-1] == placed[:-1]:
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


def _row(row: Row) -> CaseRow:
    # By place, and enums from tables: the interface asks for 200 rows while a key waits.
    case, state, person, name, subject, snippet, channels, messages, since, updated, *rest = row
    trouble, assignee, tags, priority, snoozed, until, automatic, spam, *rest = rest
    due, promised, broken, contacts, handoffs, supporters, again, ending, rank = rest
    return CaseRow(
        case,
        _STATES[state],
        Person(person, name),
        subject,
        snippet,
        tuple(channels.split(",")) if channels else (),
        messages,
        since,
        updated,
        bool(trouble),
        rank,
        assignee,
        tuple(tags.split(",")) if tags else (),
        _PRIORITIES[priority],
        bool(snoozed),
        until,
        bool(automatic),
        bool(spam),
        due,
        promised,
        bool(broken),
        contacts,
        handoffs,
        supporters,
        again,
        _ENDINGS[ending],
    )


_FROM_PAGE = (
    f"SELECT {_COLUMNS}, q.rank FROM queue q JOIN cases c ON c.id = q.case_id"
    " JOIN people p ON p.id = c.person_id"
    " WHERE q.view = ? AND (q.rank, q.case_id) > (?, ?)"
)
_IN_ORDER = " ORDER BY q.rank, q.case_id LIMIT ?"
PAGE = _FROM_PAGE + _IN_ORDER
PAGE_ON = _FROM_PAGE + " AND ',' || c.channels || ',' LIKE ? ESCAPE '!'" + _IN_ORDER
IDS = "SELECT case_id FROM queue WHERE view = ? ORDER BY rank, case_id"
COUNTS = "SELECT view, n FROM counts"
OVERDUE = "SELECT count(*) FROM (SELECT 1 FROM queue WHERE view = ? AND rank < ? LIMIT ?)"
LONGEST = "SELECT min(waiting_since) FROM cases WHERE waiting_since IS NOT NULL AND spam = 0"
LATE_PROMISES = "SELECT id FROM cases WHERE promised IS NOT NULL AND broken = 0 AND promised <= ?"
NEXT = "SELECT case_id FROM queue WHERE view = ? AND (rank, case_id) > (?, ?) ORDER BY rank, case_id LIMIT 1"
DUE_TO_WAKE = (
    "SELECT id FROM cases WHERE snoozed_until IS NOT NULL AND snoozed_until <= ? ORDER BY snoozed_until"
)
_LEAST = -(2**62)


def page(db: Connection, view: str, after: Position | None, limit: int) -> tuple[CaseRow, ...]:
    """A page of a view, from a position on (None: from the top)."""
    return tuple(_row(row) for row in rows(db, PAGE, (view, *_behind(after), limit)))


def page_on(
    db: Connection, view: str, channel: str, after: Position | None, limit: int
) -> tuple[CaseRow, ...]:
    """A page of those cases of a view that run on a channel; looks through the view until it is full."""
    # The name of a channel may have an underscore, which LIKE takes for any character.
    listed = f"%,{channel.replace('!', '!!').replace('%', '!%').replace('_', '!_')},%"
    return tuple(_row(row) for row in rows(db, PAGE_ON, (view, *_behind(after), listed, limit)))


def _behind(after: Position | None) -> tuple[int, int]:
    return (after.rank, after.case) if after else (_LEAST, 0)


def ids(db: Connection, view: str) -> array[int]:
    """Ids of all cases of a view, in its order."""
    cursor = db.execute(IDS, (view,))
    return array("q", (row[0] for row in cursor))


def by_id(db: Connection, wanted: Sequence[int]) -> dict[int, CaseRow]:
    """These cases as rows of a queue; unknown ids are left out."""
    out: dict[int, CaseRow] = {}
    for part in parts(wanted):
        sql = (
            f"SELECT {_COLUMNS}, 0 FROM cases c JOIN people p ON p.id = c.person_id WHERE c.id IN"
            f" ({marks(part)})"
        )
        for row in rows(db, sql, part):
            out[row[0]] = _row(row)
    return out


def next_waiting(db: Connection, after: int | None) -> int | None:
    """The case that comes next in the queue after this one; from its end round to the top."""
    known = load(db, [after]).get(after) if after is not None else None
    rank = dict(known.placed).get(WAITING) if known is not None else None
    row = db.execute(NEXT, (WAITING, rank, after)).fetchone() if rank is not None else None
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


def late_promises(db: Connection, now: int) -> list[int]:
    """Cases in which an answer was promised until now, and which were not looked at since."""
    return [row[0] for row in db.execute(LATE_PROMISES, (now,))]


def overdue(db: Connection, now: int) -> int:
    """Cases of the queue whose answer is overdue; counted up to `MANY`."""
    return int(db.execute(OVERDUE, (WAITING, queue_rank(0, now), MANY)).fetchone()[0])


def longest(db: Connection) -> int | None:
    """`waiting_since` of the longest wait, snoozed cases too."""
    row = db.execute(LONGEST).fetchone()
    return int(row[0]) if row and row[0] is not None else None


_HOLDING = ("messages", "replies", "threads", "note_drafts", "events")


def delete_bare(db: Connection, case: int) -> None:
    """A case that was begun for a mail that was never sent; one that holds anything stays."""
    held = "SELECT 1 FROM {} WHERE case_id = :case"
    sql = " UNION ALL ".join(held.format(table) for table in _HOLDING)
    linked = "SELECT 1 FROM cases WHERE linked_id = :case"
    if db.execute(f"{sql} UNION ALL {linked} LIMIT 1", {"case": case}).fetchone():
        return
    for view, _ in load(db, [case])[case].placed:
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
