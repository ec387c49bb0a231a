"""Cases of an agent who is not there: they are nobody's again, and nobody's act is undone by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_tui.casework import triage
from inbox_tui.desk.clock import HOUR
from inbox_tui.errors import NothingToDo
from inbox_tui.inbox import Inbox
from inbox_tui.records import replace
from inbox_tui.store import agents
from tests.casework.world import NOW, World, check_clocks, check_views, fresh_store, our_post, post

AWAY = 72 * HOUR


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    one = World(store)
    one.take("shop", post("1", "42", NOW - HOUR))
    yield one
    check_views(one)
    check_clocks(one)
    store.close()


def inbox(world: World, agent: str) -> Inbox:
    return Inbox(world.store, replace(world.config, agent=agent), lambda: world.now)


def beat(world: World, away: int = AWAY) -> None:
    """What the worker does every ten seconds."""
    with world.store.write("heartbeat") as db:
        triage.fall_back(db, world.now, away)


def owner(world: World) -> str:
    return world.inbox.rows([1])[1].assignee


def counted(world: World, agent: str) -> tuple[int, int]:
    """Cases of an agent, and those that are nobody's."""
    found = {view.key: view.count for view in inbox(world, agent).overview().views}
    return found["mine"], found["unassigned"]


def test_a_case_falls_back_when_its_owner_was_not_seen_for_long(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    assert counted(world, "ben") == (1, 0)
    world.now += AWAY - 1
    beat(world)
    assert owner(world) == "ben"
    world.now += 1
    beat(world)
    assert (owner(world), counted(world, "ben")) == ("", (0, 1))


def test_it_is_logged_as_the_programs_own_act(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.now += AWAY
    beat(world)
    row = world.db.execute("SELECT case_id, actor, detail FROM events WHERE kind = 'fell_back'").fetchone()
    assert tuple(row) == (1, "", '{"agent": "ben"}')


def test_who_is_seen_keeps_his_cases(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.now += AWAY - HOUR
    assert inbox(world, "ben").shift.here()
    world.now += HOUR
    beat(world)
    assert owner(world) == "ben"


@pytest.mark.parametrize("act", ["note", "reply", "tag"])
def test_every_act_says_that_he_is_here(world: World, act: str) -> None:
    ben = inbox(world, "ben")
    if act == "note":
        ben.note(1, "I look")
    elif act == "reply":
        ben.reply(1, "Hello")
    else:
        ben.triage.tag([1], ["vip"])
    assert agents.last_seen(world.db, "ben") == NOW


def test_it_is_written_at_most_once_a_minute(world: World) -> None:
    ben = inbox(world, "ben")
    assert ben.shift.here()
    world.now += 59_999
    assert not ben.shift.here()
    ben.note(1, "I look")
    assert agents.last_seen(world.db, "ben") == NOW
    world.now += 1
    assert ben.shift.here()
    assert agents.last_seen(world.db, "ben") == NOW + 60_000


def test_a_case_that_was_given_to_who_is_away_has_its_time(world: World) -> None:
    inbox(world, "lena").triage.assign([1], "ben")
    beat(world)
    assert owner(world) == "ben", "he was never seen, and lena knows that"
    world.now += AWAY
    beat(world)
    assert owner(world) == ""


def test_a_pending_case_falls_back_too_and_a_done_one_keeps_its_owner(world: World) -> None:
    world.take("shop", post("2", "43", NOW - HOUR))
    inbox(world, "ben").triage.assign([1, 2], "ben")
    world.take("shop", our_post("3", "42", NOW))
    inbox(world, "ben").done(2)
    world.now += AWAY
    beat(world)
    rows = world.inbox.rows([1, 2])
    assert (rows[1].assignee, rows[2].assignee) == ("", "ben")


def test_a_snoozed_case_falls_back_when_it_wakes(world: World) -> None:
    ben = inbox(world, "ben")
    ben.triage.assign([1], "ben")
    ben.triage.snooze([1], NOW + AWAY + HOUR)
    world.now += AWAY
    beat(world)
    assert owner(world) == "ben"
    world.now += HOUR
    ben.triage.wake_due()
    beat(world)
    assert owner(world) == ""


def test_zero_lets_every_case_where_it_is(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.now += 100 * AWAY
    beat(world, 0)
    assert owner(world) == "ben"


def test_undo_does_not_bring_back_an_owner_whom_the_case_has_left(world: World) -> None:
    ben = inbox(world, "ben")
    ben.triage.assign([1], "ben")
    world.now += AWAY
    beat(world)
    with pytest.raises(NothingToDo, match="changed since"):
        ben.triage.undo()
    assert owner(world) == ""


def test_undo_of_another_act_works_after_it(world: World) -> None:
    ben = inbox(world, "ben")
    ben.triage.assign([1], "ben")
    ben.triage.tag([1], ["vip"])
    world.now += AWAY
    beat(world)
    assert ben.triage.undo().act == "tag"
    assert world.inbox.rows([1])[1].tags == ()
    assert owner(world) == ""


def test_who_takes_it_then_has_it(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.now += AWAY
    beat(world)
    inbox(world, "lena").triage.assign([1], "lena")
    beat(world)
    assert (owner(world), counted(world, "lena")) == ("lena", (1, 0))


# -- handover and how the desk stands


def test_a_handover_is_what_waits_on_me_alone(world: World) -> None:
    world.take("shop", post("2", "43", NOW - HOUR), post("3", "44", NOW - HOUR))
    ben = inbox(world, "ben")
    ben.triage.assign([1, 2], "ben")
    ben.triage.snooze([2], NOW + HOUR)
    ben.save_draft(world.thread_of("1"), "Dear Mia", seen=1)
    left = ben.shift.handover()
    assert [row.id for row in left.waiting] == [1]
    assert [row.id for row in left.snoozed] == [2]
    assert [draft.text for draft in left.drafts] == ["Dear Mia"]
    assert left.unassigned == 1
    assert [row.id for row in left.nobodys] == [3], "ben is the only one who is known"
    lena = inbox(world, "lena").shift.handover()
    assert (lena.waiting, lena.nobodys, lena.unassigned) == ((), (), 1)


def test_a_pending_case_of_mine_waits_on_nobody(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.take("shop", our_post("3", "42", NOW))
    assert inbox(world, "ben").shift.handover().waiting == ()


def test_the_longest_wait_for_monitoring_counts_snoozed_cases(world: World) -> None:
    world.take("shop", post("2", "43", NOW - 5 * HOUR))
    world.inbox.triage.snooze([2], NOW + HOUR)
    standing = world.inbox.shift.standing()
    assert (standing.waiting, standing.longest) == (2, NOW - 5 * HOUR)
    assert world.inbox.overview().waiting == 2, "the header counts it, too"


def test_whoever_opens_a_list_finds_the_cases_of_one_who_is_gone(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.now += AWAY - 1
    assert inbox(world, "lena").page("unassigned") == ()
    world.now += 1
    assert [row.id for row in inbox(world, "lena").page("unassigned")] == [1]
    assert owner(world) == ""


def test_who_comes_back_and_opens_a_list_keeps_his_own(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.now += 2 * AWAY
    assert [row.id for row in inbox(world, "ben").page("mine")] == [1]


def test_owner_away_hours_of_nought_lets_nobody_go(world: World) -> None:
    inbox(world, "ben").triage.assign([1], "ben")
    world.now += 9 * AWAY
    config = replace(world.config, agent="lena", desk=replace(world.config.desk, owner_away_hours=0))
    Inbox(world.store, config, lambda: world.now).overview()
    assert owner(world) == "ben"
