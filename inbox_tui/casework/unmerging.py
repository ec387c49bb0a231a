"""Takes a merge or a split back, at any later time.

Where nothing happened in between every row is again what it was. Otherwise what came later goes with its
thread, and what a case shows is read anew from its messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inbox_tui.casework import recount
from inbox_tui.casework.merging import of_these_alone, part
from inbox_tui.casework.reversible import OVER, Act, settled_now, shown, state_of, supported
from inbox_tui.model import Undone
from inbox_tui.store import cases, people, replies
from inbox_tui.store import merging as store
from inbox_tui.store import triage as steps
from inbox_tui.store.driver import Connection


def undo(db: Connection, agent: str, now: int, step: int, detail: dict[str, Any]) -> Undone:
    """Take an act back, whatever happened since."""
    back = _Undoing(db, agent, now, detail)
    back.run()
    supported(db, [*back.touched, *back.act.cases], detail["moves"])
    steps.undone(db, [step])
    named = tuple(one for one in detail["cases"] if store.columns(db, "cases", one, ["id"]))
    if back.exact:
        steps.undone(db, store.logged_of(db, step))
    for case in cases.load(db, back.touched):
        # Another act may have settled it in between, when these messages stood elsewhere.
        if not back.exact or sorted(recount.owed(db, case)) != steps.owed(db, case):
            cases.log(db, case, now, agent, "unmerged", settled=settled_now(db, case), of=step)
    return Undone(detail["act"], named)


class _Undoing:
    def __init__(self, db: Connection, agent: str, now: int, detail: dict[str, Any]) -> None:
        self.db = db
        self.now = now
        self.detail = detail
        self.stood: dict[int, set[int]] = {case: set(threads) for case, threads in detail["stood"]}
        """Threads of the cases that it left."""
        self.exact = self._as_left()
        leads = [cases.lead(db, case) for case in detail["cases"]]
        self.touched: list[int] = list(dict.fromkeys([*detail["cases"], *leads]))
        self.before = cases.load(db, self.touched)
        self.made_cases = [id for table, id in detail["made"] if table == "cases"]
        # Its rows are of no interest: it changes cases as an act does, and is none.
        self.act = Act(db, agent, now, "undo")
        self.act.touch(self.touched)

    def run(self) -> None:
        pairs = self._pairs()
        self._rows_back()
        self._moves_back()
        if not self.exact:
            for source, target, threads in pairs:
                self._follow(source, target, threads)
            self._new_matters()
        self._drafts_back()
        self._made_back()
        if not self.exact:
            self._show_again()
        ids = list(dict.fromkeys([*self.touched, *self.act.cases]))
        self.touched = ids
        cases.place_again(self.db, self.before.values(), ids)

    # -- was anything done in between?

    def _as_left(self) -> bool:
        """Whether all that the act changed is as the act left it, and nothing came to it."""
        for table, id, columns in self.detail["rows"]:
            now = store.columns(self.db, table, id, list(columns))
            if now is None or any(now[name] != after for name, (_, after) in columns.items()):
                return False
        for table, column, _, after, ids in self.detail["moves"]:
            if not store.all_point(self.db, table, column, ids, after):
                return False
        owed_now = all(steps.owed(self.db, case) == ids for case, ids in self.detail["owed"])
        return owed_now and not self._came_since()

    def _came_since(self) -> bool:
        """Whether something stands now with what was moved."""
        threads = {id for table, _, _, _, ids in self.detail["moves"] if table == "threads" for id in ids}
        for table in ("messages", "replies"):
            known = {id for one, _, _, _, ids in self.detail["moves"] if one == table for id in ids}
            for _, _, _, after, ids in self._moves("threads"):
                if set(store.of_threads(self.db, table, after, ids)) - known:
                    return True
        for _, case in (one for one in self.detail["made"] if one[0] == "cases"):
            if set(store.of_case(self.db, "threads", case)) - threads or store.notes_of(self.db, case):
                return True
        for _, _, _, after, ids in self._moves("identities"):
            if set(store.cases_with(self.db, after, ids)) - set(self.detail["cases"]):
                return True
            if any(set(store.threads_of(self.db, case, ids)) - stood for case, stood in self.stood.items()):
                return True
        return False

    def _moves(self, table: str) -> list[list[Any]]:
        return [one for one in self.detail["moves"] if one[0] == table]

    # -- back

    def _pairs(self) -> list[tuple[int, int, list[int]]]:
        """From which case, to which case, which threads: as things stand now."""
        return [(after, before, ids) for _, _, before, after, ids in self._moves("threads")]

    def _rows_back(self) -> None:
        """Columns are what they were, where they are still what the act made them."""
        for table, id, columns in reversed(self.detail["rows"]):
            now = store.columns(self.db, table, id, list(columns)) or {}
            back = {name: was for name, (was, after) in columns.items() if name in now and now[name] == after}
            store.change(self.db, table, id, back)

    def _moves_back(self) -> None:
        for table, column, before, after, ids in reversed(self.detail["moves"]):
            source, target = after, before
            if not self.exact:
                lead = people.lead if column == "person_id" else cases.lead
                source, target = lead(self.db, after), lead(self.db, before)
                if column == "case_id":
                    self._touch(source, target)
            if source != target:
                store.move(self.db, table, column, ids, source, target)

    def _follow(self, source: int, target: int, threads: Iterable[int]) -> None:
        """What was written since goes with its thread; so do new threads of whoever goes."""
        stood = self.stood.get(source, set())
        source, target = cases.lead(self.db, source), cases.lead(self.db, target)
        if source == target:
            return
        self._touch(source, target)
        gone = {id for _, _, _, _, ids in self._moves("identities") for id in ids}
        whose = store.columns(self.db, "cases", target, ["person_id"]) or {}
        fresh = [
            thread
            for thread, (identity, person) in store.threads_with(self.db, source).items()
            if identity in gone and person == whose.get("person_id") and thread not in stood
        ]
        store.move(self.db, "threads", "case_id", fresh, source, target) if fresh else None
        here = set(store.of_case(self.db, "threads", target))
        moved = [thread for thread in dict.fromkeys([*threads, *fresh]) if thread in here]
        for table in ("messages", "replies"):
            later = store.of_threads(self.db, table, source, moved) if moved else []
            known = {id for one, _, _, _, ids in self._moves(table) for id in ids}
            # What the thread had said in that case before stays there.
            first = min(known, default=0)
            later = [id for id in later if id in known or id > max(known, default=first)]
            store.move(self.db, table, "case_id", later, source, target) if later else None

    def _new_matters(self) -> None:
        """Cases that began since: each is whose threads it has; a mixed one is divided."""
        for _, _, before, after, ids in self._moves("identities"):
            person, whole = people.lead(self.db, before), people.lead(self.db, after)
            if person == whole:
                continue
            for case in store.cases_with(self.db, whole, ids):
                self._touch(case)
                if of_these_alone(self.db, case, set(ids)):
                    store.change(self.db, "cases", case, {"person_id": person})
                else:
                    stood = self.stood.get(case, set())
                    fresh = [one for one in store.threads_of(self.db, case, ids) if one not in stood]
                    part(self.act, case, fresh) if fresh else None

    def _touch(self, *wanted: int) -> None:
        for case in wanted:
            if case not in self.touched:
                self.touched.append(case)
                self.before |= cases.load(self.db, [case])

    def _drafts_back(self) -> None:
        for case, was, after in reversed(self.detail["drafts"]):
            if store.note_drafts(self.db, case) == after:
                store.set_note_drafts(self.db, case, was)

    def _made_back(self) -> None:
        """What the act made is gone where it holds nothing; else it leads to whom it was made of."""
        for table, id in reversed(self.detail["made"]):
            empty = store.is_empty_case if table == "cases" else store.is_empty_person
            if self.exact and (table == "proposals" or empty(self.db, id)):
                gone = self.before.pop(id, None) if table == "cases" else None
                if gone:
                    cases.leave(self.db, gone)
                store.remove(self.db, table, id)
            elif table == "cases":
                self._led(id)
            elif table == "people":
                into = next(m[2] for m in self._moves("identities"))
                store.change(self.db, "people", id, {"merged_into": people.lead(self.db, into)})
                store.hand_over(self.db, id, people.lead(self.db, into))

    def _led(self, made: int) -> None:
        """All that is left in a case that a split had made goes back."""
        target = cases.lead(self.db, next(m[2] for m in self._moves("threads")))
        if cases.lead(self.db, made) != made or made == target:
            return
        self._touch(target)
        for table in store.MOVED:
            ids = store.of_case(self.db, table, made)
            store.move(self.db, table, "case_id", ids, made, target) if ids else None
        store.set_note_drafts(
            self.db, target, store.note_drafts(self.db, made) | store.note_drafts(self.db, target)
        )
        store.set_note_drafts(self.db, made, {})
        store.change(self.db, "cases", made, {**OVER, "done_at": self.now, "merged_into": target})

    # -- what the cases show

    def _show_again(self) -> None:
        for case in cases.load(self.db, [*self.touched, *self.act.cases]):
            was = store.columns(self.db, "cases", case, ("state", "done_at", "snoozed")) or {}
            out = shown(self.db, case)
            out |= state_of(out["waiting_since"], was["state"], was["done_at"])
            out["trouble"] = replies.trouble_of_case(self.db, case)
            if out["state"] == "done":
                out |= {"snoozed": 0, "snoozed_until": None}
            store.change(self.db, "cases", case, out)
            for thread in store.of_case(self.db, "threads", case):
                until = store.answered_until(self.db, case, thread)
                store.change(self.db, "threads", thread, {"answered_until": until})
