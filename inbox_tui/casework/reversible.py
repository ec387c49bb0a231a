"""Rows that an act moves between cases and persons, written down so that they can be put back.

The act is one event of the kind ``step``, like every act that can be undone. Its detail holds the rows that
it re-pointed (``moves``), the columns that it changed with what they were before and after (``rows``), and
what it made (``made``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from inbox_tui.model import CaseState
from inbox_tui.store import cases, messages, people, supporters
from inbox_tui.store import merging as store
from inbox_tui.store import triage as steps
from inbox_tui.store.cases import CaseRecord
from inbox_tui.store.driver import Connection
from inbox_tui.text import snippet


class Act:
    """One act while it is done."""

    def __init__(self, db: Connection, agent: str, now: int, name: str) -> None:
        self.db = db
        self.agent = agent
        self.now = now
        self.name = name
        self.cases: list[int] = []
        """Cases that it names, in the order in which it met them."""
        self.moves: list[list[Any]] = []
        self.rows: list[list[Any]] = []
        self.made: list[list[Any]] = []
        self.drafts: list[list[Any]] = []
        self.said: list[tuple[int, str, dict[str, Any]]] = []
        """Events for the cases: case, kind, detail."""
        self._before: dict[int, CaseRecord] = {}

    def touch(self, wanted: Iterable[int]) -> None:
        """These cases are about to change."""
        fresh = [case for case in wanted if case not in self.cases]
        self._before |= cases.load(self.db, fresh)
        self.cases += fresh

    def move(self, table: str, column: str, ids: Sequence[int], before: int, after: int) -> list[int]:
        """Re-point rows; those that moved."""
        moved = store.move(self.db, table, column, ids, before, after) if ids else []
        if moved:
            self.moves.append([table, column, before, after, moved])
        return moved

    def change(self, table: str, id: int, values: Mapping[str, Any]) -> None:
        """Change columns of a row."""
        was = store.columns(self.db, table, id, list(values))
        if was is None:
            return
        different = {name: [was[name], value] for name, value in values.items() if was[name] != value}
        store.change(self.db, table, id, {name: pair[1] for name, pair in different.items()})
        if different:
            self.rows.append([table, id, different])

    def make_case(self, person: int, like: int) -> int:
        """A case that holds nothing yet."""
        case = store.make_case(self.db, person, like, self.now)
        self.made.append(["cases", case])
        self.cases.append(case)
        return case

    def make_person(self, name: str) -> int:
        """A person who has nothing yet."""
        person = store.make_person(self.db, name, self.now)
        self.made.append(["people", person])
        return person

    def begun(self, case: int, drafts: Mapping[str, str]) -> None:
        """Set the notes that agents have begun in a case."""
        was = store.note_drafts(self.db, case)
        if was != drafts:
            store.set_note_drafts(self.db, case, drafts)
            self.drafts.append([case, was, dict(drafts)])

    def say(self, case: int, kind: str, **detail: Any) -> None:
        """What is logged in a case once the act is done."""
        self.said.append((case, kind, detail))

    def finish(self) -> int:
        """Place the cases, write the act down; the id of its event."""
        cases.place_again(self.db, self._before.values(), self.cases)
        supported(self.db, self.cases, self.moves)
        live = list(cases.load(self.db, self.cases))
        owed = {case: steps.owed(self.db, case) for case in live}
        step = cases.log(
            self.db,
            None,
            self.now,
            self.agent,
            "step",
            act=self.name,
            cases=self.cases,
            moves=self.moves,
            rows=self.rows,
            made=self.made,
            drafts=self.drafts,
            owed=[[case, ids] for case, ids in owed.items()],
            stood=[[case, store.of_case(self.db, "threads", case)] for case in live],
        )
        named = {case for case, _, _ in self.said}
        for case, kind, detail in self.said:
            settled = {"settled": settled_now(self.db, case)} if case in owed else {}
            cases.log(self.db, case, self.now, self.agent, kind, step=step, **detail, **settled)
        for case in owed.keys() - named:
            detail = {"settled": settled_now(self.db, case)}
            cases.log(self.db, case, self.now, self.agent, "settled", step=step, **detail)
        return step


def supported(db: Connection, touched: Iterable[int], moves: Iterable[Sequence[Any]]) -> None:
    """Who supports whom, after rows were re-pointed. moves: as `Act.moves`; touched: cases that changed."""
    persons = {id for table, _, *ends, _ in moves if table == "identities" for id in ends}
    theirs = [case for one in persons for case in store.cases_of(db, people.lead(db, one))]
    supporters.again(db, [*touched, *theirs])


def settled_now(db: Connection, case: int) -> list[Any]:
    """Up to which message it is settled what is owed in a case, and what is."""
    return [messages.last_of_case(db, case), steps.owed(db, case)]


def shown(db: Connection, case: int) -> dict[str, Any]:
    """Columns of a case that follow from its messages."""
    found = store.spoken(db, case)
    out: dict[str, Any] = {
        "messages": found.messages,
        "contacts": found.contacts,
        "waiting_since": found.waiting_since,
        "channels": ",".join(found.channels),
    }
    if found.updated_at is not None:
        out["updated_at"] = found.updated_at
    if found.opened_at is not None:
        out["opened_at"] = found.opened_at
    if found.snippet is not None:
        out["snippet"] = snippet(found.snippet[0]) or found.snippet[1]
    if found.subject is not None:
        out["subject"] = found.subject[1] or snippet(found.subject[0])
    return out


def state_of(waiting_since: int | None, before: str, done_at: int | None) -> dict[str, Any]:
    """State of a case of which a part has come or gone; before: what it or its whole was."""
    if waiting_since is not None:
        return {"state": str(CaseState.WAITING), "done_at": None}
    if before == CaseState.DONE:
        return {"state": before, "done_at": done_at}
    return {"state": str(CaseState.PENDING), "done_at": None}


OVER: dict[str, Any] = {
    "state": str(CaseState.DONE),
    "automatic": 0,
    "messages": 0,
    "trouble": 0,
    "waiting_since": None,
    "assignee": "",
    "tags": "",
    "snoozed": 0,
    "snoozed_until": None,
    "spam": 0,
    "contacts": 0,
    "promised": None,
    "broken": 0,
    "ending": "",
}
"""A case that another one took in: no list and no clock finds it, its number leads on."""
