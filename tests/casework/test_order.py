"""Pages come in any order: what one customer wrote within the time that joins it is one case in the end."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk.clock import HOUR
from inbox_tui.model import CaseState
from tests.casework.world import NOW, World, check_clocks, check_views, mail, temporary_world

WRITER = "hajo@brandt.example"


def open_cases(world: World) -> list[list[int]]:
    """For each open case the numbers of the mails in it."""
    rows = [row for row in world.inbox.page("all", limit=100) if row.state is not CaseState.DONE]
    return sorted(
        sorted(int(m.text) for m in world.inbox.case(row.id).timeline if m.text.isdigit()) for row in rows
    )


@given(
    st.lists(st.tuples(st.integers(1, 72), st.booleans()), min_size=2, max_size=7),
    st.randoms(use_true_random=False),
    st.integers(1, 3),
)
def test_letters_that_follow_each_other_are_one_case_in_whatever_order_they_come(
    gaps: list[tuple[int, bool]], chance: Random, size: int
) -> None:
    at, letters = NOW - 900 * HOUR, []
    for number, (hours, answers) in enumerate(gaps, 1):
        at += hours * HOUR
        refers = (f"<{number - 1}@brandt.example>",) if answers and number > 1 else ()
        letters.append(mail(number, WRITER, at, str(number), refs=refers))
    chance.shuffle(letters)
    with temporary_world() as world:
        for begin in range(0, len(letters), size):
            world.take("mail", *letters[begin : begin + size])
        assert open_cases(world) == [list(range(1, len(gaps) + 1))]
        check_views(world)
        check_clocks(world)


def apart(world: World) -> tuple[int, int]:
    """Two matters of one customer, 140 hours apart; the letter that stands between them is not read yet."""
    world.take("mail", mail(1, WRITER, NOW - 200 * HOUR, "1"), mail(3, WRITER, NOW - 60 * HOUR, "3"))
    return world.case_of("INBOX/1/1"), world.case_of("INBOX/1/3")


def between(world: World) -> None:
    world.take("mail", mail(2, WRITER, NOW - 130 * HOUR, "2"))


def test_one_clock_counts_from_the_first_letter_when_two_cases_turn_out_to_be_one(world: World) -> None:
    first, _ = apart(world)
    between(world)
    assert open_cases(world) == [[1, 2, 3]]
    row = world.inbox.case(first).row
    assert (row.id, row.waiting_since) == (first, NOW - 200 * HOUR)


def test_the_case_with_which_an_agent_deals_takes_in_the_other(world: World) -> None:
    first, second = apart(world)
    world.inbox.note(second, "I look into it")
    between(world)
    assert open_cases(world) == [[1, 2, 3]]
    assert world.inbox.case(first).row.id == second


def test_what_agents_hold_apart_stays_apart(world: World) -> None:
    first, second = apart(world)
    world.inbox.note(first, "This is one thing")
    world.inbox.note(second, "This is another")
    between(world)
    assert len(open_cases(world)) == 2


def test_what_is_over_joins_nothing(world: World) -> None:
    first, second = apart(world)
    world.inbox.done(second)
    between(world)
    assert open_cases(world) == [[1, 2]]
    assert world.inbox.case(first).row.id == first


def test_letters_too_far_apart_are_two_matters_also_where_one_page_brings_both(world: World) -> None:
    first, second = apart(world)
    assert first != second
