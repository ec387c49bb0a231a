"""Cases, their places in the views, the counters, and the events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from inbox_tui.desk.views import ALL, views_of
from inbox_tui.model import CaseState, Ending, Priority
from inbox_tui.records import dataclass
from inbox_tui.store.driver import Connection, Row, rows
from inbox_tui.store.lists import marks, parts

if TYPE_CHECKING:
    from inbox_tui.desk.due import Rules


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
    snooze_again: int | None = None
    ending: Ending = Ending.NONE
    due: int | None = None
    """Counted when it is saved, from the clock, the priority and what was promised."""
    timed: tuple[int | None, Priority, int | None] | None = None
    """From what `due` was counted; None: it must be."""
    stored: tuple[Any, ...] = ()
    """Its columns as they stand in the store, from `state` on: empty for a new one."""
    dirty: bool = False

    def columns(self) -> tuple[Any, ...]:
        """What the store should hold of it, from `state` on."""
        return (
            *(str(self.state), int(self.automatic), self.subject, self.snippet, ",".join(self.channels)),
            *(self.messages, self.trouble, self.opened_at, self.updated_at, self.done_at, self.contacts),
            *(self.linked, self.waiting_since, self.assignee, ",".join(self.tags), str(self.priority)),
            *(int(self.snoozed), self.snoozed_until, int(self.spam), self.promised, int(self.broken)),
            *(self.snooze_again, str(self.ending), self.due),
        )

    def settle(self, rules: Callable[[], Rules | None]) -> None:
        """What follows from the rest: a promise ends with what was owed, an ending with done; the due time.

        rules: those of the office, asked for where a due time is to be counted.
        """
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
        known = rules()
        self.due = known.due(self.waiting_since, self.priority) if known else None

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


_MOVING = (
    *("state", "automatic", "subject", "snippet", "channels", "messages", "trouble", "opened_at"),
    *("updated_at", "done_at", "contacts"),
)
"""Columns that a message changes."""
_TRIAGED = (
    *("waiting_since", "assignee", "tags", "priority", "snoozed", "snoozed_until", "spam"),
    *("promised", "broken", "snooze_again", "ending", "due"),
)
"""Columns that intake hardly ever changes."""
_ALL = ("id", "person_id", *_MOVING, "linked_id", *_TRIAGED)
_STORED = ", ".join(_ALL)
"""Behind id and person in the order of `CaseRecord.columns`."""
_HEAD = 2
"""Before `state`: its id and its person."""
_LINKED = len(_MOVING)
"""Here, counted from `state`, stands the link, which never changes."""
_placing = itemgetter(0, 1, 4, 12, 13, 16, 17, 18, 20, 23)
"""Of the columns from `state` on, those that say in which views it stands, but for `updated_at`."""
_UPDATED = 8
_INSERT = f"INSERT INTO cases ({_STORED}) VALUES ({marks(_ALL)})"
_UPDATE = f"UPDATE cases SET {', '.join(f'{column}=?' for column in _MOVING)} WHERE id=?"
_UPDATE_TRIAGED = f"UPDATE cases SET {', '.join(f'{column}=?' for column in _TRIAGED)} WHERE id=?"


# Intake loads a case for nearly every message: an enum's own search for its member would be a tenth of that.
STATES = {str(state): state for state in CaseState}
PRIORITIES = {str(priority): priority for priority in Priority}
ENDINGS = {str(ending): ending for ending in Ending}


def _record(row: Row) -> CaseRecord:
    # By place: looking up columns by name takes longer than reading the row.
    return _from(row[0], row[1], row[_HEAD:])


def _from(id_: int, person: int, stored: tuple[Any, ...]) -> CaseRecord:
    state, automatic, subject, snippet, channels, messages, trouble, opened, updated, *rest = stored
    done, contacts, linked, since, assignee, tags, priority, snoozed, until, spam, *rest = rest
    promised, broken, again, ending, due = rest
    named = PRIORITIES[priority]
    # Without names: intake makes one for nearly every message.
    values: tuple[Any, ...] = (
        *(id_, person, STATES[state], bool(automatic), subject, snippet),
        *(channels.split(",") if channels else [], messages, trouble, since, opened, updated, done, linked),
        *(contacts, assignee, tuple(tags.split(",")) if tags else (), named, bool(snoozed), until),
        *(bool(spam), promised, bool(broken), again, ENDINGS[ending], due),
        *((since, named, promised), stored),
    )
    return CaseRecord(*values)


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


BEGUN_BY_FORGERY = (
    "SELECT c.id FROM cases c WHERE c.id IN ({}) AND (SELECT coalesce(x.forged, 0) FROM messages m LEFT JOIN mails x"
    " ON x.message_id = m.id WHERE m.case_id = c.id ORDER BY m.sent_at LIMIT 1)"
)


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


def _rules(db: Connection) -> Callable[[], Rules | None]:
    """The rules of the office as they stand in this transaction, read once, and only if they are asked for."""

    @cache
    def rules() -> Rules | None:
        from inbox_tui.store import office  # a list needs no rules

        return office.load(db)

    return rules


def begun_by_forgery(db: Connection, wanted: Sequence[int]) -> list[int]:
    """Those of these cases whose first message is a forged mail."""
    out: list[int] = []
    for part in parts(wanted):
        found = rows(db, BEGUN_BY_FORGERY.format(marks(part)), part)
        out += [row[0] for row in found]
    return out


def save(db: Connection, records: Sequence[CaseRecord]) -> None:
    """Store new and changed cases, their places and the counters.

    A case keeps the person and the link that it began with.
    """
    rules = _rules(db)
    for record in records:
        record.settle(rules)
    saved = [(r, r.stored, r.columns()) for r in records]
    db.executemany(_INSERT, [(r.id, r.person, *now) for r, before, now in saved if not before])
    old = [(r, before, now) for r, before, now in saved if before]
    db.executemany(_UPDATE, [(*now[:_LINKED], r.id) for r, _, now in old])
    # Apart from the rest: these columns stand in indexes, which SQLite would look up for every message.
    triaged = [(*now[_LINKED + 1 :], r.id) for r, before, now in old if before[_LINKED:] != now[_LINKED:]]
    db.executemany(_UPDATE_TRIAGED, triaged)
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
    _move(db, gone, come, delta)


def _move(
    db: Connection,
    gone: Sequence[tuple[str, int, int]],
    come: Sequence[tuple[str, int, int]],
    delta: Counter[str],
) -> None:
    db.executemany("DELETE FROM queue WHERE view = ? AND rank = ? AND case_id = ?", gone)
    db.executemany("INSERT INTO queue (view, rank, case_id) VALUES (?, ?, ?)", come)
    db.executemany(
        "INSERT INTO counts (view, n) VALUES (?, ?) ON CONFLICT (view) DO UPDATE SET n = n + excluded.n",
        [(view, n) for view, n in delta.items() if n],
    )


def place_again(db: Connection, before: Iterable[CaseRecord], ids: Iterable[int]) -> None:
    """Columns of these cases were changed in the store: count their due times, put them where they stand now.

    before: the cases as they were loaded before the change; ids: of those, and of new ones.
    """
    known = {record.id: record for record in before}
    after = load(db, ids)
    rules = _rules(db)
    saved = []
    for record in after.values():
        record.timed = None
        record.settle(rules)
        saved.append((record, known[record.id].stored if record.id in known else (), record.columns()))
    db.executemany(_UPDATE_TRIAGED, [(*now[_LINKED + 1 :], record.id) for record, _, now in saved])
    _place(db, saved)
    for record in known.values():
        if record.id not in after:
            leave(db, record)


def leave(db: Connection, record: CaseRecord) -> None:
    """It stands in no view any more."""
    placed = _from(record.id, record.person, record.stored).places() if record.stored else ()
    _move(
        db, [(view, rank, record.id) for view, rank in placed], [], Counter({view: -1 for view, _ in placed})
    )


def _waits_on(before: tuple[Any, ...], now: tuple[Any, ...]) -> bool:
    """Whether a case waits in the queue since the same time as before: there only the view of all goes by its age."""
    placing = _placing(now)
    state, _, _, since, _, snoozed, _, spam, _, _ = placing
    return (
        state == "waiting"
        and since is not None
        and not snoozed
        and not spam
        and bool(placing == _placing(before))
    )


_HOLDING = ("messages", "replies", "threads", "note_drafts", "events")


def delete_bare(db: Connection, case: int) -> None:
    """A case that was begun for a mail that was never sent; one that holds anything stays."""
    held = "SELECT 1 FROM {} WHERE case_id = :case"
    sql = " UNION ALL ".join(held.format(table) for table in _HOLDING)
    linked = "SELECT 1 FROM cases WHERE linked_id = :case OR merged_into = :case"
    if db.execute(f"{sql} UNION ALL {linked} LIMIT 1", {"case": case}).fetchone():
        return
    for view, _ in load(db, [case])[case].places():
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
