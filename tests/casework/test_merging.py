"""Merge and split of cases and persons: one clock, one number that leads on, and undo at any later time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_tui.casework import merging, triage
from inbox_tui.casework.merging import Done
from inbox_tui.desk.clock import HOUR
from inbox_tui.errors import NotFound, NothingToDo, UsageError
from inbox_tui.model import Undone
from tests.casework.world import (
    NOW,
    World,
    check_clocks,
    check_views,
    comment,
    dump,
    mail,
    our_post,
    post,
    temporary_world,
)


def act(world: World, do: Callable[..., Done], *given: Any) -> Done:
    with world.store.write("act") as db:
        return do(db, "lena", world.now, *given)


def undo(world: World, event: int) -> Undone:
    with world.store.write("undo") as db:
        return triage.undo_act(db, "ben", world.now, event)


def person_of(world: World, case: int) -> int:
    return world.inbox.case(case).row.person.id


def three(world: World) -> tuple[int, int, int]:
    """A mail, a post on X and a comment, each a case and a person of its own."""
    world.take("mail", mail(1, "hajo@brandt.example", NOW - 90 * HOUR))
    world.take("shop", post("p1", "42", NOW - 80 * HOUR))
    world.take("page", comment("c1", "7", NOW - 50 * HOUR))
    return world.case_of("INBOX/1/1"), world.case_of("p1"), world.case_of("c1")


def same(world: World, before: dict[str, list[tuple[Any, ...]]]) -> None:
    """Every table but the event log is again what it was."""
    after = dump(world.store)
    for table in before.keys() - {"events"}:
        kept = [line for line in after[table] if table != "counts" or line[1]]
        assert kept == [line for line in before[table] if table != "counts" or line[1]], table


# -- merging cases


def test_one_case_with_the_earliest_clock_and_all_channels(world: World) -> None:
    first, second, third = three(world)
    done = act(world, merging.merge, [first, second, third])
    case = world.inbox.case(first)
    assert done.case == first and done.taken == (second, third)
    assert case.row.waiting_since == NOW - 90 * HOUR
    assert case.row.channels == ("email", "x", "facebook")
    assert case.row.messages == 3
    assert len(case.timeline) == len(case.threads) == 3
    assert [row.id for row in world.inbox.page("waiting")] == [first]


def test_the_number_of_a_merged_case_leads_to_the_one_that_took_it_in(world: World) -> None:
    first, second, third = three(world)
    act(world, merging.merge, [second, first])
    act(world, merging.merge, [third, second])
    assert world.inbox.case(first).row.id == third
    reply = world.inbox.reply(first, "We are on it.")
    assert reply.case == third
    assert world.inbox.done(second).id == third


def test_merging_cases_of_two_persons_makes_them_one(world: World) -> None:
    first, second, _ = three(world)
    done = act(world, merging.merge, [first, second])
    assert done.person == person_of(world, first)
    assert {one.kind for one in world.inbox.case(first).identities} == {"email", "x"}


def test_what_a_merged_person_writes_anew_joins_his_case(world: World) -> None:
    first, second, _ = three(world)
    act(world, merging.merge, [first, second])
    world.take("shop", post("p2", "42", NOW - 20 * HOUR, thread="another"))
    assert world.case_of("p2") == first


def test_an_answer_to_one_before_the_merge_is_no_answer_to_the_other(world: World) -> None:
    first, second, _ = three(world)
    world.deliver(world.inbox.reply(second, "Here you are."))
    act(world, merging.merge, [first, second])
    assert world.inbox.case(first).row.waiting_since == NOW - 90 * HOUR
    check_clocks(world)


def test_an_answer_after_the_merge_covers_all(world: World) -> None:
    first, second, _ = three(world)
    act(world, merging.merge, [first, second])
    world.deliver(world.inbox.reply(first, "Here you are."))
    assert world.inbox.case(first).row.state == "pending"


def test_a_reply_under_way_goes_along(world: World) -> None:
    first, second, _ = three(world)
    reply = world.inbox.reply(second, "Here you are.")
    act(world, merging.merge, [first, second])
    assert world.inbox.reply_by_id(reply.id).case == first
    world.deliver(reply)
    assert world.inbox.case(first).row.messages == 3


def test_what_was_begun_to_be_noted_in_both_stands_in_one(world: World) -> None:
    first, second, _ = three(world)
    world.inbox.save_note_draft(first, "asked")
    world.inbox.save_note_draft(second, "called")
    act(world, merging.merge, [first, second])
    assert world.inbox.note_draft(first) == "asked\n\ncalled"


def test_a_case_is_not_merged_with_itself(world: World) -> None:
    first, second, _ = three(world)
    act(world, merging.merge, [first, second])
    with pytest.raises(NothingToDo):
        act(world, merging.merge, [first, second])


def test_a_case_that_is_not_there_is_not_merged(world: World) -> None:
    first, _, _ = three(world)
    with pytest.raises(NotFound):
        act(world, merging.merge, [first, 99])


# -- splitting


def test_threads_go_on_in_a_case_of_their_own(world: World) -> None:
    world.take("shop", post("p1", "42", NOW - 9 * HOUR), post("p2", "42", NOW - HOUR, thread="two"))
    case = world.case_of("p1")
    done = act(world, merging.split, case, [world.thread_of("p2")])
    assert done.case is not None and world.case_of("p2") == done.case
    assert world.inbox.case(done.case).row.waiting_since == NOW - HOUR
    assert world.inbox.case(case).row.messages == 1
    check_clocks(world)


def test_a_thread_that_was_split_off_stays_so(world: World) -> None:
    world.take("shop", post("p1", "42", NOW - 9 * HOUR), post("p2", "42", NOW - HOUR, thread="two"))
    done = act(world, merging.split, world.case_of("p1"), [world.thread_of("p2")])
    world.take("shop", post("p3", "42", NOW, thread="two"))
    assert world.case_of("p3") == done.case


def test_one_thread_must_stay(world: World) -> None:
    first, _, _ = three(world)
    with pytest.raises(UsageError):
        act(world, merging.split, first, [world.thread_of("INBOX/1/1")])


def test_identities_become_a_person_with_the_cases_that_are_theirs_alone(world: World) -> None:
    first, second, third = three(world)
    whole = person_of(world, first)
    act(world, merging.merge_persons, [whole, person_of(world, second), person_of(world, third)])
    known = {one.kind: one.id for one in world.inbox.case(first).identities}
    done = act(world, merging.split_person, whole, [known["x"]])
    assert person_of(world, second) == done.person != whole
    assert person_of(world, third) == whole


# -- undo


def test_nothing_in_between_every_table_is_as_it_was(world: World) -> None:
    first, second, third = three(world)
    world.inbox.save_note_draft(second, "called")
    before = dump(world.store)
    done = act(world, merging.merge, [third, second, first])
    undo(world, done.event)
    same(world, before)


def test_the_usual_undo_takes_back_a_merge(world: World) -> None:
    first, second, _ = three(world)
    before = dump(world.store)
    act(world, merging.merge, [first, second])
    assert world.inbox.triage.undo().act == "merge"
    same(world, before)


def test_what_came_later_goes_with_its_thread(world: World) -> None:
    first, second, _ = three(world)
    done = act(world, merging.merge, [first, second])
    world.take("shop", post("p2", "42", NOW - HOUR))
    world.take("shop", post("p3", "42", NOW - HOUR, thread="a new thread of his"))
    world.inbox.note(first, "One and the same")
    undo(world, done.event)
    assert world.case_of("p2") == world.case_of("p3") == second
    assert world.inbox.case(second).row.messages == 3
    assert world.inbox.case(first).row.messages == 1
    assert person_of(world, first) != person_of(world, second)
    assert len(world.inbox.case(first).timeline) == 2


def test_whoever_was_answered_meanwhile_is_not_owed_again(world: World) -> None:
    first, second, _ = three(world)
    done = act(world, merging.merge, [first, second])
    world.deliver(world.inbox.reply(first, "Here you are."))
    undo(world, done.event)
    assert world.inbox.case(second).row.state == "pending"
    assert world.inbox.case(first).row.state == "pending"


def test_a_merge_inside_another_merge_can_be_undone_first(world: World) -> None:
    first, second, third = three(world)
    inner = act(world, merging.merge, [first, second])
    outer = act(world, merging.merge, [third, first])
    undo(world, inner.event)
    assert world.inbox.case(second).row.id == second
    assert world.inbox.case(first).row.id == third
    undo(world, outer.event)
    assert [world.inbox.case(one).row.id for one in (first, second, third)] == [first, second, third]
    assert len({person_of(world, one) for one in (first, second, third)}) == 3


def test_an_act_is_undone_once(world: World) -> None:
    first, second, _ = three(world)
    done = act(world, merging.merge, [first, second])
    undo(world, done.event)
    with pytest.raises(NothingToDo):
        undo(world, done.event)


def test_a_new_matter_of_persons_that_were_merged_is_his_who_wrote_it(world: World) -> None:
    first, second, _ = three(world)
    done = act(world, merging.merge_persons, [person_of(world, first), person_of(world, second)])
    other = person_of(world, second)
    world.take("shop", post("late", "42", NOW + 900 * HOUR, thread="new matter"))
    undo(world, done.event)
    case = world.case_of("late")
    assert person_of(world, case) == person_of(world, second) != other or case == second


def test_the_number_of_a_case_that_was_split_off_is_never_given_again(world: World) -> None:
    world.take("shop", post("p1", "42", NOW - 9 * HOUR), post("p2", "42", NOW - HOUR, thread="two"))
    done = act(world, merging.split, world.case_of("p1"), [world.thread_of("p2")])
    undo(world, done.event)
    world.take("shop", post("p4", "43"))
    assert done.case is not None and world.case_of("p4") > done.case


# -- properties

_TOUCHES = ("none", "message", "answer", "note", "elsewhere", "done", "thread")


def _between(world: World, what: str, at: int) -> None:
    case = world.case_of("p1")
    if what == "message":
        world.take("shop", post(f"m{at}", "42", NOW - HOUR + at))
    elif what == "thread":
        world.take("page", comment(f"t{at}", "7", NOW - HOUR + at, thread=f"t{at}"))
    elif what == "elsewhere":
        world.take("shop", our_post(f"e{at}", "42", NOW - 2 * HOUR + at))
    elif what == "answer":
        world.deliver(world.inbox.reply(case, "Yes."))
    elif what == "note":
        world.inbox.note(case, "noted")
    elif what == "done" and world.inbox.case(case).row.state != "done":
        world.inbox.done(case)


_ACTS = st.lists(st.sampled_from(("merge12", "merge23", "merge31", "persons", "split", "apart")), max_size=3)


def _do(world: World, name: str, known: tuple[int, ...]) -> Done | None:
    try:
        if name.startswith("merge"):
            return act(world, merging.merge, [known[int(digit) - 1] for digit in name[5:]])
        whole = person_of(world, known[0])
        if name == "persons":
            return act(world, merging.merge_persons, [whole, person_of(world, known[1])])
        case = world.inbox.case(known[0])
        if name == "split":
            own = [one.id for one in case.threads if one.case == case.row.id]
            return act(world, merging.split, case.row.id, own[-1:])
        return act(world, merging.split_person, whole, [one.id for one in case.identities][-1:])
    except (NothingToDo, UsageError):
        return None


@given(_ACTS, st.lists(st.sampled_from(_TOUCHES), max_size=3))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_undone_one_after_the_other_every_table_is_as_it_was(acts: list[str], before: list[str]) -> None:
    with temporary_world() as world:
        known = three(world)
        for at, what in enumerate(before):
            _between(world, what, at)
        dumps = []
        for name in acts:
            stood = dump(world.store)
            done = _do(world, name, known)
            check_views(world)
            check_clocks(world)
            if done is not None:
                dumps.append((done, stood))
        for done, stood in reversed(dumps):
            undo(world, done.event)
            same(world, stood)
            check_views(world)
            check_clocks(world)


@given(_ACTS, st.lists(st.sampled_from(_TOUCHES), max_size=4), st.randoms())
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_undone_in_any_order_the_books_are_right(acts: list[str], between: list[str], chance: Any) -> None:
    with temporary_world() as world:
        known = three(world)
        events = []
        todo = list(between)
        for at, name in enumerate(acts):
            done = _do(world, name, known)
            events += [done.event] if done else []
            if todo:
                _between(world, todo.pop(), at)
        chance.shuffle(events)
        for at, event in enumerate(events):
            undo(world, event)
            check_views(world)
            check_clocks(world)
            if todo:
                _between(world, todo.pop(), 10 + at)
        check_views(world)
        check_clocks(world)
        stored = {row[0] for row in world.db.execute("SELECT id FROM messages WHERE case_id IS NOT NULL")}
        shown = {m.id for case in world.case_ids() for m in world.inbox.case(case).timeline}
        assert stored <= shown
