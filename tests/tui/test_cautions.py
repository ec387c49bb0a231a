"""What speaks against a text: seen in the composer, asked about once, and read before it is sent."""

from __future__ import annotations

from dataclasses import replace

from inbox_tui.desk.checks import Caution
from inbox_tui.model import Author, Kind, Overview
from tests.tui.driver import SMALL, WIDE, Driver, drive
from tests.tui.fake import HOUR, NOW, FakeInbox, Warned, ours, story


def replies(fake: FakeInbox) -> list[str]:
    return [call for call in fake.calls if call.startswith("reply")]


def test_it_is_seen_before_anything_is_sent() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("ben is writing in this case")
        assert "again sends" not in d.text()

    fake = story()
    fake.warnings = (Warned("writing", "ben is writing in this case", asks=True, shows="ben"),)
    drive(fake, steps, SMALL)


def test_it_comes_and_goes_with_what_is_typed() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("280 left")
        fake.warnings = (Warned("private", "it tells a phone number: 0171", asks=True, shows="0171"),)
        await d.type("call 0171")
        await d.see("it tells a phone number")
        fake.warnings = ()
        await d.press("backspace")
        await d.until(lambda: "it tells a phone number" not in d.text())

    fake = story()
    drive(fake, steps, SMALL)


def test_the_words_of_the_case_stand_beside_it() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("it asks for his order number", "“my order 4711 is", "late”")

    fake = story()
    said = "it asks for his order number, which the case holds already: 4711"
    fake.warnings = (Warned("known", said, asks=True, shows="my order 4711 is late"),)
    drive(fake, steps, WIDE)


def test_many_are_counted() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.see("one", "two", "three", "and 2 more")
        assert "four" not in d.text()

    fake = story()
    names = ("one", "two", "three", "four", "five")
    fake.warnings = tuple(Warned(name, name, asks=True) for name in names)
    drive(fake, steps, WIDE)


def test_what_was_agreed_to_does_not_cover_what_is_new() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("call")
        await d.press("ctrl+s")
        await d.see("It tells one. · Ctrl+S again sends")
        fake.warnings = (*fake.warnings, Warned("private", "it tells two", asks=True, shows="two"))
        await d.press("ctrl+s")
        await d.see("It tells one. It tells two. · Ctrl+S again sends")
        assert replies(fake) == []
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    fake = story()
    fake.warnings = (Warned("private", "it tells one", asks=True, shows="one"),)
    drive(fake, steps, WIDE)


def test_what_cannot_be_sent_says_what_to_do_instead() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("hello")
        await d.press("ctrl+s")
        await d.see("The window is closed. · answer elsewhere: thread 1 (email)")
        await d.press("ctrl+s")
        await d.settle()
        assert replies(fake) == []

    fake = story()
    hint = "answer elsewhere: thread 1 (email)"
    fake.warnings = (Caution("refused", "the window is closed", blocks=True, hint=hint),)
    drive(fake, steps, WIDE)


def test_what_a_colleague_wrote_meanwhile_is_shown_first() -> None:
    async def steps(d: Driver) -> None:
        await d.press("r")
        await d.type("answer")
        whole = fake.cases[12]
        note = replace(
            ours(900, whole.threads[0], "Do not answer: his lawyer does.", NOW),
            kind=Kind.NOTE,
            thread=None,
            author=Author("agent", "ben", "ben"),
        )
        fake.cases[12] = replace(whole, timeline=(*whole.timeline, note), last_message=900)
        fake.warnings = (Warned("moved", "the case moved since you began: a new note", asks=True, about=900),)
        await d.press("ctrl+s")
        await d.see("The case moved since you began: a new note. · Read, then Ctrl+S sends")
        await d.see("his lawyer does")
        assert replies(fake) == []
        fake.warnings = ()
        await d.press("ctrl+s")
        await d.see("sending in 8 s")
        assert "seen=900" in replies(fake)[0]

    fake = story()
    drive(fake, steps, WIDE)


def test_a_post_says_how_many_comments_wait_under_it() -> None:
    async def steps(d: Driver) -> None:
        await d.press("enter")
        await d.until(lambda: d.inbox.timeline.has_focus)
        await d.press("G")
        await d.see("our post", "6 unanswered under it")

    fake = story()
    whole = fake.cases[12]
    post = replace(
        ours(901, whole.threads[2], "New phones are in!", NOW - HOUR), kind=Kind.POST, case=None, unanswered=6
    )
    fake.cases[12] = replace(whole, timeline=(*whole.timeline, post))
    drive(fake, steps, WIDE)


def test_the_header_says_what_was_published_while_people_wait() -> None:
    async def wide(d: Driver) -> None:
        await d.see("4 posts published while 7 people wait", "mail 14:10")

    async def narrow(d: Driver) -> None:
        await d.see("7 waiting")
        assert "published" not in d.text(), "how each account is doing does not give way for it"

    for steps, size in ((wide, (160, 40)), (narrow, SMALL)):
        drive(Publishing(story()), steps, size)


class Publishing(FakeInbox):
    """The story, while marketing goes on."""

    def __init__(self, told: FakeInbox) -> None:
        super().__init__()
        self.cases, self.replies, self.accounts = told.cases, told.replies, told.accounts

    def overview(self) -> Overview:
        return replace(super().overview(), posts=4)
