"""In which views a case stands, and where."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk.views import queue_rank, views_of
from inbox_tui.model import CaseState

TIMES = st.integers(0, 2**45)


def places(
    state: CaseState, since: int | None = None, updated: int = 50, automatic: bool = False, *channels: str
) -> dict[str, int]:
    return dict(
        views_of(
            state,
            automatic=automatic,
            channels=channels or ("email",),
            waiting_since=since,
            updated_at=updated,
        )
    )


def test_a_waiting_case_stands_in_waiting_and_in_each_of_its_channels() -> None:
    found = places(CaseState.WAITING, 10, 50, False, "email", "x")
    rank = queue_rank(10, None)
    views = ("waiting", "unassigned", "channel:email", "channel:x")
    assert found == {**dict.fromkeys(views, rank), "all": -50}


def test_all_others_stand_in_one_view_and_in_all() -> None:
    assert places(CaseState.PENDING) == {"pending": -50, "all": -50}
    assert places(CaseState.DONE) == {"done": -50, "all": -50}


def test_automatic_cases_stand_out_of_the_queue() -> None:
    assert places(CaseState.DONE, automatic=True) == {"automatic": -50, "all": -50}


SECONDS = st.integers(0, 2**32 - 1)


@given(st.lists(SECONDS, min_size=2, max_size=8, unique=True), st.none() | st.integers(0, 2**41))
def test_of_the_same_due_time_the_longest_wait_stands_first(times: list[int], due: int | None) -> None:
    order = sorted(times, key=lambda since: queue_rank(since * 1000, due))
    assert order == sorted(times)


@given(SECONDS, SECONDS, st.integers(0, 2**41), st.integers(60_000, 2**41))
def test_what_is_due_first_stands_first_and_what_has_no_target_last(
    one: int, other: int, due: int, later: int
) -> None:
    assert queue_rank(one * 1000, due) < queue_rank(other * 1000, due + later)
    assert queue_rank(one * 1000, due) < queue_rank(other * 1000, None)


@given(SECONDS, SECONDS, st.integers(0, 2**41), st.integers(0, 2**41))
def test_a_broken_promise_stands_before_all(one: int, other: int, due: int, broken: int) -> None:
    assert queue_rank(one * 1000, broken, broken=True) < queue_rank(other * 1000, due)
    assert queue_rank(one * 1000, broken, broken=True) > -(2**62)


@given(SECONDS, st.integers(0, 2**41))
def test_pending_cases_of_mine_stand_behind_all_that_wait(since: int, updated: int) -> None:
    pending = views_of(
        CaseState.PENDING,
        automatic=False,
        channels=(),
        waiting_since=None,
        updated_at=updated,
        assignee="anna",
    )
    assert dict(pending)["mine:anna"] > queue_rank(since * 1000, None)


@given(st.lists(TIMES, min_size=2, max_size=8, unique=True), st.sampled_from(["pending", "done", "all"]))
def test_elsewhere_the_newest_stands_first(times: list[int], view: str) -> None:
    state = CaseState.DONE if view == "done" else CaseState.PENDING
    order = sorted(times, key=lambda at: places(state, updated=at)[view])
    assert order == sorted(times, reverse=True)


@given(
    st.sampled_from(CaseState),
    st.booleans(),
    st.lists(st.sampled_from(["email", "x", "facebook"]), unique=True),
    TIMES | st.none(),
    TIMES,
)
def test_every_case_stands_in_all_and_in_exactly_one_fixed_view(
    state: CaseState, automatic: bool, channels: list[str], since: int | None, updated: int
) -> None:
    found = views_of(state, automatic=automatic, channels=channels, waiting_since=since, updated_at=updated)
    names = [view for view, _ in found]
    assert len(set(names)) == len(names)
    fixed = [view for view in names if not view.startswith(("channel:", "unassigned"))]
    assert len(fixed) == 2
    assert "all" in fixed


def stands(state: CaseState, since: int | None = None, **triage: object) -> dict[str, int]:
    return dict(
        views_of(
            state,
            automatic=False,
            channels=("x",),
            waiting_since=since,
            updated_at=50,
            **triage,  # type: ignore[arg-type]
        )
    )


def test_whose_case_it_is_stands_in_his_own_view_and_no_more_in_unassigned() -> None:
    found = stands(CaseState.WAITING, 10, assignee="anna")
    assert found == {**dict.fromkeys(("waiting", "mine:anna", "channel:x"), queue_rank(10, None)), "all": -50}


def test_my_pending_cases_come_after_those_that_wait() -> None:
    assert stands(CaseState.PENDING, assignee="anna")["mine:anna"] > 2**50


def test_a_snoozed_case_leaves_the_queue_and_is_counted_all_the_same() -> None:
    found = stands(CaseState.WAITING, 10, snoozed=True, snoozed_until=99, assignee="anna")
    assert found == {"snoozed": 99, "hidden": 10, "all": -50}
    assert stands(CaseState.PENDING, snoozed=True)["snoozed"] > 2**50
    assert stands(CaseState.DONE, snoozed=True) == {"done": -50, "all": -50}


def test_spam_stands_in_no_queue() -> None:
    assert stands(CaseState.WAITING, 10, spam=True, snoozed=True) == {"spam": -50, "all": -50}
