"""Every question that is asked often is answered from an index, whatever the size of the store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inbox_tui.desk.kinship import Token
from inbox_tui.model import ReplyState
from inbox_tui.store import (
    acknowledged,
    agents,
    around,
    cases,
    handoffs,
    history,
    listing,
    merging,
    messages,
    people,
    posts,
    proposals,
    replies,
    supporters,
    threads,
    tokens,
    triage,
    underway,
)
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store
from tests.desk.test_checks import THREAD


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    store = Store(tmp_path_factory.mktemp("plans") / "inbox.db")
    yield store.read()
    store.close()


def plan(db: Connection, sql: str) -> list[str]:
    """What SQLite would do."""
    return [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")]


def asked(db: Connection, act: object) -> list[str]:
    """The statements that a function sends, with their values."""
    sent: list[str] = []
    db.set_trace_callback(sent.append)
    try:
        assert callable(act)
        act()
    finally:
        db.set_trace_callback(None)
    return sent


SORTED = {
    "acknowledged.has": lambda db: acknowledged.has(db, 7),
    "acknowledged.last": lambda db: acknowledged.last(db, 7),
    "acknowledged.since": lambda db: acknowledged.since(db, 1, 1000, 100, 50),
    "acknowledged.mark": lambda db: acknowledged.mark(db, 1),
    "page": lambda db: listing.page(db, "waiting", None, 50),
    "page_on": lambda db: listing.page_on(db, "pending", "x", None, 50),
    "ids": lambda db: listing.ids(db, "waiting"),
    "longest": listing.longest,
    "due_to_wake": lambda db: listing.due_to_wake(db, 7),
    "last_step": lambda db: triage.last_step(db, "lena"),
    "owed": lambda db: triage.owed(db, 7),
    "senders": lambda db: triage.senders(db, 7),
    "treated": lambda db: triage.treated(db, 7),
    "others_did": lambda db: triage.others_did(db, 7, 1, "lena", ("snooze", "wake")),
    "others_said": lambda db: triage.others_said(db, 7, 1, "lena"),
    "next_waiting": lambda db: listing.next_waiting(db, 7),
    "oldest_owed": lambda db: messages.oldest_owed(db, 7),
    "newest_in": lambda db: messages.newest_in(db, 7),
    "last_of_case": lambda db: messages.last_of_case(db, 7),
    "due": lambda db: replies.due(db, 1, 100),
    "to_check": lambda db: replies.to_check(db, 1, 100),
    "to_file": lambda db: replies.to_file(db, 1),
    "in_state": lambda db: replies.in_state(db, 1, ReplyState.SENDING),
    "waiting_to_go": lambda db: replies.waiting_to_go(db, "shop"),
    "underway.by_key": lambda db: underway.by_key(db, 1, ["a", "b"]),
    "underway.threads_by_key": lambda db: underway.threads_by_key(db, 1, ["a", "b"]),
    "known_external": lambda db: messages.known_external(db, 1, ["a", "b"]),
    "known_digests": lambda db: messages.known_digests(db, 1, ["a", "b"]),
    "cover_elsewhere": lambda db: messages.cover_elsewhere(db, 7, 3, 100),
    "cover_case": lambda db: messages.cover_case(db, 7, 100),
    "owed_after": lambda db: messages.owed_after(db, 7, 100),
    "cases.load": lambda db: cases.load(db, [1, 2]),
    "open_of_people": lambda db: cases.open_of_people(db, [1, 2]),
    "identities": lambda db: people.load(db, {("x", "1"), ("x", "2")}),
    "threads.by_key": lambda db: threads.by_key(db, 1, ["a", "b"]),
    "threads.by_reference": lambda db: threads.by_reference(db, 1, ["a", "b"]),
    "threads.by_ids": lambda db: threads.by_ids(db, [1, 2]),
    "threads.newest_in": lambda db: threads.newest_in(db, 7),
    "posts.since": lambda db: posts.since(db, 100),
    "agents.seen": lambda db: agents.seen(db, "lena", 100),
    "agents.last_seen": lambda db: agents.last_seen(db, "lena"),
    "agents.owned": lambda db: agents.owned(db, "lena"),
    "handoffs.any": handoffs.any_at_all,
    "handoffs.facts": lambda db: handoffs.facts(db, 7),
    "handoffs.by_digest": lambda db: handoffs.by_digest(db, ["a", "b"]),
    "handoffs.guesses": lambda db: handoffs.guesses(db, 7, 100),
    "handoffs.rests": lambda db: handoffs.rests(db, 7),
    "handoffs.counted": lambda db: handoffs.counted(db, [7, 8]),
    "late_handoffs": lambda db: listing.late_handoffs(db, 100),
    "agents.assigned_at": lambda db: agents.assigned_at(db, 7),
    "reply_to": lambda db: around.reply_to(db, THREAD),
    "next_id": lambda db: people.next_id(db, "messages"),
    "tokens.between": lambda db: tokens.between(db, 10, 210, 7),
    "tokens.holders": lambda db: tokens.holders(db, Token("phone", "+49"), 12),
    "tokens.of_first_name": lambda db: tokens.of_first_name(db, "hajo b"),
    "cases.lead": lambda db: cases.lead(db, 7),
    "cases.led": lambda db: cases.led(db, [1, 2]),
    "cases.begun_by_forgery": lambda db: cases.begun_by_forgery(db, [1, 2]),
    "has_absent": lambda db: listing.has_absent(db, "lena", 7),
    "public_threads": lambda db: messages.public_threads(db, 1, ["a", "b"]),
    "threads.unmet": lambda db: threads.unmet(db, 1, ["a", "b"]),
    "is_touched": lambda db: merging.is_touched(db, 7),
    "supporters.threads_of": lambda db: supporters.threads_of(db, 7, 9),
}
"""Questions answered in the order of an index."""

FEW = {
    "handoffs.awaited": lambda db: handoffs.awaited(db, 100),
    "handoffs.of_case": lambda db: handoffs.of_case(db, 7),
    "timeline": lambda db: messages.timeline(db, 7),
    "threads.of_case": lambda db: threads.of_case(db, 7),
    "drafts": lambda db: replies.drafts(db, 7, "lena"),
    "outbox": lambda db: replies.listed(db, everything=False),
    "trouble": replies.trouble,
    "kept": lambda db: replies.kept(db, "lena"),
    "in_flight": lambda db: underway.in_flight(db, 1, 7),
    "newest_queued": lambda db: replies.newest_queued(db, "lena"),
    "due_before": lambda db: replies.due_before(db, 100),
    "events": lambda db: cases.events(db, 7),
    "moved": lambda db: around.moved(db, 7, 100, "lena"),
    "writing": lambda db: around.writing(db, 7, "lena", 100),
    "said": lambda db: around.said(db, 7),
    "in_case": lambda db: around.in_case(db, 7),
    "elsewhere": lambda db: around.elsewhere(db, 7, "Hello", 100),
    "unanswered": lambda db: posts.unanswered(db, 7),
    "hidden_of": lambda db: listing.hidden_of(db, "lena"),
    "drafts_of": lambda db: replies.drafts_of(db, "lena"),
    "proposals.opened": lambda db: proposals.opened(db, 50),
    "proposals.of_person": lambda db: proposals.of_person(db, 7),
    "proposals.of_pair": lambda db: proposals.of_pair(db, 7, 9),
    "history.remarks": lambda db: history.remarks(db, 7, 50),
    "merging.began": lambda db: merging.began(db, 7),
    "supporters.of_case": lambda db: supporters.of_case(db, 7),
    "supporters.cases_of": lambda db: supporters.cases_of(db, 7),
    "merging.spoken": lambda db: merging.spoken(db, 7),
    "last_incoming": lambda db: messages.last_incoming(db, 7),
}
"""Questions about one case, or about what has not been sent yet: a few rows, which may be sorted."""

TINY = {
    "SCAN replies USING COVERING INDEX replies_open",
    "SCAN replies USING INDEX replies_open",
    "SCAN r USING INDEX replies_open",
    "SCAN proposals USING INDEX proposals_open",
}
"""Indexes that never hold more than a few rows."""


def steps(db: Connection, act: object) -> list[str]:
    sent = asked(db, lambda: act(db))  # type: ignore[operator]
    assert sent
    return [step for sql in sent if not sql.startswith("BEGIN") for step in plan(db, sql)]


@pytest.mark.parametrize("name", SORTED)
def test_it_is_read_from_an_index_in_order(db: Connection, name: str) -> None:
    found = steps(db, SORTED[name])
    assert [step for step in found if step.startswith("SCAN") or "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("name", FEW)
def test_it_reads_a_few_rows_alone(db: Connection, name: str) -> None:
    found = steps(db, FEW[name])
    assert [step for step in found if step.startswith("SCAN") and step not in TINY] == []


def test_counters_are_read_not_counted(db: Connection) -> None:
    assert plan(db, listing.COUNTS) == ["SCAN counts"]
