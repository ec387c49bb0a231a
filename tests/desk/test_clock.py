"""Who is owed an answer, and since when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk import clock
from inbox_tui.desk.clock import Act, Closed, Covered, Entry, Reopened
from inbox_tui.model import Automatic, CaseState, Direction, Kind

THREADS = (1, 2, 3)


def asked(id: int, at: int, thread: int = 1) -> Entry:
    return Entry(id, thread, Direction.IN, Kind.MESSAGE, Automatic.NO, history=False, sent_at=at)


def elsewhere(id: int, at: int, thread: int = 1) -> Entry:
    return Entry(
        id, thread, Direction.OUT, Kind.MESSAGE, Automatic.NO, history=False, sent_at=at, elsewhere=True
    )


@st.composite
def stories(draw: st.DrawFn) -> list[Entry]:
    """Customers' messages in any order of time, stored one after the other."""
    times = draw(st.lists(st.integers(1, 100), min_size=1, max_size=8))
    return [asked(id, at, draw(st.sampled_from(THREADS))) for id, at in enumerate(times, 1)]


@st.composite
def silent(draw: st.DrawFn, id: int = 1000) -> Entry:
    """An entry that is no customer's question and no human answer."""
    entry = Entry(
        id,
        draw(st.sampled_from(THREADS)),
        draw(st.sampled_from(Direction)),
        draw(st.sampled_from(Kind)),
        draw(st.sampled_from(Automatic)),
        history=draw(st.booleans()),
        sent_at=draw(st.integers(1, 200)),
        elsewhere=draw(st.booleans()),
    )
    if entry.direction is Direction.OUT:
        if entry.kind is Kind.MESSAGE and entry.automatic is Automatic.NO:
            entry = replace(entry, kind=draw(st.sampled_from([Kind.NOTE, Kind.ACK, Kind.POST])))
        return entry
    if clock.starts_clock(entry):
        entry = replace(entry, history=True)
    return entry


@given(stories())
def test_every_question_is_owed_an_answer_since_the_oldest(story: list[Entry]) -> None:
    assert clock.owed(story, []) == {entry.id for entry in story}
    assert clock.waiting_since(story, []) == min(entry.sent_at for entry in story)


@given(stories(), st.lists(silent(), max_size=4), st.lists(st.builds(Covered, st.integers(0, 9)), max_size=2))
def test_acknowledgements_notes_automatic_mail_and_history_move_no_clock(
    story: list[Entry], others: list[Entry], acts: list[Act]
) -> None:
    others = [replace(entry, id=1000 + n) for n, entry in enumerate(others)]
    assert clock.owed([*story, *others], acts) == clock.owed(story, acts)


@given(stories(), st.integers(1, 200))
def test_a_further_message_never_resets_the_clock(story: list[Entry], later: int) -> None:
    since = clock.waiting_since(story, [])
    assert since is not None
    assert clock.waiting_since([*story, asked(99, since + later)], []) == since


@given(stories(), st.integers(0, 10))
def test_a_reply_covers_what_was_shown_on_all_threads_and_nothing_stored_later(
    story: list[Entry], seen: int
) -> None:
    assert clock.owed(story, [Covered(seen)]) == {entry.id for entry in story if entry.id > seen}


def test_an_old_message_that_is_stored_after_the_reply_is_still_owed() -> None:
    story = [asked(1, 500), asked(2, 100)]
    assert clock.owed(story, [Covered(1)]) == {2}
    assert clock.waiting_since(story, [Covered(1)]) == 100


@given(stories(), st.integers(0, 100), st.sampled_from(THREADS))
def test_elsewhere_covers_its_own_thread_by_time_in_any_order_of_storage(
    story: list[Entry], at: int, thread: int
) -> None:
    expected = {e.id for e in story if e.thread != thread or e.sent_at > at}
    for position in (0, 50, 1000):
        assert clock.owed([*story, elsewhere(position, at, thread)], []) == expected
        assert clock.owed([elsewhere(position, at, thread), *story], []) == expected


@given(stories())
def test_done_ends_the_clock(story: list[Entry]) -> None:
    last = max(entry.id for entry in story)
    assert clock.owed(story, [Closed(last)]) == frozenset()
    assert clock.waiting_since(story, [Closed(last)]) is None


@given(stories())
def test_a_message_after_done_starts_it_anew(story: list[Entry]) -> None:
    last = max(entry.id for entry in story)
    assert clock.owed([*story, asked(last + 1, 7)], [Closed(last)]) == {last + 1}


@given(stories(), st.data())
def test_reopen_owes_exactly_that_message_again(story: list[Entry], data: st.DataObject) -> None:
    last = max(entry.id for entry in story)
    message = data.draw(st.sampled_from(story))
    acts: list[Act] = [Closed(last), Reopened(message.id, last)]
    assert clock.owed(story, acts) == {message.id}
    assert clock.waiting_since(story, acts) == message.sent_at
    assert clock.owed(story, [*acts, Covered(last)]) == frozenset()


def test_what_was_written_elsewhere_before_a_reopening_does_not_count_against_it() -> None:
    story = [asked(1, 100), elsewhere(2, 200)]
    acts: list[Act] = [Reopened(1, 2)]
    assert clock.owed(story, []) == frozenset()
    assert clock.owed(story, acts) == {1}
    assert clock.owed([*story, elsewhere(3, 90)], acts) == {1}, "written before the question"
    assert clock.owed([*story, elsewhere(3, 300)], acts) == frozenset()


def test_an_automatic_mail_that_an_agent_reopens_is_owed_an_answer() -> None:
    machine = replace(asked(1, 100), automatic=Automatic.BULK)
    assert clock.owed([machine], []) == frozenset()
    assert clock.owed([machine], [Reopened(1, 1)]) == {1}


@pytest.mark.parametrize(
    ("since", "before", "answered", "after"),
    [
        (5, CaseState.PENDING, False, CaseState.WAITING),
        (5, CaseState.DONE, True, CaseState.WAITING),
        (5, CaseState.WAITING, True, CaseState.WAITING),
        (None, CaseState.WAITING, True, CaseState.PENDING),
        (None, CaseState.WAITING, False, CaseState.PENDING),
        (None, CaseState.DONE, False, CaseState.DONE),
        (None, CaseState.DONE, True, CaseState.PENDING),
        (None, CaseState.PENDING, False, CaseState.PENDING),
    ],
)
def test_state_when(since: int | None, before: CaseState, answered: bool, after: CaseState) -> None:
    assert clock.state_when(since, before, answered=answered) is after


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (-5, "0 min"),
        (0, "0 min"),
        (59_999, "0 min"),
        (40 * clock.MINUTE, "40 min"),
        (clock.HOUR - 1, "59 min"),
        (clock.HOUR, "1 h"),
        (2 * clock.DAY - 1, "47 h"),
        (2 * clock.DAY, "2 d 0 h"),
        (100 * clock.HOUR, "4 d 4 h"),
    ],
)
def test_a_wait_is_spoken_in_one_unit_or_two(span: int, words: str) -> None:
    assert clock.spoken(span) == words


@given(stories(), st.integers(0, 9), st.sampled_from(THREADS))
def test_what_goes_to_a_supplier_answers_his_thread_alone(story: list[Entry], seen: int, aside: int) -> None:
    left = clock.owed(story, [Covered(seen, aside)])
    assert left == {entry.id for entry in story if entry.thread != aside or entry.id > seen}
    assert clock.owed(story, [Covered(seen, aside), Covered(seen)]) == clock.owed(story, [Covered(seen)])
