"""Calls, goodwill, a person's page, the report of a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_tui.config import MatchingConfig
from inbox_tui.desk.clock import HOUR
from inbox_tui.errors import NotFound, UsageError
from inbox_tui.inbox import Inbox
from inbox_tui.model import CaseState, Kind
from tests.casework.world import NOW, World, check_clocks, check_views, fresh_store, mail, our_post, post


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    one = World(store)
    one.inbox = Inbox(store, replace(one.config, matching=MatchingConfig(phone_region="DE")), lambda: one.now)
    yield one
    check_views(one)
    check_clocks(one)
    store.close()


def asked(world: World, hours: int = 5) -> int:
    world.take("mail", mail(1, "mia@ex.example", NOW - hours * HOUR))
    return world.case_of("INBOX/1/1")


# -- calls


def test_a_call_that_was_answered_stops_the_clock(world: World) -> None:
    case = asked(world)
    call = world.inbox.people.call("Mia", "told her Friday", answered=True)
    assert (call.case, call.kind, call.channel) == (case, Kind.CALL, "phone")
    row = world.inbox.case(case).row
    assert (row.state, row.messages) == (CaseState.PENDING, 2)
    assert "phone" in row.channels


def test_a_call_that_was_not_answered_leaves_the_clock_where_it_is(world: World) -> None:
    case = asked(world)
    world.inbox.people.call("Mia", "called, nobody there", answered=False)
    assert world.inbox.case(case).row.waiting_since == NOW - 5 * HOUR


def test_whoever_calls_in_vain_waits_from_then_on(world: World) -> None:
    case = asked(world)
    world.inbox.done(case)
    world.now += HOUR
    world.inbox.people.call("Mia", "again", answered=False, case=case)
    assert world.inbox.case(case).row.waiting_since == world.now


def test_a_number_that_nobody_has_is_a_new_person_and_known_the_next_time(world: World) -> None:
    first = world.inbox.people.call("0431 5551234", "where is it", answered=False)
    again = world.inbox.people.call("+49 431 5551234", "once more", answered=False)
    assert first.case == again.case and first.case is not None
    (identity,) = world.inbox.case(first.case).identities
    assert (identity.kind, identity.value) == ("phone", "+494315551234")


def test_a_number_that_is_named_with_a_case_is_its_person_s(world: World) -> None:
    case = asked(world)
    world.inbox.people.call("0431 5551234", "here she is", answered=True, case=case)
    assert {one.kind for one in world.inbox.case(case).identities} == {"email", "phone"}


def test_of_several_persons_with_a_name_one_must_be_chosen(world: World) -> None:
    world.take("shop", post("1", "lena"), post("2", "lena2"))
    people = world.inbox.people
    people.call("Kim", "first", answered=True)
    world.take("mail", mail(7, "kim@ex.example"))
    with pytest.raises(UsageError) as error:
        people.call("kim", "which one", answered=True)
    chosen = error.value.hint.partition("person:")[2].split()[0]
    assert people.call(f"person:{chosen}", "this one", answered=True).case is not None


def test_a_call_says_something_and_its_case_exists(world: World) -> None:
    with pytest.raises(UsageError):
        world.inbox.people.call("Kim", "  ", answered=True)
    with pytest.raises(NotFound):
        world.inbox.people.call("Kim", "hello", answered=True, case=99)


# -- a person's page


def test_a_person_s_page_has_all_cases_calls_notes_and_what_was_given(world: World) -> None:
    case = asked(world)
    world.take("shop", post("1", "mia"))
    other = world.case_of("1")
    people = world.inbox.people
    people.merge_persons([world.inbox.case(one).row.person.id for one in (case, other)])
    world.inbox.note(other, "sent a new one")
    people.call("person:" + str(world.inbox.case(case).row.person.id), "asks again", answered=True, case=case)
    people.goodwill(case, "10 EUR", "a day late")
    page = people.person(world.inbox.case(other).row.person.id)
    assert {row.id for row in page.cases} == {case, other}
    assert {one.text for one in page.remarks} == {"sent a new one", "asks again"}
    assert [(one.amount, one.reason) for one in page.goodwill] == [("10 EUR", "a day late")]


def test_a_part_of_a_name_finds_where_no_whole_one_does(world: World) -> None:
    asked(world)
    assert [one.name for one in world.inbox.people.find("mi")] == ["Mia"]
    assert world.inbox.people.find("%") == ()


# -- report


def test_the_report_adds_up_the_hours_in_which_an_answer_was_owed(world: World) -> None:
    world.take("shop", post("1", "mia", NOW - 10 * HOUR))
    world.take("shop", our_post("2", "mia", NOW - 7 * HOUR))
    world.take("shop", post("3", "mia", NOW - 2 * HOUR))
    case = world.case_of("1")
    world.inbox.people.goodwill(case, "5 EUR", "slow")
    report = world.inbox.people.report(case)
    assert report.waited == 5 * HOUR
    assert report.first_answer == 3 * HOUR
    assert [(one.how, one.end is None) for one in report.stretches] == [("answered", False), ("", True)]
    assert [one.amount for one in report.goodwill] == ["5 EUR"]


def test_history_tells_a_merge_with_its_number(world: World) -> None:
    case = asked(world)
    world.take("shop", post("1", "mia"))
    done = world.inbox.people.merge([case, world.case_of("1")])
    past = world.inbox.people.history(done.taken[0])
    assert {(one.kind, one.act) for one in past} == {("merged", done.event), ("taken in", done.event)}
    world.inbox.triage.undo_act(done.event)
    assert all(one.undone for one in world.inbox.people.history(case))
