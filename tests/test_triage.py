"""Acts on cases: what they change, what undo puts back, and what the customer's next message does to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_tui.desk.clock import HOUR
from inbox_tui.errors import NotFound, NothingToDo, UsageError
from inbox_tui.inbox import Inbox
from inbox_tui.inbox.triage import Triage
from inbox_tui.model import Acted, Automatic, CaseRow, CaseState, Priority
from inbox_tui.store import triage as steps
from tests.casework.world import (
    NOW,
    World,
    check_clocks,
    check_views,
    dump,
    fresh_store,
    mail,
    our_post,
    post,
    temporary_world,
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    one = World(store)
    yield one
    check_views(one)
    check_clocks(one)
    store.close()


def waiting(world: World, who: str = "42", hours: int = 2) -> int:
    world.take("shop", post(f"p{who}", who, NOW - hours * HOUR))
    return world.case_of(f"p{who}")


def waiting_anew(world: World, who: str) -> int:
    """A case of its own, because the one before has been done for long."""
    world.take("shop", post(f"again-{who}", who, world.now, thread=f"c-again-{who}"))
    return world.case_of(f"again-{who}")


def treated(world: World, who: str) -> str:
    """What an agent said of a sender."""
    return str(world.db.execute("SELECT treated FROM identities WHERE value = ?", (who,)).fetchone()[0])


def row(world: World, case: int) -> CaseRow:
    return world.inbox.rows([case])[case]


def view(world: World, name: str) -> list[int]:
    return [each.id for each in world.inbox.page(name)]


def other(world: World) -> Inbox:
    """Another agent at the same desk."""
    return Inbox(world.store, replace(world.config, agent="ben"), lambda: world.now)


# -- the acts


def test_whose_case_it_is(world: World) -> None:
    case = waiting(world)
    assert view(world, "unassigned") == [case]
    world.inbox.triage.assign([case], "lena")
    assert row(world, case).assignee == "lena"
    assert (view(world, "mine"), view(world, "unassigned"), view(world, "waiting")) == ([case], [], [case])
    assert [each.id for each in other(world).page("mine")] == []
    assert world.inbox.triage.assign([case], "lena").skipped == ((case, "lena has it already"),)
    world.inbox.triage.assign([case], "")
    assert view(world, "unassigned") == [case]
    assert world.inbox.triage.agents() == ("lena",)


def test_tags_are_words_known_to_completion(world: World) -> None:
    first, second = waiting(world), waiting(world, "43")
    world.inbox.triage.tag([first, second], ["#Refund", "urgent"])
    world.inbox.triage.tag([first], remove=["urgent"])
    assert (row(world, first).tags, row(world, second).tags) == (("refund",), ("refund", "urgent"))
    assert world.inbox.triage.tags() == ("refund", "urgent")
    for bad in ("", "two words", "a,b", "x" * 41, '"'):
        with pytest.raises(UsageError, match="cannot be a tag"):
            world.inbox.triage.tag([first], [bad])


def test_a_snoozed_case_is_out_of_the_queue_until_its_time_and_never_out_of_the_count(world: World) -> None:
    case = waiting(world)
    world.inbox.triage.snooze([case], NOW + HOUR)
    assert (view(world, "waiting"), view(world, "snoozed")) == ([], [case])
    assert world.inbox.overview().waiting == 1
    world.now = NOW + HOUR
    assert (view(world, "waiting"), view(world, "snoozed")) == ([case], [])
    assert row(world, case).waiting_since == NOW - 2 * HOUR


def test_what_the_customer_writes_ends_a_snooze(world: World) -> None:
    case = waiting(world)
    world.inbox.triage.snooze([case], None)
    world.take("shop", post("again", "42", NOW))
    assert (row(world, case).snoozed, view(world, "waiting")) == (False, [case])


def test_a_snooze_into_the_past_and_of_a_done_case_is_refused(world: World) -> None:
    case = waiting(world)
    with pytest.raises(UsageError, match="has passed"):
        world.inbox.triage.snooze([case], NOW)
    world.inbox.triage.snooze([case], None)
    world.inbox.done(case)
    assert not row(world, case).snoozed
    assert world.inbox.triage.snooze([case], NOW + 1).skipped == ((case, "it is done"),)
    assert world.inbox.triage.wake([case]).skipped == ((case, "it is not snoozed"),)


def test_spam_is_remembered_by_its_sender(world: World) -> None:
    case = waiting(world)
    world.inbox.triage.spam([case])
    assert (view(world, "waiting"), view(world, "spam"), world.inbox.overview().waiting) == ([], [case], 0)
    world.inbox.done(case)
    world.now += 60 * 24 * HOUR
    world.take("shop", post("later", "42", world.now, thread="c-new"))
    assert row(world, world.case_of("later")).spam
    world.inbox.triage.spam([world.case_of("later")], yes=False)
    world.take("shop", post("last", "42", world.now + 1, thread="c-newer"))
    assert not row(world, world.case_of("last")).spam


def test_a_wrong_guess_is_mended_and_remembered(world: World) -> None:
    world.take("mail", mail(1, "shop@list.example", NOW - HOUR, automatic=Automatic.BULK))
    case = world.case_of("INBOX/1/1")
    assert view(world, "automatic") == [case]
    world.inbox.triage.automatic([case], yes=False)
    assert (view(world, "automatic"), view(world, "waiting")) == ([], [case])
    world.take("mail", mail(2, "shop@list.example", NOW, automatic=Automatic.BULK))
    assert row(world, case).messages == 1
    assert not row(world, world.case_of("INBOX/1/2")).automatic


def test_what_a_person_seemed_to_write_can_be_a_machine_s(world: World) -> None:
    world.take("mail", mail(1, "robot@x.example", NOW - HOUR))
    case = world.case_of("INBOX/1/1")
    world.inbox.triage.automatic([case], yes=True)
    assert (view(world, "automatic"), row(world, case).waiting_since) == ([case], None)
    world.take("mail", mail(2, "robot@x.example", NOW))
    assert row(world, world.case_of("INBOX/1/2")).waiting_since is None
    # Its bounces stay bounces, whatever was said of it.
    world.inbox.triage.automatic([case], yes=False)
    world.inbox.done(case)
    world.take("mail", mail(3, "robot@x.example", NOW, automatic=Automatic.BOUNCE))
    assert row(world, world.case_of("INBOX/1/3")).waiting_since is None


def test_an_act_on_many_says_which_it_left_alone(world: World) -> None:
    first, second = waiting(world), waiting(world, "43")
    world.inbox.done(second)
    acted = world.inbox.triage.done([first, second, first])
    assert acted == Acted("done", (first,), ((second, "it is done already"),))
    with pytest.raises(NotFound):
        world.inbox.triage.priority([first, 999], Priority.HIGH)
    assert row(world, first).priority is Priority.NORMAL


# -- undo


def test_undo_goes_back_step_by_step_and_never_touches_another_agent_s_act(world: World) -> None:
    first, second = waiting(world), waiting(world, "43")
    triage = world.inbox.triage
    triage.tag([first, second], ["refund"])
    triage.done([first, second])
    other(world).triage.priority([first], Priority.URGENT)
    undone = triage.undo()
    assert (undone.act, undone.cases) == ("done", (first, second))
    assert row(world, first).state is CaseState.WAITING
    assert triage.undo().act == "tag"
    assert row(world, second).tags == ()
    with pytest.raises(NothingToDo, match="no act of yours"):
        triage.undo()
    assert row(world, first).priority is Priority.URGENT


def test_what_was_written_since_the_last_act_is_known(world: World) -> None:
    case = waiting(world)
    triage, inbox = world.inbox.triage, world.inbox
    assert triage.lasting() is None
    inbox.note(case, "before it")
    triage.tag([case], ["refund"])
    assert triage.lasting() is None
    other(world).note(case, "somebody else's")
    assert triage.lasting() is None
    for kind, write in (
        ("note", lambda: inbox.note(case, "what he said")),
        ("call", lambda: inbox.people.call("", "what he said", answered=False, case=case)),
        ("goodwill", lambda: inbox.people.goodwill(case, "5 EUR", "for the wait")),
        ("queued", lambda: inbox.reply(case, "Hello")),
    ):
        write()
        found = triage.lasting()
        assert found is not None and (found.kind, found.case) == (kind, case)
    inbox.take_back()
    assert triage.lasting() is None
    assert triage.undo().act == "tag"


def test_what_was_changed_since_is_not_undone_and_undo_goes_on(world: World) -> None:
    first, second = waiting(world), waiting(world, "43")
    triage = world.inbox.triage
    triage.assign([second], "lena")
    triage.done([first])
    world.take("shop", post("again", "42", NOW))
    with pytest.raises(NothingToDo, match=f"case {first} is not undone"):
        triage.undo()
    assert row(world, first).waiting_since == NOW
    assert triage.undo().act == "assign"


def test_undoing_spam_forgets_the_sender_again(world: World) -> None:
    case = waiting(world)
    world.inbox.triage.spam([case])
    world.inbox.triage.undo()
    world.take("shop", post("again", "42", NOW))
    assert (row(world, case).spam, view(world, "waiting")) == (False, [case])


def test_a_customer_who_was_answered_since_is_not_made_to_wait_by_undo(world: World) -> None:
    here, elsewhere = waiting(world), waiting(world, "43")
    reply = world.inbox.reply(here, "It is on its way.")
    world.now += 1
    world.inbox.triage.done([here])
    world.inbox.triage.done([elsewhere])
    world.deliver(reply)
    world.take("shop", our_post("ours", "43", NOW - HOUR))
    for case in (elsewhere, here):
        with pytest.raises(NothingToDo, match=f"case {case} is not undone: the customer was answered"):
            world.inbox.triage.undo()
        assert row(world, case).waiting_since is None


def test_what_another_agent_set_to_the_same_value_is_his(world: World) -> None:
    case = waiting(world)
    world.inbox.triage.assign([case], "anna")
    other(world).triage.assign([case], "carol")
    other(world).triage.assign([case], "anna")
    with pytest.raises(NothingToDo, match="changed since"):
        world.inbox.triage.undo()
    assert row(world, case).assignee == "anna"


def test_what_another_agent_undid_himself_stands_in_nobody_s_way(world: World) -> None:
    case = waiting(world)
    world.inbox.triage.assign([case], "anna")
    other(world).triage.assign([case], "carol")
    other(world).triage.undo()
    world.inbox.triage.undo()
    assert row(world, case).assignee == ""


@pytest.mark.parametrize("his", ["spam", "machine"])
def test_what_another_agent_said_of_the_same_sender_stays(world: World, his: str) -> None:
    first = waiting(world)
    world.inbox.done(first)
    world.now += 60 * 24 * HOUR
    second = waiting_anew(world, "42")
    assert second != first
    world.inbox.triage.spam([first])
    _ACTS[his](other(world).triage, [second])
    with pytest.raises(NothingToDo, match="what is said of its sender"):
        world.inbox.triage.undo()
    assert treated(world, "42") == ("spam" if his == "spam" else "automatic")


def test_an_act_on_a_case_that_is_gone_does_not_stop_the_undoing(world: World) -> None:
    first, second = waiting(world), waiting(world, "43")
    world.inbox.triage.tag([first], ["refund"])
    world.inbox.triage.tag([second], ["refund"])
    with world.store.write("test") as db:
        number, detail = steps.last_step(db, "lena") or (0, {})
        detail["changes"][0]["case"] = 999
        db.execute("UPDATE events SET detail = ? WHERE id = ?", (json.dumps(detail), number))
    with pytest.raises(NothingToDo, match="is gone"):
        world.inbox.triage.undo()
    assert world.inbox.triage.undo().cases == (first,)


def test_a_case_that_is_done_or_reopened_is_snoozed_no_more(world: World) -> None:
    answered, reopened = waiting(world), waiting(world, "43")
    world.inbox.triage.snooze([answered], NOW + HOUR)
    world.deliver(world.inbox.reply(answered, "It is on its way.", done=True))
    assert (row(world, answered).state, row(world, answered).snoozed) == (CaseState.DONE, False)
    world.deliver(world.inbox.reply(reopened, "Which size?"))
    world.inbox.triage.snooze([reopened], None)
    world.inbox.reopen(reopened)
    assert view(world, "waiting") == [reopened]


def test_agents_who_sorted_a_case_are_known_to_completion(world: World) -> None:
    case = waiting(world)
    other(world).triage.assign([case], "anna")
    assert world.inbox.triage.agents() == ("lena", "anna", "ben")


_ACTS: dict[str, Callable[[Triage, list[int]], Any]] = {
    "assign": lambda t, c: t.assign(c, "lena"),
    "unassign": lambda t, c: t.assign(c, ""),
    "tag": lambda t, c: t.tag(c, ["a", "b"]),
    "untag": lambda t, c: t.tag(c, ["c"], ["a"]),
    "snooze": lambda t, c: t.snooze(c, NOW + 90 * 24 * HOUR),
    "doze": lambda t, c: t.snooze(c, None),
    "wake": lambda t, c: t.wake(c),
    "priority": lambda t, c: t.priority(c, Priority.LOW),
    "spam": lambda t, c: t.spam(c),
    "ham": lambda t, c: t.spam(c, yes=False),
    "machine": lambda t, c: t.automatic(c, yes=True),
    "person": lambda t, c: t.automatic(c, yes=False),
    "done": lambda t, c: t.done(c),
    "reopen": lambda t, c: t.reopen(c),
}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(_ACTS)), st.sets(st.integers(0, 2), min_size=1)), max_size=8)
)
def test_whatever_was_done_undo_puts_everything_back(acts: list[tuple[str, set[int]]]) -> None:
    with temporary_world() as world:
        known = [waiting(world, who) for who in ("42", "43", "44")]
        world.inbox.done(known[2])
        # This first act is history: undo must not go behind it.
        before = dump(world.store)
        steps = 0
        for name, places in acts:
            acted = _ACTS[name](world.inbox.triage, [known[place] for place in sorted(places)])
            steps += bool(acted.cases)
            check_views(world)
            check_clocks(world)
        for _ in range(steps):
            world.inbox.triage.undo()
        after = dump(world.store)
        for table in before.keys() - {"events"}:
            kept = [line for line in after[table] if table != "counts" or line[1]]
            assert kept == [line for line in before[table] if table != "counts" or line[1]], table


_SHOWN = (
    *("state", "automatic", "waiting_since", "assignee", "tags", "priority"),
    *("snoozed", "snoozed_until", "spam"),
)
_OF_SENDERS = ("spam", "ham", "machine", "person")


def shown(world: World, case: int) -> dict[str, Any]:
    found = row(world, case)
    return {name: getattr(found, name) for name in _SHOWN}


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(sorted(_ACTS)), st.sets(st.integers(0, 2), min_size=1)),
        max_size=10,
    )
)
def test_my_undoing_leaves_whatever_another_agent_did_last(
    acts: list[tuple[bool, str, set[int]]],
) -> None:
    with temporary_world() as world:
        first, third = waiting(world), waiting(world, "43")
        world.inbox.done(first)
        world.now += 60 * 24 * HOUR
        known = [first, waiting_anew(world, "42"), third]
        sender = {first: "42", known[1]: "42", third: "43"}
        # Where the other agent wrote last: the values that may stand there in the end.
        his: dict[tuple[int | str, str], list[Any]] = {}
        for mine, name, places in acts:
            desk = world.inbox if mine else other(world)
            before = {case: shown(world, case) for case in known}
            acted = _ACTS[name](desk.triage, [known[place] for place in sorted(places)])
            written: dict[tuple[int | str, str], Any] = {}
            for case in acted.cases:
                after = shown(world, case)
                written |= {(case, key): after[key] for key in after if after[key] != before[case][key]}
                if name in _OF_SENDERS:
                    written[sender[case], "treated"] = treated(world, sender[case])
            for place, value in written.items():
                if not mine:
                    his[place] = [value]
                elif place in his:
                    # My later act may have to stay; nothing older than his may come back.
                    his[place].append(value)
        for _ in range(len(acts) + 2):
            with suppress(NothingToDo):
                world.inbox.triage.undo()
            check_views(world)
            check_clocks(world)
        for (which, key), allowed in his.items():
            found = treated(world, which) if isinstance(which, str) else shown(world, which)[key]
            assert found in allowed, (which, key)
