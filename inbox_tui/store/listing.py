"""The lists of cases: pages of the views, rows by number, the counters. Reads only."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from inbox_tui.desk.views import CHANNEL, DAILY, FIXED, HIDDEN, WAITING, key_of, queue_rank
from inbox_tui.model import MANY, CaseRow, Person, Position, View
from inbox_tui.store import cases
from inbox_tui.store.cases import ENDINGS, PRIORITIES, STATES
from inbox_tui.store.driver import Connection, tuples
from inbox_tui.store.lists import LIMIT, marks, parts

_SUPPORTERS = (
    "(SELECT count(*) FROM supporters s JOIN identities i ON i.id = s.identity_id WHERE s.case_id = c.id"
    " AND NOT EXISTS (SELECT 1 FROM supporters o JOIN identities j ON j.id = o.identity_id"
    " WHERE o.case_id = s.case_id AND o.identity_id < s.identity_id AND j.person_id = i.person_id))"
)
"""How many a case `c` has: each person once. Without DISTINCT, which would sort for every row of a list."""
_COLUMNS = (
    "c.id, c.state, c.person_id, p.name AS person, c.subject, c.snippet, c.channels, c.messages,"
    " c.waiting_since, c.updated_at, c.trouble, c.assignee, c.tags, c.priority, c.snoozed, c.snoozed_until,"
    " c.automatic, c.spam, c.due, c.promised, c.broken, c.contacts, c.snooze_again,"
    f" c.ending, {_SUPPORTERS}"
)
"""What `_row` reads, followed by the rank."""


def _row(row: tuple[Any, ...]) -> CaseRow:
    # By place, and enums from tables: the interface asks for 200 rows while a key waits.
    (
        case, state, person, name, subject, snippet, channels, messages, since, updated, trouble, assignee, tags,
        priority, snoozed, until, automatic, spam, due, promised, broken, contacts, again, ending, supported, rank,
    ) = row  # fmt: skip
    return CaseRow(
        case,
        STATES[state],
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
        PRIORITIES[priority],
        bool(snoozed),
        until,
        bool(automatic),
        bool(spam),
        due,
        promised,
        bool(broken),
        contacts,
        again,
        ENDINGS[ending],
        supported,
    )


_FROM_PAGE = (
    f"SELECT {_COLUMNS}, q.rank FROM queue q JOIN cases c ON c.id = q.case_id"
    " JOIN people p ON p.id = c.person_id"
    " WHERE q.view = ? AND (q.rank, q.case_id) > (?, ?)"
)
_IN_ORDER = f" ORDER BY q.rank, q.case_id {LIMIT}"
PAGE = _FROM_PAGE + _IN_ORDER
PAGE_ON = _FROM_PAGE + " AND ',' || c.channels || ',' LIKE ? ESCAPE '!'" + _IN_ORDER
IDS = "SELECT case_id FROM queue WHERE view = ? ORDER BY rank, case_id"
COUNTS = "SELECT view, n FROM counts"
OVERDUE = f"SELECT count(*) FROM (SELECT 1 FROM queue WHERE view = ? AND rank < ? {LIMIT})"
LONGEST = (
    "SELECT min(waiting_since) FROM cases WHERE waiting_since IS NOT NULL AND spam = 0 AND state = 'waiting'"
)
"""Who was asked to go on elsewhere is owed an answer still, and it is not our turn."""
LATE_HANDOFFS = (
    "SELECT h.id, r.case_id FROM handoffs h JOIN replies r ON r.id = h.reply_id WHERE h.back_at IS NOT NULL AND"
    " h.arrived_at IS NULL AND h.returned_at IS NULL AND h.back_at <= ? ORDER BY h.back_at"
)
LATE_PROMISES = "SELECT id FROM cases WHERE promised IS NOT NULL AND broken = 0 AND promised <= ?"
NEXT = "SELECT case_id FROM queue WHERE view = ? AND (rank, case_id) > (?, ?) ORDER BY rank, case_id LIMIT 1"
DUE_TO_WAKE = (
    "SELECT id FROM cases WHERE snoozed_until IS NOT NULL AND snoozed_until <= ? ORDER BY snoozed_until"
)
_LEAST = -(2**62)


def page(db: Connection, view: str, after: Position | None, limit: int) -> tuple[CaseRow, ...]:
    """A page of a view, from a position on (None: from the top)."""
    return tuple(_row(row) for row in tuples(db, PAGE, (view, *_behind(after), limit)))


def page_on(
    db: Connection, view: str, channel: str, after: Position | None, limit: int
) -> tuple[CaseRow, ...]:
    """A page of those cases of a view that run on a channel; looks through the view until it is full."""
    # The name of a channel may have an underscore, which LIKE takes for any character.
    listed = f"%,{channel.replace('!', '!!').replace('%', '!%').replace('_', '!_')},%"
    return tuple(_row(row) for row in tuples(db, PAGE_ON, (view, *_behind(after), listed, limit)))


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
        for row in tuples(db, sql, part):
            out[row[0]] = _row(row)
    return out


def by_any_id(db: Connection, wanted: Sequence[int]) -> dict[int, CaseRow]:
    """As `by_id`, by the number that is asked for: that of a merged case has the row of what took it in."""
    merged = cases.led(db, wanted)
    found = by_id(db, [merged.get(one, one) for one in wanted])
    return {one: found[merged.get(one, one)] for one in wanted if merged.get(one, one) in found}


def next_waiting(db: Connection, after: int | None) -> int | None:
    """The case that comes next in the queue after this one; from its end round to the top."""
    known = cases.load(db, [after]).get(after) if after is not None else None
    rank = dict(known.places()).get(WAITING) if known is not None else None
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


HIDDEN_OF = (
    f"SELECT {_COLUMNS}, q.rank FROM queue q JOIN cases c ON c.id = q.case_id"
    " JOIN people p ON p.id = c.person_id"
    " WHERE q.view = ? AND c.assignee = ? ORDER BY q.rank, q.case_id"
)


def hidden_of(db: Connection, agent: str) -> tuple[CaseRow, ...]:
    """Snoozed cases of an agent whose customer waits."""
    return tuple(_row(row) for row in tuples(db, HIDDEN_OF, (HIDDEN, agent)))


def due_to_wake(db: Connection, now: int) -> list[int]:
    """Snoozed cases whose time has come."""
    return [row[0] for row in db.execute(DUE_TO_WAKE, (now,))]


def late_promises(db: Connection, now: int) -> list[int]:
    """Cases in which an answer was promised until now, and which were not looked at since."""
    return [row[0] for row in db.execute(LATE_PROMISES, (now,))]


def late_handoffs(db: Connection, now: int) -> list[tuple[int, int]]:
    """Hand-offs whose customer has not arrived in time, and that were not looked at since: id and case."""
    return [(row[0], row[1]) for row in db.execute(LATE_HANDOFFS, (now,))]


def moves_by_the_clock(db: Connection, now: int) -> bool:
    """Whether the time of any case has come, for whatever reason."""
    return bool(due_to_wake(db, now) or late_promises(db, now) or late_handoffs(db, now))


def overdue(db: Connection, now: int) -> int:
    """Cases of the queue whose answer is overdue; counted up to `MANY`."""
    return int(db.execute(OVERDUE, (WAITING, queue_rank(0, now), MANY)).fetchone()[0])


ABSENT = (
    "SELECT 1 FROM counts v LEFT JOIN agents a ON a.name = substr(v.view, 6) WHERE v.view > 'mine:' AND v.view < 'mine;'"
    " AND v.n > 0 AND substr(v.view, 6) <> ? AND coalesce(a.seen_at, 0) <= ? LIMIT 1"
)


def has_absent(db: Connection, but: str, since: int) -> bool:
    """Whether somebody else than this agent has open cases and was not seen since then."""
    return db.execute(ABSENT, (but, since)).fetchone() is not None


def longest(db: Connection) -> int | None:
    """`waiting_since` of the longest wait, snoozed cases too."""
    row = db.execute(LONGEST).fetchone()
    return int(row[0]) if row and row[0] is not None else None
