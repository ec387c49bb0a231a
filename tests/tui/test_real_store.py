"""The interface on the real inbox and a real store: written, answered, sent, and kept through a kill."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from inbox_tui.model import Capabilities, CaseState, LengthRule, ReplyKind, ReplyState
from inbox_tui.store import accounts
from inbox_tui.tui.app import InboxApp
from tests.casework.world import NOW, World, comment, mail, post, temporary_world
from tests.tui.driver import WIDE, Driver
from tests.tui.fake import MINUTE

LETTERS = LengthRule.CHARACTERS
PAGE = Capabilities(
    public=True,
    length_rule=LETTERS,
    max_length=8000,
    private_window=7 * 24 * 60 * MINUTE,
    privately=Capabilities(public=False, length_rule=LETTERS, max_length=2000, reply_window=24 * 60 * MINUTE),
)


def drive_world(world: World, steps: Callable[[Driver], Awaitable[None]]) -> None:
    async def go() -> None:
        app = InboxApp(world.inbox, world.config)
        async with app.run_test(size=WIDE) as pilot:
            driver = Driver(app, pilot)
            await driver.settle()
            await steps(driver)

    asyncio.run(go())


def waiting(world: World, case: int) -> bool:
    return world.inbox.case(case).row.state is CaseState.WAITING


def test_an_answer_stops_the_clock_when_it_is_delivered() -> None:
    async def steps(d: Driver) -> None:
        await d.see("@shop hello?", "2 waiting", "waits 40 min")
        await d.press("r")
        await d.see("Reply on X to @ada")
        await d.type("Hello Ada")
        await d.press("ctrl+s")
        await d.see("sending in 8 s", "queued · public")
        (reply,) = world.inbox.outbox()
        assert reply.text == "Hello Ada"
        assert waiting(world, case)
        world.now += 8000
        world.deliver(reply)
        await d.see("Sent on X to @ada.", "sent ✓ · public", "1 waiting")
        assert not waiting(world, case)

    with temporary_world() as world:
        world.take("shop", post("1", "ada", NOW - 40 * MINUTE, "@shop hello?"))
        world.take("mail", mail(1, "bo@ex.example", NOW - 5 * MINUTE, "Where is it?", subject="My parcel"))
        case = world.case_of("1")
        drive_world(world, steps)


def test_news_of_another_process_appears() -> None:
    async def steps(d: Driver) -> None:
        await d.see("Nobody waits.")
        world.take("mail", mail(1, "bo@ex.example", NOW - 5 * MINUTE, "Where is it?", subject="My parcel"))
        await d.see("My parcel", "Where is it?", "1 waiting")

    with temporary_world() as world:
        drive_world(world, steps)


def test_a_draft_survives_the_end_of_the_program() -> None:
    async def write(d: Driver) -> None:
        await d.see("@shop hello?")
        await d.press("r")
        await d.type("half a sentence")
        await d.until(lambda: [draft.text for draft in world.inbox.drafts(case)] == ["half a sentence"])

    async def go_on(d: Driver) -> None:
        await d.see("a draft is kept")
        await d.press("r")
        await d.see("half a sentence")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")
        await d.press("u")
        await d.see("half a sentence", "Ctrl+S send")
        assert [reply.state for reply in world.inbox.outbox(all=True)] == [ReplyState.DRAFT]

    with temporary_world() as world:
        world.take("shop", post("1", "ada", NOW - 40 * MINUTE, "@shop hello?"))
        case = world.case_of("1")
        drive_world(world, write)
        drive_world(world, go_on)


def test_done_and_reopen() -> None:
    async def steps(d: Driver) -> None:
        await d.see("@shop hello?")
        await d.press("e")
        await d.see("ada: done", "0 waiting")
        await d.press("E")
        await d.see("ada: open again", "1 waiting")
        await d.press("n")
        await d.type("call back")
        await d.press("ctrl+s")
        await d.see("Noted.", "┊ call back")

    with temporary_world() as world:
        world.take("shop", post("1", "ada", NOW - 40 * MINUTE, "@shop hello?"))
        drive_world(world, steps)


def test_a_thread_that_takes_no_reply_says_why() -> None:
    async def steps(d: Driver) -> None:
        await d.see("@shop hello?")
        await d.press("r")
        await d.see("! the app was not mentioned")

    with temporary_world() as world:
        closed = replace(
            post("1", "ada", NOW - 40 * MINUTE, "@shop hello?"),
            can_reply=False,
            why_not="the app was not mentioned",
        )
        world.take("shop", closed)
        drive_world(world, steps)


def test_a_comment_is_answered_privately_and_so_it_says_everywhere() -> None:
    async def steps(d: Driver) -> None:
        await d.press("R")
        await d.see("public", "privately to the author of this comment, once", "until Thu 10 Oct")
        await d.press("j", "enter")
        await d.see("Privately to @ada", "private", "2000 left")
        await d.type("Your number, please?")
        await d.press("escape")
        await d.see("Draft kept.")
        await d.press("r")
        await d.see("PUBLIC", "8000 left")
        await d.press("escape", "R", "j")
        await d.see("a draft is kept")
        await d.press("enter")
        await d.see("1980 left")
        await d.press("ctrl+s")
        await d.see("queued · private")
        (reply,) = world.inbox.outbox()
        assert (reply.kind, reply.text) == (ReplyKind.PRIVATE, "Your number, please?")

    with temporary_world() as world:
        with world.store.write("can") as db:
            accounts.set_capabilities(db, world.accounts["page"], PAGE)
        world.take("page", replace(comment("c1", "ada", NOW - MINUTE), private_reply=True))
        drive_world(world, steps)


def test_a_closed_conversation_is_seen_before_a_letter_is_written() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("Facebook takes a private answer only within 24 hours")
        await d.press("R")
        await d.see("! Facebook takes a private answer only within 24 hours")

    with temporary_world() as world:
        with world.store.write("can") as db:
            accounts.set_capabilities(db, world.accounts["page"], PAGE)
        talk = replace(comment("c1", "ada", NOW - 30 * 60 * MINUTE), public=False, endless=True)
        world.take("page", talk)
        drive_world(world, steps)
