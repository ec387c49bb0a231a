"""Our own posts: counted while people wait, and with what is owed under each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_tui.desk.clock import HOUR
from inbox_tui.model import Author, Direction, Incoming, Kind
from inbox_tui.records import replace
from tests.casework.world import NOW, World, comment, fresh_store, post


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    yield World(store)
    store.close()


def published(id: str, at: int) -> Incoming:
    page = Author("facebook", "1", "Shop")
    return Incoming(id, "", page, Direction.OUT, "New phones!", at, kind=Kind.POST, public=True)


def under(parent: str, id: str, who: str, at: int = NOW) -> Incoming:
    return replace(comment(id, who, at), context=parent)


def unanswered(world: World, external: str) -> list[int]:
    case = world.inbox.case(world.case_of(external))
    return [one.unanswered for one in case.timeline if one.kind is Kind.POST]


def test_a_post_counts_the_comments_of_all_customers_that_are_owed_an_answer(world: World) -> None:
    world.take("page", published("p", NOW - HOUR), published("q", NOW - HOUR))
    world.take("page", under("p", "a", "7"), under("p", "b", "8"), under("q", "c", "9"))
    assert unanswered(world, "a") == [2]
    assert unanswered(world, "c") == [1]
    world.inbox.done(world.case_of("b"))
    assert unanswered(world, "a") == [1]
    assert unanswered(world, "b") == [1], "an answered customer's case shows who else waits"


def test_several_comments_of_one_customer_count_each(world: World) -> None:
    world.take("page", published("p", NOW - HOUR))
    world.take("page", under("p", "a", "7", NOW - 2), under("p", "a2", "7", NOW - 1))
    assert unanswered(world, "a") == [2]


def test_posts_count_since_the_longest_wait_began(world: World) -> None:
    world.take("shop", post("1", "42", NOW - 5 * HOUR))
    world.take("page", published("p", NOW - 6 * HOUR), published("q", NOW - HOUR), published("r", NOW))
    assert world.inbox.overview().posts == 2
    assert world.inbox.shift.standing().posts == 2
    world.inbox.done(world.case_of("1"))
    assert world.inbox.overview().posts == 0, "nobody waits"
