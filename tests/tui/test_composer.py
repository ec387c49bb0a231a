"""Answers: where they go, that no letter is lost, and that they can be taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual import events

from inbox_tui.errors import StoreLocked
from inbox_tui.model import Author, ReplyState
from inbox_tui.tui.drafts import Writing
from inbox_tui.tui.widgets.composer import Composer, Title
from tests.tui.driver import SMALL, WIDE, Driver, drive
from tests.tui.fake import HOUR, NOW, FakeInbox, Warned, incoming, story, thread_of


def drafts(fake: FakeInbox) -> list[str]:
    return [reply.text for reply in fake.replies.values() if reply.state is ReplyState.DRAFT]


def test_reply_goes_where_the_customer_wrote_last() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("Reply on X to @hajo · PUBLIC: everybody can read it", "280 left", "Ctrl+S send")
        await d.type("Sorry, Hajo")
        await d.see("269 left")
        await d.press("ctrl+s")
        await d.see("sending in 8 s · u takes it back   X to @hajo")
        assert "Reply on X" not in d.text()

    fake = story()
    drive(fake, steps, SMALL)
    (call,) = [call for call in fake.calls if call.startswith("reply")]
    assert call.startswith("reply 12 2 Sorry, Hajo seen=110")


def test_an_emoji_of_several_is_sent_as_one() -> None:
    """A terminal sends its parts and what joins them as keys; without the joiner they would fall apart."""

    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("280 left")
        for char in "👩\u200d👧 ok":
            assert d.app.focused is not None
            d.app.focused.post_message(events.Key("some_key", char))
        await d.see("ok")
        await d.press("ctrl+s")
        await d.see("sending in")

    fake = story()
    drive(fake, steps, SMALL)
    (call,) = [call for call in fake.calls if call.startswith("reply")]
    assert "👩\u200d👧 ok" in call


def test_too_long_is_told_by_the_platforms_own_count() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("280 left")
        d.app.focused.insert("日" * 141)  # type: ignore[union-attr]
        await d.see("! 2 too long")

    drive(story(), steps, SMALL)


def test_another_thread_can_be_chosen() -> None:
    async def steps(d: Driver) -> None:
        await d.press("R")
        await d.see("In the case of Hajo Brandt, write to …", "hajo@brandt.example", "Hajo B.")
        await d.press("enter")
        await d.see("Mail to hajo@brandt.example · private")

    drive(story(), steps, WIDE)


def test_a_thread_that_takes_no_reply_says_why() -> None:
    async def steps(d: Driver) -> None:
        await d.press("R", "j", "enter")
        await d.see("! X takes answers only where the account was mentioned")

    fake = story()
    whole = fake.cases[12]
    why = "X takes answers only where the account was mentioned"
    closed = replace(whole.threads[1], can_reply=False, why_not=why)
    fake.cases[12] = replace(whole, threads=(whole.threads[0], closed, whole.threads[2]))
    drive(fake, steps, WIDE)


def test_reply_passes_over_threads_that_take_none() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("Facebook to Hajo B. · PUBLIC")

    fake = story()
    whole = fake.cases[12]
    closed = replace(whole.threads[1], can_reply=False, why_not="no")
    fake.cases[12] = replace(whole, threads=(whole.threads[0], closed, whole.threads[2]))
    drive(fake, steps, WIDE)


def test_a_note_stays_among_agents() -> None:
    async def steps(d: Driver) -> None:
        await d.press("n")
        await d.see("Note only agents see it")
        await d.type("call him")
        await d.press("ctrl+s")
        await d.see("Noted.")

    fake = story()
    drive(fake, steps, SMALL)
    assert "note 12 call him" in fake.calls


def test_a_note_is_kept_while_it_is_typed() -> None:
    async def steps(d: Driver) -> None:
        await d.press("n")
        await d.type("call h")
        await d.until(lambda: fake.notes == {12: "call h"})
        await d.type("im")
        await d.press("escape")
        await d.until(lambda: fake.notes == {12: "call him"})

    async def again(d: Driver) -> None:
        await d.press("n")
        await d.see("call him")
        await d.press("ctrl+s")
        await d.see("Noted.")

    fake = story()
    drive(fake, steps, SMALL)
    drive(fake, again, SMALL)
    assert "note 12 call him" in fake.calls
    assert fake.notes == {}


def test_a_draft_is_saved_while_it_is_typed() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("half a sen")
        await d.until(lambda: drafts(fake) == ["half a sen"])
        await d.type("tence")
        await d.until(lambda: drafts(fake) == ["half a sentence"])

    fake = story()
    drive(fake, steps, SMALL)


def test_escape_keeps_the_draft_and_the_key_goes_on_with_it() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("so far")
        await d.press("escape")
        await d.see("Draft kept.")
        await d.until(lambda: drafts(fake) == ["so far"])
        await d.settle()
        await d.press("r")
        await d.see("so far")
        await d.type(" so good")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    fake = story()
    drive(fake, steps, SMALL)
    assert drafts(fake) == []
    assert [r.text for r in fake.replies.values() if r.state is ReplyState.QUEUED] == ["so far so good"]


def test_a_draft_goes_on_at_once_even_before_it_is_stored() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("quick")
        await d.press("escape", "r")
        await d.type("er")
        await d.see("quicker")
        await d.until(lambda: drafts(fake) == ["quicker"])

    fake = story()
    drive(fake, steps, SMALL)


def test_reply_goes_on_with_a_draft_on_whatever_thread_it_was() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter")
        await d.see("a draft is kept")
        await d.press("r")
        await d.see("Reply by mail to hajo@brandt.example", "from last week")

    fake = story()
    fake.save_draft(1, "from last week", seen=1)
    drive(fake, steps, SMALL)


def test_a_draft_that_is_emptied_is_discarded() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("x")
        await d.until(lambda: drafts(fake) == ["x"])
        await d.press("backspace", "escape")
        await d.until(lambda: drafts(fake) == [])

    fake = story()
    drive(fake, steps, SMALL)


def test_whatever_closes_the_screen_the_text_is_kept() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("unsaved")
        d.app.exit(0)

    fake = story()
    drive(fake, steps, SMALL)
    assert drafts(fake) == ["unsaved"]


def test_take_back_turns_the_reply_into_a_draft_in_the_composer() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("too early")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")
        await d.press("u")
        await d.see("Reply on X to @hajo", "too early")
        assert "sending" not in d.text()
        assert drafts(fake) == ["too early"]

    fake = story()
    drive(fake, steps, SMALL)


def test_take_back_says_when_it_is_too_late() -> None:
    async def steps(d: Driver) -> None:
        await d.press("u")
        await d.see("! there is no act of yours to undo · Esc")
        await d.press("escape")
        assert "to undo" not in d.text()

    drive(story(), steps, SMALL)


def test_the_countdown_runs_and_the_receipt_is_told() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("hello")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")
        fake.clock += 3000
        await d.see("sending in 5 s")
        fake.clock += 5000
        await d.see("sending …")
        (queued,) = [r.id for r in fake.replies.values() if r.state is ReplyState.QUEUED]
        fake.settle(queued, ReplyState.SENT)
        await d.see("Sent on X to @hajo.")

    fake = story()
    drive(fake, steps, SMALL)


def test_a_reply_that_failed_stays_on_the_line_until_it_is_read() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("hello")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")
        (queued,) = [r.id for r in fake.replies.values() if r.state is ReplyState.QUEUED]
        fake.settle(queued, ReplyState.FAILED, "X says no")
        await d.see(
            "! Not sent on X to @hajo: X says no · ! shows what can be done · Esc", "! 2 replies to look at"
        )

    fake = story()
    drive(fake, steps, WIDE)


def test_a_reply_left_in_its_countdown_is_seen_again_after_a_restart() -> None:
    async def steps(d: Driver) -> None:
        await d.see("sending in 8 s")

    fake = story()
    fake.reply(12, "from before", thread=2, countdown=True)
    drive(fake, steps, SMALL)


def test_a_warning_wants_a_second_ctrl_s() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("call 0171")
        await d.press("ctrl+s")
        await d.see("! A phone number in public. · Ctrl+S again sends")
        assert not [call for call in fake.calls if call.startswith("reply")]
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    fake = story()
    fake.warnings = (Warned("private", "A phone number in public."),)
    drive(fake, steps, SMALL)


def test_what_is_blocked_is_not_sent_however_often() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("x")
        await d.press("ctrl+s")
        await d.see("! The window is closed.")
        await d.press("ctrl+s")
        await d.settle()
        assert not [call for call in fake.calls if call.startswith("reply")]
        await d.see("Reply on X")

    fake = story()
    fake.warnings = (Warned("closed", "The window is closed.", blocks=True),)
    drive(fake, steps, SMALL)


def test_the_customer_who_wrote_meanwhile_is_read_first() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("answer")
        fake.arrive(12, "Forget it, solved!")
        await d.until(lambda: d.inbox.timeline.sheet and "solved" in str(d.inbox.timeline.sheet.lines))
        await d.press("ctrl+s")
        await d.see("1 new message since you began.", "Forget it, solved!")
        assert not [call for call in fake.calls if call.startswith("reply")]
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    fake = story()
    drive(fake, steps, WIDE)


def test_an_empty_text_is_not_sent() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("Reply on X")
        await d.press("ctrl+s")
        await d.see("There is nothing to send.")

    drive(story(), steps, SMALL)


def test_a_store_that_is_locked_loses_no_letter() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("keep me")
        fake.broken = StoreLocked("somebody else writes", "try again")
        await d.press("ctrl+s")
        await d.see("somebody else writes")
        fake.broken = None
        await d.see("keep me")
        await d.press("escape", "ctrl+s")
        await d.see("sending in 8 s")

    fake = story()
    drive(fake, steps, SMALL)


def test_letters_in_the_composer_are_no_keys() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("Reply on X")
        await d.type("qjke!1?")
        await d.press("tab")
        await d.see("qjke!1?")

    fake = story()
    drive(fake, steps, SMALL)
    assert not [call for call in fake.calls if call.startswith("done")]


def test_the_case_can_be_scrolled_while_writing() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("Reply on X")
        top = d.inbox.timeline.scroll_offset.y
        await d.press("ctrl+up", "ctrl+up")
        await d.until(lambda: d.inbox.timeline.scroll_offset.y == top - 6)
        await d.press("ctrl+down")
        await d.until(lambda: d.inbox.timeline.scroll_offset.y == top - 3)
        await d.see("Reply on X")

    drive(story(), steps, SMALL)


def in_sight(d: Driver, message: int) -> bool:
    """The last line of a message stands in the pane."""
    sheet, timeline = d.inbox.timeline.sheet, d.inbox.timeline
    if sheet is None or message not in sheet.ids:
        return False
    after = sheet.ids.index(message) + 1
    end = (sheet.starts[after] if after < len(sheet.ids) else len(sheet.lines)) - 2
    return timeline.scroll_offset.y <= end < timeline.scroll_offset.y + timeline.size.height


@pytest.mark.parametrize("size", [SMALL, WIDE])
@pytest.mark.parametrize("opened", [False, True])
def test_what_is_answered_stands_above_the_composer(size: tuple[int, int], opened: bool) -> None:
    async def steps(d: Driver) -> None:
        if opened:
            await d.press("enter", "g")
        await d.press("r")
        await d.see("Reply on X")
        await d.settle()
        assert in_sight(d, 107)
        rows = d.inbox.timeline.size.height
        await d.press("escape")
        await d.until(lambda: d.inbox.timeline.size.height > rows)
        assert in_sight(d, 107)
        assert d.inbox.timeline.scroll_offset.y > 0

    drive(story(), steps, size)


def test_a_note_is_seen_once_it_is_written() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter", "g", "n")
        await d.type("call him")
        await d.press("ctrl+s")
        await d.see("Noted.")
        await d.until(lambda: in_sight(d, fake.cases[12].timeline[-1].id))

    fake = story()
    drive(fake, steps, SMALL)


def test_what_the_customer_writes_after_a_note_moves_nothing() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter", "n")
        await d.type("call him")
        await d.press("ctrl+s")
        await d.until(lambda: in_sight(d, fake.cases[12].timeline[-1].id))
        await d.settle()
        top = d.inbox.timeline.scroll_offset.y
        new = fake.arrive(12, "Forget it, solved!")
        await d.until(lambda: new.id in d.inbox.timeline.sheet.ids)  # type: ignore[union-attr]
        assert d.inbox.timeline.scroll_offset.y == top

    fake = story()
    drive(fake, steps, SMALL)


def test_the_countdown_leaves_the_keys_of_the_composer() -> None:
    async def steps(d: Driver) -> None:
        await d.see("sending in 8 s · u takes it back")
        await d.press("n")
        await d.until(lambda: "Ctrl+S send" in d.bottom() and "sending in 8 s" in d.bottom())
        assert "Esc keep" in d.bottom()

    fake = story()
    fake.reply(12, "from before", thread=2, countdown=True)
    drive(fake, steps, SMALL)


def test_a_name_with_a_stop_gets_no_second_one() -> None:
    async def steps(d: Driver) -> None:
        await d.see("sending in 8 s")
        fake.settle(queued.id, ReplyState.SENT)
        await d.until(lambda: d.bottom().strip() == "Sent on Facebook to Hajo B.")

    fake = story()
    queued = fake.reply(12, "hello", thread=3, countdown=True)
    drive(fake, steps, SMALL)


def test_a_composer_on_its_way_out_can_be_drawn_once_more() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter", "n")
        title = d.app.screen.query_one(Title)
        title._component_styles.clear()  # as Textual does it before the widget leaves the screen
        title.notify_style_update()
        assert title.style_of("strong", "plain") == title.rich_style

    drive(story(), steps, SMALL)


def test_esc_before_it_is_drawn_closes_it() -> None:
    async def steps(d: Driver) -> None:
        # As a busy machine has it: what it is made of is taken away before it is told that it stands.
        composer = Composer(Writing(12, None, 110))
        await d.app.screen.mount(composer)
        for child in list(composer.children):
            await child.remove()
        composer.on_mount()

    drive(story(), steps, SMALL)


HOSTILE = "a\x1b[31mred\u202eder\U000e0001tag\ufeff"


@pytest.mark.parametrize("keys", [("r",), ("n",), ("t",)])
def test_what_is_pasted_is_made_harmless(keys: tuple[str, ...]) -> None:
    """A clipboard holds what a stranger wrote, too."""

    async def steps(d: Driver) -> None:
        await d.press(*keys)
        await d.see("Esc")
        assert d.app.focused is not None
        d.app.focused.post_message(events.Paste(HOSTILE))
        await d.see("a␛[31mreddertag")
        assert not set(d.text()) & set("\x1b\u202e\U000e0001\ufeff")

    drive(story(), steps, SMALL)


def test_a_note_that_was_begun_elsewhere_is_shown_harmless() -> None:
    async def steps(d: Driver) -> None:
        await d.press("n")
        await d.see("a␛[31mreddertag")
        assert not set(d.text()) & set("\x1b\u202e\U000e0001\ufeff")

    fake = story()
    fake.save_note_draft(12, HOSTILE)
    drive(fake, steps, SMALL)


def test_the_reply_goes_where_he_wrote_last_by_the_clock() -> None:
    """A first fetch reads the accounts in any order: numbers of messages say nothing of their times."""
    fake = FakeInbox()
    mail = thread_of(1, 1, "email", Author("email", "hajo@brandt.example", "Hajo"), last_in=9)
    tweets = thread_of(2, 1, "x", Author("x", "7", "Hajo", "@hajo"), last_in=3)
    said = [incoming(9, mail, "first", NOW - HOUR), incoming(3, tweets, "and then", NOW)]
    fake.add(1, "Hajo", said, [mail, tweets])

    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("on X to @hajo")

    drive(fake, steps)
