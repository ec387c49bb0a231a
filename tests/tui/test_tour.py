"""The first minute: each line goes on when the thing was done, and nobody is held back."""

from __future__ import annotations

import asyncio

from inbox_tui.model import ReplyState
from inbox_tui.text import cell_width
from inbox_tui.tui.app import InboxApp
from inbox_tui.tui.tour import STEPS
from tests.tui.driver import CONFIG, SMALL, WIDE, Driver
from tests.tui.fake import FakeInbox, door, ours, story


def lead(steps: object, fake: FakeInbox) -> None:
    async def go() -> None:
        app = InboxApp(door(fake), CONFIG, tour=True)
        async with app.run_test(size=SMALL) as pilot:
            d = Driver(app, pilot)
            await d.settle()
            await steps(d)  # type: ignore[operator]

    asyncio.run(go())


def test_it_leads_from_the_longest_wait_to_an_answer_and_on() -> None:
    async def steps(d: Driver) -> None:
        await d.see(f"tour 1 of {len(STEPS)}", "Enter opens his case")
        await d.press("enter")
        await d.see("tour 2", "r answers")
        await d.press("r")
        await d.see("tour 3", "Ctrl+S sends it")
        whole = fake.cases[12]
        sent = ours(999, whole.threads[0], "here", fake.clock, state=ReplyState.SENT, reply=1)
        from dataclasses import replace

        fake.cases[12] = replace(whole, timeline=(*whole.timeline, sent), last_message=999)
        fake.bump()
        await d.see("tour 5", "Tab goes to who waits longest now")
        await d.press("escape")
        await d.until(lambda: d.inbox.timeline.has_focus)
        await d.press("tab")
        await d.see("tour 6", "e closes a case")

    fake = story()
    fake.cases[12] = _without_replies(fake)
    lead(steps, fake)


def _without_replies(fake: FakeInbox):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    whole = fake.cases[12]
    return replace(whole, timeline=tuple(m for m in whole.timeline if m.state is None))


def test_where_there_is_room_each_step_stands_in_one_line() -> None:
    for number, step in enumerate(STEPS, 1):
        around = f" tour {number} of {len(STEPS)}  " + " F1 ends it "
        assert cell_width(around + step.text) < WIDE[0], step.text


def test_f1_ends_it_and_without_a_tour_f1_is_nothing() -> None:
    async def steps(d: Driver) -> None:
        await d.see("F1 ends it")
        await d.press("f1")
        await d.until(lambda: "tour 1" not in d.text())
        await d.press("f1")
        assert d.inbox.queue.has_focus

    lead(steps, story())
