"""H in the interface: the ways and why one is closed, the letter, what came of it in the case."""

from __future__ import annotations

from inbox_tui.desk.handoff import codes
from inbox_tui.model import CaseState, Destination, ReplyState
from tests.casework.test_handoff import dm, hand_off
from tests.casework.world import NOW, World, mail, post, temporary_world
from tests.tui.driver import Driver
from tests.tui.fake import HOUR, MINUTE
from tests.tui.test_real_store import drive_world


def on_x(world: World) -> int:
    world.take("shop", post("1", "ada", NOW - HOUR, "@shop hello?"))
    return world.case_of("1")


def drafts(world: World) -> int:
    return sum(reply.state is ReplyState.DRAFT for reply in world.inbox.outbox(all=True))


def test_he_is_asked_and_the_case_rests_until_he_comes() -> None:
    async def steps(d: Driver) -> None:
        await d.press("H")
        await d.see("go on?", "Mail", "A direct message on X", "Messenger")
        await d.press("j", "enter")
        await d.see("Hand-off, on X to @ada", "asks him to go on by direct message on X", "with H-")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")
        (reply,) = world.inbox.outbox()
        assert reply.handoff == "x-dm"
        world.now += 8000
        world.deliver(reply)
        await d.see("handed off, waits", "hand-off to a direct message on X", "1 hand-off")
        assert world.inbox.case(case).row.state is CaseState.PENDING
        world.take("shop", dm("2", "ada", world.now + 1, f"Here I am: {codes(reply.text)[0]}"))
        await d.see("arrived with the code of the hand-off", "1 waiting")

    with temporary_world() as world:
        case = on_x(world)
        drive_world(world, steps)


def test_a_stranger_who_comes_with_the_code_is_named_so() -> None:
    async def steps(d: Driver) -> None:
        await d.see("arrived with the code of the hand-off, not", "known to be the customer")

    with temporary_world() as world:
        world.take("shop", dm("1", "ada", NOW - HOUR))
        code = hand_off(world, world.case_of("1"), Destination.EMAIL)
        world.take("mail", mail(1, "wife@ex.example", NOW + MINUTE, code))
        drive_world(world, steps)


def test_a_way_that_is_closed_says_why_before_a_word_is_written() -> None:
    async def steps(d: Driver) -> None:
        await d.press("H")
        await d.see("closed", "He takes none")
        await d.press("G", "enter")
        await d.see("He takes none.", "H shows what is open")
        assert drafts(world) == 0

    with temporary_world() as world:
        on_x(world)
        world.take("shop", dm("2", "ada", NOW - HOUR, can_reply=False, why_not="he takes none"))
        drive_world(world, steps)


def test_whoever_leaves_it_as_it_began_leaves_nothing() -> None:
    async def steps(d: Driver) -> None:
        await d.press("H", "enter")
        await d.see("asks him to go on by mail")
        await d.press("escape")
        await d.see("Nothing was written, nothing is kept.")
        await d.until(lambda: drafts(world) == 0)
        await d.press("r")
        await d.see("Reply on X to @ada")

    with temporary_world() as world:
        on_x(world)
        drive_world(world, steps)


def test_what_was_added_is_kept_and_goes_on_as_a_hand_off() -> None:
    async def steps(d: Driver) -> None:
        await d.press("H", "enter")
        await d.see("asks him to go on by mail")
        await d.type("Sorry. ")
        await d.press("escape")
        await d.see("Draft kept.")
        await d.press("r")
        await d.see("Hand-off, on X to @ada", "Sorry.")

    with temporary_world() as world:
        on_x(world)
        drive_world(world, steps)


def test_a_second_one_asks_first() -> None:
    async def steps(d: Driver) -> None:
        await d.press("4")
        await d.see("handed off, waits")
        await d.press("H")
        await d.see("go on?", "handed off to mail")
        await d.press("j", "enter")
        await d.see("he was asked to go on by mail")
        await d.press("ctrl+s")
        await d.see("Ctrl+S again sends")
        assert world.inbox.outbox() == ()
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    with temporary_world() as world:
        hand_off(world, on_x(world), Destination.EMAIL)
        drive_world(world, steps)


def test_without_the_code_it_goes_out_as_an_answer_after_a_yes() -> None:
    async def steps(d: Driver) -> None:
        await d.press("H", "enter")
        await d.see("asks him to go on by mail")
        area = d.app.focused
        area.text = "It is off."  # type: ignore[union-attr]
        await d.see("the code is not in the text any more")
        await d.press("ctrl+s", "ctrl+s")
        await d.see("sending in 8 s")
        (reply,) = world.inbox.outbox()
        assert reply.handoff == ""

    with temporary_world() as world:
        on_x(world)
        drive_world(world, steps)


def test_he_who_never_came_is_back_and_the_case_says_so() -> None:
    async def steps(d: Driver) -> None:
        await d.see("1 waiting", "hand-off to mail, never arrived: back")

    with temporary_world() as world:
        hand_off(world, on_x(world), Destination.EMAIL)
        world.now += 49 * HOUR
        drive_world(world, steps)
