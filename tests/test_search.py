"""Finding cases: by words, by who wrote, by what agents said of them; the newest hit first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.desk.folding import fold, places, spaced, words
from inbox_tui.errors import UsageError
from inbox_tui.model import Attachment, Priority
from inbox_tui.store import messages
from tests.casework.world import NOW, World, fresh_store, mail, our_mail, post, temporary_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    yield World(store)
    store.close()


def found(world: World, query: str) -> list[int]:
    return [hit.row.id for hit in world.inbox.search.find(query).hits]


def say(world: World, id: str, who: str, text: str, at: int = NOW) -> int:
    world.take("shop", post(id, who, at, text))
    return world.case_of(id)


def test_order_numbers_and_names_are_found_as_people_write_them(world: World) -> None:
    first = say(world, "1", "42", "Order AB-2024-0815, Hauptstraße 4", NOW - 3)
    second = say(world, "2", "43", "I write C++ and live in AB 2024 0815", NOW - 2)
    third = say(world, "3", "44", "Herr Müller wartet", NOW - 1)
    assert found(world, "AB-2024-0815") == [first]
    assert found(world, "ab") == [second, first]
    assert found(world, "C++") == [second]
    assert found(world, "muller") == found(world, "MÜLLER") == [third]
    assert found(world, "hauptstrasse") == [first]
    assert found(world, "haupt") == []
    assert found(world, "haupt*") == [first]
    assert found(world, '"müller wartet"') == [third]
    assert found(world, '"wartet müller"') == []


def test_a_case_is_found_once_by_its_newest_hit_with_its_marks(world: World) -> None:
    case = say(world, "1", "42", "A refund please", NOW - HOUR)
    say(world, "2", "42", "so long a story " * 20 + "no Refund yet?", NOW)
    [hit] = world.inbox.search.find("refund").hits
    assert (hit.row.id, hit.sent_at) == (case, NOW)
    assert [hit.snippet[begin:end] for begin, end in hit.marks] == ["Refund"]
    assert hit.snippet.startswith("…")


def test_news_come_before_history_that_was_read_later(world: World) -> None:
    new = say(world, "1", "42", "refund", NOW)
    old = say(world, "2", "43", "refund", NOW - 90 * DAY)
    assert found(world, "refund") == [new, old]
    assert found(world, "refund before:30d") == [old]
    assert found(world, "refund after:30d") == [new]


def test_sender_channel_tag_state_and_file(world: World) -> None:
    x = say(world, "1", "42", "the bill", NOW - 2)
    letter = mail(1, "hajo@brandt.example", NOW - 1, "the bill")
    world.take("mail", letter)
    m = world.case_of(letter.external_id)
    triage = world.inbox.triage
    triage.tag([m], ["vip"])
    triage.priority([m], Priority.URGENT)
    triage.snooze([x], None)
    assert found(world, "from:hajo bill") == found(world, "from:brandt.example") == [m]
    assert found(world, "channel:mail bill") == found(world, "bill -channel:x") == [m]
    assert found(world, "tag:vip") == found(world, "bill is:urgent") == found(world, "is:urgent") == [m]
    assert found(world, "is:snoozed") == found(world, "bill -tag:vip") == [x]
    triage.assign([m], "lena")
    assert found(world, "is:mine") == [m]
    assert found(world, f"#{x}") == [x]
    assert found(world, f"#{x} is:mine") == []


def test_a_phrase_goes_on_in_the_next_line_but_not_from_the_subject_into_the_text(world: World) -> None:
    case = say(world, "1", "42", "there is no\nservice since\n  Monday")
    [hit] = world.inbox.search.find('"no service since monday"').hits
    assert (hit.row.id, hit.snippet[slice(*hit.marks[0])]) == (case, "no service since Monday")
    world.take("mail", replace(mail(1, "a@x.example", NOW, "card"), subject="The gift"))
    assert found(world, '"gift card"') == []
    assert found(world, "gift card") == [world.case_of("INBOX/1/1")]


def test_what_stands_in_the_subject_alone_is_shown_before_the_text(world: World) -> None:
    world.take("mail", replace(mail(1, "a@x.example", NOW, "see there"), subject="Voucher gone"))
    [hit] = world.inbox.search.find("voucher").hits
    assert (hit.snippet, hit.marks) == ("Voucher gone · see there", ((0, 7),))


def test_a_minus_before_has_and_dates(world: World) -> None:
    file = Attachment("a.pdf", "application/pdf", 10)
    world.take("mail", replace(mail(1, "a@x.example", NOW, "with"), attachments=(file,)))
    bare = say(world, "2", "43", "without", NOW - 90 * DAY)
    assert found(world, "-has:attachment") == found(world, "-after:30d") == [bare]
    assert found(world, "has:attachment") == found(world, "-before:30d") == [world.case_of("INBOX/1/1")]


@pytest.mark.parametrize("query", ["after:3000", "after:8999-12-31", "before:1900y", "before:1970"])
def test_a_time_beyond_what_the_index_tells_apart_is_no_error(world: World, query: str) -> None:
    case = say(world, "1", "42", "hello")
    assert found(world, query) == []
    assert found(world, f"-{query}") == [case]


def test_a_reply_is_found_by_the_time_at_which_it_was_sent(world: World) -> None:
    case = say(world, "1", "42", "hello", NOW - 3 * DAY)
    reply = world.inbox.reply(case, "patience is wanted")
    assert reply.message is not None
    with world.store.write("test") as db:
        messages.delivered(db, reply.message, external_id="r1", permalink="", sent_at=NOW + 40 * DAY)
    [hit] = world.inbox.search.find("patience").hits
    assert hit.sent_at == NOW + 40 * DAY
    assert found(world, "patience after:3d") == [case]
    assert found(world, "patience -after:3d") == []


def test_a_tag_is_found_on_a_case_however_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old = say(world, "0", "42", "hello", NOW - DAY)
    for number in range(5):
        say(world, f"n{number}", f"p{number}", "hello", NOW + number)
    world.inbox.triage.tag([old], ["vip"])
    monkeypatch.setattr("inbox_tui.inbox.search.MOST", 2)
    assert found(world, "tag:vip") == [old]
    given_up = world.inbox.search.find("hello -tag:none from:nobody-of-that-name")
    assert (given_up.hits, given_up.more) == ((), False)


def test_files_and_their_names(world: World) -> None:
    file = Attachment("Rechnung 5814.pdf", "application/pdf", 10)
    world.take("mail", replace(mail(1, "a@x.example", NOW, "see there"), attachments=(file,)))
    case = world.case_of("INBOX/1/1")
    say(world, "2", "43", "5814")
    assert found(world, "has:attachment") == found(world, "rechnung") == [case]


def test_notes_and_our_own_answers_are_found_and_an_edited_one_by_its_last_text(world: World) -> None:
    case = say(world, "1", "42", "hello")
    world.inbox.note(case, "asked the workshop")
    reply = world.inbox.reply(case, "patience is wanted")
    assert found(world, "workshop") == found(world, "patience") == [case]
    world.inbox.cancel(reply.id)
    world.inbox.reply(case, "here is the voucher", draft=reply.id)
    assert found(world, "voucher") == [case]
    assert found(world, "patience") == []
    world.take("mail", mail(1, "a@x.example", NOW - 5), our_mail(2, "a@x.example", NOW - 4, "by hand"))
    assert len(found(world, '"by hand"')) == 1


def test_a_limit_says_that_there_is_more(world: World) -> None:
    for number in range(130):
        say(world, f"n{number}", f"p{number}", "refund", NOW + number)
    some = world.inbox.search.find("refund", limit=100)
    assert (len(some.hits), some.more) == (100, True)
    everything = world.inbox.search.find("refund", limit=0)
    assert (len(everything.hits), everything.more) == (130, False)
    assert found(world, "") == []


def test_completion_knows_fields_and_values(world: World) -> None:
    case = say(world, "1", "42", "hello")
    world.inbox.triage.tag([case], ["vip", "voucher"])
    complete = world.inbox.search.complete
    assert complete("bill ch") == ("bill channel:",)
    assert complete("tag:v") == ("tag:vip", "tag:voucher")
    assert complete("-is:wai") == ("-is:waiting",)
    assert "channel:x" in complete("channel:")
    assert complete("hello ") == complete("") == ()


@pytest.fixture(scope="module")
def small() -> Iterator[World]:
    """One world for all examples: making one takes longer than searching it."""
    with temporary_world() as world:
        say(world, "1", "42", 'hello (world) NEAR* "you"')
        yield world


_SIGNS = st.lists(st.sampled_from('"*^(){}:-+ANDORNOTNEAR ,;'), max_size=12).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=25) | _SIGNS)
def test_nothing_that_is_typed_is_syntax(small: World, text: str) -> None:
    for typing in (True, False):
        try:
            small.inbox.search.find(text, typing=typing)
        except UsageError:
            continue


_TEXTS = (
    "Order AB-2024-0815 to Hauptstraße 4, Müller",
    "I write C++ and AB 2024 0815; don't_ask",
    "注文したスマホが届かない",
    "हिन्दी में शिकायत, ไทย, שלום, مرحبا",
    "naïve cafe\u0301 Ⅻ ﬁn x² İstanbul \u1e9e 한국어",
    "\U0001e900\U0001e901 ab_cd 🙏 \U00010d4a\U00010d4b ꟁ 𝔘nicode",
)


@pytest.fixture(scope="module")
def babel() -> Iterator[World]:
    """A case for each text."""
    with temporary_world() as world:
        for number, text in enumerate(_TEXTS):
            say(world, f"t{number}", f"p{number}", text, NOW + number)
        yield world


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_index_loses_nothing_that_a_look_at_every_message_finds(
    babel: World, data: st.DataObject
) -> None:
    text = data.draw(st.sampled_from(_TEXTS))
    begin = data.draw(st.integers(0, len(text) - 1))
    wanted = text[begin : data.draw(st.integers(begin + 1, len(text)))].replace('"', "").strip()
    folded = " ".join(fold(wanted).split())
    expected = [each for each in reversed(_TEXTS) if folded and places(each, folded)]
    hits = babel.inbox.search.find(f'"{wanted}"').hits
    assert [hit.snippet for hit in hits] == expected
    for hit in hits:
        assert all(folded in fold(hit.snippet[begin:end]) for begin, end in hit.marks)


def _small(text: str) -> str:
    """As the index folds what is ASCII."""
    return "".join(char.lower() if char.isascii() else char for char in text)


_KINDS = "aZ_3-. \n\u0301ßÀσς½漢かİ한\u1100\u0483ꮿ😀"


@given(st.text(max_size=40) | st.text(st.sampled_from(_KINDS), max_size=12))
def test_the_index_is_given_the_words_that_are_asked_for(text: str) -> None:
    assert words(_small(spaced(text))) == words(fold(text))
