"""What an agent is told from what stands around a reply: the case, the desk, other replies."""

from __future__ import annotations

from dataclasses import replace

from inbox_tui.desk.asking import Said
from inbox_tui.desk.beforehand import Around, cautions
from inbox_tui.desk.checks import Caution
from inbox_tui.model import Author, Kind
from tests.desk.test_checks import THREAD
from tests.tui.fake import incoming, ours

PRIVATE = replace(THREAD, public=False, customer=Author("email", "mia@example.org", "Mia"))


def only(text: str, around: Around, public: bool = True) -> Caution:
    (found,) = cautions(THREAD if public else PRIVATE, text, around)
    assert found.asks and not found.blocks, "it can be sent all the same, once somebody said yes"
    assert found.hint
    return found


def test_nothing_around_is_no_caution() -> None:
    assert cautions(THREAD, "It left today.", Around()) == ()


def test_a_case_that_moved_says_what_is_new() -> None:
    new = incoming(9, THREAD, "Forget it, solved!", 1)
    found = only("It left today.", Around(moved=(new,)))
    assert (found.code, found.shows, found.about) == ("moved", "Forget it, solved!", 9)
    assert "1 new message" in found.message


def test_a_colleagues_answer_and_his_note_are_called_so() -> None:
    answer = replace(ours(9, THREAD, "It left.", 1), author=Author("", None, "ben"))
    assert "an answer of ben" in only("It left today.", Around(moved=(answer,))).message
    note = replace(answer, kind=Kind.NOTE)
    assert "a new note" in only("It left today.", Around(moved=(note,))).message


def test_another_agent_who_is_writing_is_named() -> None:
    found = only("It left today.", Around(writing=("ben",)))
    assert (found.code, found.message) == ("writing", "ben is writing in this case")


def test_private_data_where_everybody_reads_it() -> None:
    found = only("We call you at 0171 1234567.", Around())
    assert (found.code, found.shows) == ("private", "0171 1234567")
    assert cautions(PRIVATE, "We call you at 0171 1234567.", Around()) == ()


def test_each_datum_is_told_once() -> None:
    text = "mia@example.org or mia@example.org, DE89370400440532013000, AB-0815"
    found = cautions(THREAD, text, Around(order_pattern=r"AB-\d{4}"))
    assert [one.shows for one in found] == ["mia@example.org", "DE89370400440532013000", "AB-0815"]


def test_the_firms_own_address_is_not_private() -> None:
    own = Around(own=frozenset({"help@shop.example"}))
    assert cautions(THREAD, "Write to Help@shop.example or help+c12@shop.example.", own) == ()
    assert only("Write to mia@example.org.", own).code == "private"


def test_what_the_case_holds_is_not_asked_for_again() -> None:
    around = Around(said=(Said(5, "My order no. 4711-08 is late"),))
    found = only("Please send us your order number.", around, public=False)
    assert (found.code, found.shows, found.about) == ("known", "My order no. 4711-08 is late", 5)
    assert cautions(PRIVATE, "Please send us your phone number.", around) == ()


def test_a_supplier_may_be_asked_for_anything() -> None:
    around = Around(said=(Said(5, "My order no. 4711-08 is late"),))
    assert cautions(replace(PRIVATE, aside=True), "Please send us your order number.", around) == ()


def test_an_answer_wanted_elsewhere_needs_a_yes() -> None:
    found = only("Hello", Around(reply_to="boss@else.example"), public=False)
    assert found.code == "reply_to"
    assert "boss@else.example" in found.message and "mia@example.org" in found.message
    assert cautions(PRIVATE, "Hello", Around(reply_to="Mia@example.org")) == ()


def test_the_same_text_twice_in_a_case_says_which() -> None:
    found = only("Hello", Around(same_here=((31, "sent"),)))
    assert (found.code, found.message) == ("same_text", "reply 31 of this case says the very same (sent)")


def test_the_same_text_to_many_says_to_whom() -> None:
    text = "Thank you for your patience, it leaves this week."
    found = only(text, Around(same_elsewhere=(4, 5, 6)))
    assert found.code == "same_to_many"
    assert found.message.startswith("3 other cases") and found.message.endswith("4, 5, 6")
    assert cautions(THREAD, text, Around(same_elsewhere=(4, 5))) == ()
    assert cautions(THREAD, "Yes, it does.", Around(same_elsewhere=(4, 5, 6))) == (), "short words repeat"


def test_a_caution_is_the_same_as_long_as_it_is_about_the_same() -> None:
    first = only("Call 0171 1234567", Around())
    assert first.key == only("We call 0171 1234567 now", Around()).key
    assert first.key != only("Call 0171 7654321", Around()).key
