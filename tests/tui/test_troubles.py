"""The `!` screen."""

from __future__ import annotations

from dataclasses import replace

from inbox_tui.model import HookHealth, ReplyState
from tests.tui.driver import SMALL, Driver, drive
from tests.tui.fake import HOUR, NOW, FakeInbox, story, well


def test_a_failed_reply_is_shown_with_what_to_do() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see(
            "Replies that need you", "! not sent", "X to @hajo", "X refuses the reply", "→ answer by mail"
        )
        await d.press("escape")
        await d.see("Petra Kurz")

    drive(story(), steps)


def test_retry_queues_it_again() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("not sent")
        await d.press("r")
        await d.see("Every reply arrived, or is on its way.", "Queued again")

    fake = story()
    drive(fake, steps)
    assert "retry 500" in fake.calls


def test_cancel_keeps_the_text() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("not sent")
        await d.press("c")
        await d.see("the text is kept as a draft")

    fake = story()
    drive(fake, steps)
    assert fake.replies[500].state is ReplyState.DRAFT


def test_edit_opens_the_composer_with_the_text() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("not sent")
        await d.press("e")
        await d.see("Reply on X to @hajo", "Please follow us so that we can")

    fake = story()
    drive(fake, steps)
    assert fake.replies[500].state is ReplyState.DRAFT


def test_enter_opens_the_case() -> None:
    async def steps(d: Driver) -> None:
        await d.press("3", "exclamation_mark")
        await d.see("not sent")
        await d.press("enter")
        await d.see("case 12", "My phone says")

    drive(story(), steps)


def test_unknown_says_that_it_may_have_arrived() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("? may have arrived")

    fake = story()
    fake.settle(500, ReplyState.UNKNOWN, "the connection broke")
    drive(fake, steps, SMALL)


def test_what_may_have_arrived_is_sent_again_only_when_asked_twice() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("? may have arrived")
        await d.press("r")
        await d.see("It may have arrived: look on the platform. r again sends it once more.")
        assert "retry 500" not in fake.calls
        await d.press("r")
        await d.see("Queued again")
        assert fake.calls.count("retry 500") == 1

    fake = story()
    fake.settle(500, ReplyState.UNKNOWN, "the connection broke")
    drive(fake, steps, SMALL)


def test_a_warning_on_one_reply_is_none_on_another() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("? may have arrived")
        await d.press("r", "j", "r")
        await d.settle()
        assert not [call for call in fake.calls if call.startswith("retry")]

    fake = story()
    fake.settle(500, ReplyState.UNKNOWN, "the connection broke")
    fake.replies[501] = fake._reply(501, 1, "The lock is gone since Friday.", ReplyState.UNKNOWN)
    drive(fake, steps, SMALL)


def test_accounts_in_trouble_say_so_in_words() -> None:
    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see(
            "Every reply arrived", "! log in again since 13:12", "the token is not accepted", "→ renew it"
        )
        await d.see("$0.35 today", "2 mails could not be read")

    fake = FakeInbox()
    fake.accounts = (
        well("shop", "x", error="the token is not accepted", error_code="login", hint="renew it",
             error_since=NOW - HOUR, spent_today=350_000),
        well("mail", "email", unparsed=2),
    )  # fmt: skip
    drive(fake, steps, (100, 30))


def test_a_hook_that_fails_stands_in_the_header_and_with_its_reason_here() -> None:
    async def steps(d: Driver) -> None:
        await d.see("on_sent ! fails")
        await d.press("exclamation_mark")
        await d.see("on_sent", "failed 2 times", "! fails", "exit code 3: no route", "→ try it by hand")

    fake = story()
    fake.accounts = (well("mail", "email"),)
    fake.hooks = (HookHealth("on_sent", "exit code 3: no route", "try it by hand", NOW - HOUR, 2, NOW),)
    drive(fake, steps)


def test_what_fails_while_one_looks_appears_and_the_cursor_keeps_its_reply() -> None:
    """The screen never says that every reply arrived when one has not."""
    fake = story()
    other = replace(fake.replies[500], id=499, text="Another one", to="@first")

    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("not sent")
        fake.replies = {499: other, **fake.replies}
        await d.see("@first")
        await d.press("c")
        await d.until(lambda: fake.replies[500].state is ReplyState.DRAFT)
        assert fake.replies[499].state is other.state

    drive(fake, steps)


def test_a_long_reason_and_its_mend_are_told_whole() -> None:
    fake = story()
    hint = "read the server's words; answer on another thread of the case if they stay the same tomorrow"
    fake.replies[500] = replace(fake.replies[500], hint=hint)

    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("not sent", "tomorrow")

    drive(fake, steps, SMALL)


def test_keys_are_named_where_there_is_something_to_act_on() -> None:
    fake = story()
    fake.replies.clear()

    async def steps(d: Driver) -> None:
        await d.press("exclamation_mark")
        await d.see("Every reply arrived")
        assert "try again" not in d.text() and "Esc back" in d.bottom()
        await d.press("escape")

    drive(fake, steps)
