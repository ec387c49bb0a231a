"""Persons by keys, on the real inbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inbox_tui.desk.clock import HOUR
from tests.casework.test_kinship import called, look
from tests.casework.world import NOW, World, mail, post, temporary_world
from tests.tui.driver import Driver
from tests.tui.test_real_store import drive_world


@pytest.fixture
def world() -> Iterator[World]:
    with temporary_world() as one:
        one.take(
            "mail", called(mail(1, "hajo@brandt.example", NOW - 9 * HOUR, subject="SIM lock"), "Hajo Brandt")
        )
        said = "@shop my mail is from hajo@brandt.example"
        one.take("shop", called(post("p1", "42", NOW - HOUR, said), "Hajo", "@hajo"))
        look(one)
        yield one


def cases(world: World) -> tuple[int, int]:
    return world.case_of("INBOX/1/1"), world.case_of("p1")


def test_one_key_accepts_what_the_case_proposes_and_one_takes_it_back(world: World) -> None:
    async def steps(d: Driver) -> None:
        await d.see("2 waiting", "same person as Hajo? y yes  Y no", "same person?  1")
        await d.press("y")
        await d.see("One person, one case", "1 waiting", "2 channels")
        assert len(set(cases(world))) == 1
        await d.press("u")
        await d.see("Undone: accept of 2 cases.", "2 waiting")
        assert len(set(cases(world))) == 2

    drive_world(world, steps)


def test_one_key_declines_for_good(world: World) -> None:
    async def steps(d: Driver) -> None:
        await d.see("same person as Hajo?")
        await d.press("Y")
        await d.see("They stay two")
        await d.until(lambda: "same person as" not in d.text())
        await d.press("y")
        await d.see("Nothing says that this person is another one")

    drive_world(world, steps)


def test_all_proposals_stand_in_a_list_with_what_speaks_for_them(world: World) -> None:
    async def steps(d: Driver) -> None:
        await d.see("2 waiting")
        await d.press("M")
        await d.see("all but certain", "hajo@brandt.example")
        await d.press("y")
        await d.see("They are one person now", "Nobody may be somebody else")
        await d.press("escape")
        await d.see("1 waiting")

    drive_world(world, steps)


def test_merge_asks_for_another_case_the_likely_one_first(world: World) -> None:
    async def steps(d: Driver) -> None:
        await d.see("2 waiting", "SIM lock")
        await d.press("m")
        await d.see("Merge with", "same person? x")
        await d.press("enter")
        await d.see("took in case", "and their persons are one", "1 waiting")

    drive_world(world, steps)


def test_marked_cases_are_merged_at_once(world: World) -> None:
    async def steps(d: Driver) -> None:
        await d.see("2 waiting")
        await d.press("asterisk")
        await d.press("m")
        await d.see("took in case", "1 waiting")

    drive_world(world, steps)


def test_threads_are_split_off(world: World) -> None:
    world.inbox.people.merge(cases(world))

    async def steps(d: Driver) -> None:
        await d.see("1 waiting", "2 channels")
        await d.press("S")
        await d.see("Split off threads", "hajo@brandt.example")
        await d.press("down", "enter")
        await d.see("is new · u undoes", "2 waiting")
        assert len(set(cases(world))) == 2

    drive_world(world, steps)


def test_an_identity_is_taken_away_from_a_person_and_given_back(world: World) -> None:
    mailed, posted = cases(world)
    people = world.inbox.people
    owner = people.merge_persons([world.inbox.case(one).row.person.id for one in (mailed, posted)]).person

    def persons() -> set[int]:
        return {world.inbox.rows([one])[one].person.id for one in (mailed, posted)}

    async def steps(d: Driver) -> None:
        await d.see("2 waiting")
        await d.press("i")
        await d.see("Hajo Brandt", f"case {mailed}", f"case {posted}")
        await d.press("S")
        await d.see("what is somebody else's?", "hajo@brandt.example", "@hajo")
        await d.press("x", "x")
        await d.press("enter")
        await d.see("at least one identity must go and one must stay")
        await d.press("g", "x", "enter")
        await d.see("is new · u in the inbox undoes", f"case {mailed}")
        await d.until(lambda: f"case {posted} " not in d.text())
        assert len(persons()) == 2
        await d.press("S")
        await d.see("He has one identity alone")
        await d.press("escape", "u")
        await d.see("Undone: split person")
        assert persons() == {owner}

    drive_world(world, steps)


def test_a_supporter_is_shown_and_one_key_makes_it_a_matter_of_his_own() -> None:
    with temporary_world() as world:
        world.take("shop", post("h1", "hajo", NOW - 5 * HOUR, thread="h1:hajo", root="h1"))
        for who in ("mirja", "tobi"):
            above = {"root": "h1", "in_reply_to": "h1"}
            world.take("shop", post(who, who, NOW - HOUR, "Answer him!", thread=f"h1:{who}", **above))

        async def steps(d: Driver) -> None:
            await d.see("1 waiting", "2 supporters", "Answer him!", "mirja  @mirja  supporter")
            await d.press("r")
            await d.see("to @hajo")
            await d.press("escape", "escape", "O")
            await d.see("A matter of his own has", "tobi")
            await d.type("tobi")
            await d.press("enter")
            await d.see("is new, a matter of his own · u undoes", "1 supporter", "2 waiting")
            await d.press("O")
            await d.see("3 waiting")
            await d.press("O")
            await d.see("Nobody else writes in this case")

        drive_world(world, steps)
        assert len({world.case_of(one) for one in ("h1", "mirja", "tobi")}) == 3


def test_a_call_is_logged_in_a_line(world: World) -> None:
    async def steps(d: Driver) -> None:
        await d.see("2 waiting", "SIM lock")
        await d.press("c")
        await d.see("answered", "somebody else")
        await d.press("enter")
        await d.see("What was said")
        await d.type("told him it is off")
        await d.press("enter")
        await d.see("Call of Hajo Brandt logged: answered", "1 waiting")

    drive_world(world, steps)


def test_a_person_s_page_shows_cases_calls_and_notes(world: World) -> None:
    mailed, posted = cases(world)
    people = world.inbox.people
    people.merge_persons([world.inbox.case(one).row.person.id for one in (mailed, posted)])
    world.inbox.note(posted, "SIM swapped in May")

    async def steps(d: Driver) -> None:
        await d.see("2 waiting")
        await d.press("i")
        await d.see("Hajo Brandt", f"case {mailed}", f"case {posted}", "SIM swapped in May")
        await d.press("G", "enter")
        await d.see(f"case {posted} ")

    drive_world(world, steps)
