"""Which case does a message belong to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.desk.matching import Candidate, CaseFacts, Decision, Rules, thread_of, which_case
from inbox_tui.model import Automatic, CaseState

NOW = 1_000 * DAY
RULES = Rules(join_hours=72, reopen_days=14)
MACHINES = [Automatic.REPLY, Automatic.BOUNCE, Automatic.BULK]


@dataclass(frozen=True)
class Facts:
    """A case, as far as matching looks at it."""

    id: int
    state: CaseState
    opened_at: int
    updated_at: int
    done_at: int | None


def facts(
    id: int = 7,
    state: CaseState = CaseState.WAITING,
    opened: int = NOW,
    updated: int = NOW,
    done: int | None = None,
) -> CaseFacts:
    return Facts(id, state, opened, updated, done)


def decide(
    sent_at: int = NOW,
    *,
    automatic: Automatic = Automatic.NO,
    thread: CaseFacts | None = None,
    open_cases: tuple[CaseFacts, ...] = (),
    forged: bool = False,
    rules: Rules = RULES,
) -> Decision:
    return which_case(
        sent_at, automatic=automatic, thread_case=thread, open_cases=open_cases, forged=forged, rules=rules
    )


def test_a_reference_counts_where_the_writer_takes_part() -> None:
    known = [Candidate(1, frozenset({"a@x.example"})), Candidate(2, frozenset({"b@x.example"}))]
    assert thread_of("b@x.example", known, forged=False) == 2


def test_a_reference_without_participation_is_not_enough() -> None:
    assert thread_of("stranger@x.example", [Candidate(1, frozenset({"a@x.example"}))], forged=False) is None


def test_the_nearest_reference_wins() -> None:
    both = frozenset({"a@x.example"})
    assert thread_of("a@x.example", [Candidate(5, both), Candidate(4, both)], forged=False) == 5


@pytest.mark.parametrize(("writer", "forged"), [("a@x.example", True), (None, False)])
def test_forged_mail_and_unknown_writers_go_on_with_no_thread(writer: str | None, forged: bool) -> None:
    assert thread_of(writer, [Candidate(1, frozenset({"a@x.example"}))], forged=forged) is None


def test_the_thread_comes_before_the_identity() -> None:
    assert decide(thread=facts(1), open_cases=(facts(2, updated=NOW + 1),)) == Decision(1)


def test_a_forged_message_joins_nothing() -> None:
    assert decide(forged=True, open_cases=(facts(),)) == Decision(None)


@pytest.mark.parametrize("automatic", MACHINES)
def test_automatic_mail_never_joins_by_identity(automatic: Automatic) -> None:
    assert decide(automatic=automatic, open_cases=(facts(),)) == Decision(None)


@pytest.mark.parametrize("automatic", MACHINES)
def test_automatic_mail_opens_no_new_case_for_an_old_thread(automatic: Automatic) -> None:
    old = facts(3, CaseState.DONE, done=NOW - 100 * DAY)
    assert decide(automatic=automatic, thread=old) == Decision(3)


@pytest.mark.parametrize(
    ("after", "joins"),
    [(0, True), (72 * HOUR, True), (72 * HOUR + 1, False), (-72 * HOUR, True), (-72 * HOUR - 1, False)],
)
def test_the_same_identity_joins_within_join_hours(after: int, joins: bool) -> None:
    assert decide(NOW + after, open_cases=(facts(),)) == Decision(7 if joins else None)


def test_among_several_it_joins_the_one_that_moved_last() -> None:
    found = (facts(1, updated=NOW - 1), facts(2, updated=NOW), facts(3, updated=NOW - 2))
    assert decide(open_cases=found) == Decision(2)


def test_a_done_case_is_not_joined_by_identity() -> None:
    assert decide(open_cases=(facts(state=CaseState.DONE, done=NOW),)) == Decision(None)


@pytest.mark.parametrize(("days", "same"), [(0, True), (14, True), (15, False)])
def test_a_thread_done_longer_than_reopen_days_ago_goes_on_in_a_new_linked_case(
    days: int, same: bool
) -> None:
    case = facts(3, CaseState.DONE, done=NOW - days * DAY)
    assert decide(thread=case) == (Decision(3) if same else Decision(None, linked=3))


@given(st.integers(0, 2 * NOW), st.sampled_from([CaseState.WAITING, CaseState.PENDING]))
def test_a_thread_of_an_open_case_is_never_left(sent_at: int, state: CaseState) -> None:
    assert decide(sent_at, thread=facts(3, state)) == Decision(3)
