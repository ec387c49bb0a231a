"""Promises, due times in the store, how a case ends, snoozing again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_tui.casework import office, triage
from inbox_tui.config import Config, OfficeConfig
from inbox_tui.config.records import DAYS
from inbox_tui.errors import UsageError
from inbox_tui.model import CaseRow, Ending, Priority
from inbox_tui.records import replace
from inbox_tui.store import cases
from tests.casework.world import NOW, World, check_clocks, check_views, fresh_store, post

MINUTE, HOUR = 60_000, 3_600_000
ALWAYS = OfficeConfig(zone="UTC", **dict.fromkeys(DAYS, ("00:00-24:00",)))  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    one = World(store)
    rule(one, ALWAYS)
    yield one
    check_views(one)
    check_clocks(one)
    store.close()


def rule(world: World, table: OfficeConfig) -> int:
    from datetime import UTC

    config = Config(path=None, store=world.store.path, agent="anna", office=table)
    return office.keep(world.store, office.rules_of(config, UTC, NOW))


def waiting(world: World, *ids: str) -> list[int]:
    world.take("shop", *(post(each, each, NOW - HOUR) for each in ids))
    return [world.case_of(each) for each in ids]


def shown(world: World, case: int) -> CaseRow:
    return world.inbox.rows([case])[case]


def test_a_new_case_is_due_by_its_target(world: World) -> None:
    [case] = waiting(world, "1")
    assert shown(world, case).due == NOW + 7 * HOUR
    world.inbox.triage.priority([case], Priority.URGENT)
    assert shown(world, case).due == NOW


def test_other_rules_count_every_waiting_case_anew_and_the_same_ones_none(world: World) -> None:
    one, other = waiting(world, "1", "2")
    world.inbox.triage.snooze([other], NOW + HOUR)
    assert rule(world, ALWAYS) == 0
    assert rule(world, replace(ALWAYS, normal_minutes=30)) == 2
    assert [shown(world, case).due for case in (one, other)] == [NOW - HOUR // 2] * 2
    assert rule(world, replace(ALWAYS, normal_minutes=0)) == 2
    assert shown(world, one).due is None


def test_the_queue_stands_by_due_times_and_another_order_can_be_asked_for(world: World) -> None:
    world.take("shop", post("1", "1", NOW - 2 * HOUR), post("2", "2", NOW - HOUR))
    old, urgent = world.case_of("1"), world.case_of("2")
    world.inbox.triage.priority([urgent], Priority.URGENT)
    assert [row.id for row in world.inbox.page("waiting")] == [urgent, old]
    assert [row.id for row in world.inbox.clocks.ordered("waiting", "waiting", 0)] == [old, urgent]
    assert [row.id for row in world.inbox.clocks.ordered("waiting", "due", 1)] == [urgent]
    with pytest.raises(UsageError):
        world.inbox.clocks.ordered("waiting", "luck", 0)
    assert world.inbox.overview().longest == NOW - 2 * HOUR


def test_a_promise_keeps_the_case_waiting_and_takes_the_place_of_the_due_time(world: World) -> None:
    [case] = waiting(world, "1")
    world.inbox.triage.promise([case], NOW + 2 * HOUR)
    row = shown(world, case)
    assert (row.promised, row.due, row.waiting_since) == (NOW + 2 * HOUR, NOW + 2 * HOUR, NOW - HOUR)
    world.inbox.triage.undo()
    assert (shown(world, case).promised, shown(world, case).due) == (None, NOW + 7 * HOUR)


def test_a_promise_makes_a_pending_case_wait_again(world: World) -> None:
    [case] = waiting(world, "1")
    world.inbox.done(case)
    world.inbox.triage.promise([case], NOW + HOUR)
    assert shown(world, case).waiting_since == NOW - HOUR
    world.inbox.triage.undo()
    assert shown(world, case).waiting_since is None


def test_a_promise_that_passes_is_broken_and_stands_first(world: World) -> None:
    one, other = waiting(world, "1", "2")
    world.inbox.triage.promise([other], NOW + HOUR)
    world.inbox.triage.snooze([other], NOW + 5 * HOUR)
    world.now = NOW + HOUR
    assert [row.id for row in world.inbox.page("waiting")] == [other, one]
    assert shown(world, other).broken
    assert not shown(world, other).snoozed
    with world.store.write("again") as db:
        triage.wake_due(db, world.now)
    broken = "SELECT count(*) FROM events WHERE kind = 'promise_broken'"
    assert world.db.execute(broken).fetchone()[0] == 1


def test_only_a_time_to_come_can_be_promised(world: World) -> None:
    [case] = waiting(world, "1")
    for until in (None, NOW, NOW - 1):
        with pytest.raises(UsageError):
            world.inbox.triage.promise([case], world.inbox.triage.check_promise(until))


def test_a_case_says_how_it_came_to_be_done(world: World) -> None:
    one, other = waiting(world, "1", "2")
    world.inbox.done(one)
    world.inbox.triage.done([other], thanks=True)
    assert [shown(world, case).ending for case in (one, other)] == [Ending.UNANSWERED, Ending.THANKS]
    world.take("shop", post("3", "1", NOW))
    assert shown(world, one).ending is Ending.NONE
    with world.store.reading() as db:
        assert cases.load(db, [one])[one].ending is Ending.NONE


def test_a_case_is_snoozed_again_until_the_same_time(world: World) -> None:
    [case] = waiting(world, "1")
    assert world.inbox.triage.snooze_again([case]).skipped == ((case, "it was never snoozed until a time"),)
    world.inbox.triage.snooze([case], NOW + 2 * HOUR)
    world.take("shop", post("2", "1", NOW))
    assert not shown(world, case).snoozed
    world.inbox.triage.snooze_again([case])
    assert shown(world, case).snoozed_until == NOW + 2 * HOUR
    world.now = NOW + 3 * HOUR
    world.inbox.overview()
    assert world.inbox.triage.snooze_again([case]).skipped == ((case, "that time has passed"),)
