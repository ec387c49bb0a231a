"""Our own replies, met again on the platform: receipts, never messages."""

from __future__ import annotations

import pytest

from inbox_tui.casework import delivery
from inbox_tui.desk.clock import HOUR
from inbox_tui.errors import OutcomeUnknown, Temporary
from inbox_tui.model import CaseState, Reply, ReplyState
from tests.casework.world import NOW, World, mail, our_mail, our_post, post

CUSTOMER = "hajo@brandt.example"


def sending(world: World, state: ReplyState = ReplyState.SENDING, text: str = "Sorry, look here!") -> Reply:
    """A reply on X of which nobody knows whether it arrived."""
    world.take("shop", post("1", "42", NOW - HOUR))
    reply = world.inbox.reply(world.case_of("1"), text)
    world.claim(reply)
    if state is not ReplyState.SENDING:
        with world.store.write("broke") as db:
            delivery.broke(db, reply.id, state, OutcomeUnknown("the line broke"), world.now)
    return reply


def texts(world: World, case: int) -> list[str]:
    return [m.text for m in world.inbox.case(case).timeline]


@pytest.mark.parametrize("state", [ReplyState.SENDING, ReplyState.UNKNOWN, ReplyState.FAILED])
def test_an_echo_settles_the_reply_and_stops_the_clock(world: World, state: ReplyState) -> None:
    reply = sending(world, state)
    assert world.take("shop", our_post("2", "42", NOW, "@42 Sorry,  look here!", in_reply_to="1")).new == 0
    settled = world.inbox.reply_by_id(reply.id)
    assert (settled.state, settled.external_id, settled.error) == (ReplyState.SENT, "2", "")
    case = world.inbox.case(reply.case)
    assert case.row.state is CaseState.PENDING
    assert [m.state for m in case.timeline] == [None, ReplyState.SENT]


def test_an_echo_is_known_when_it_comes_again(world: World) -> None:
    reply = sending(world)
    echo = our_post("2", "42", NOW, "Sorry, look here!")
    world.take("shop", echo)
    world.take("shop", echo)
    assert len(texts(world, reply.case)) == 2


def test_a_receipt_after_the_echo_changes_nothing(world: World) -> None:
    from inbox_tui.model import Receipt

    reply = sending(world)
    world.take("shop", our_post("2", "42", NOW, "Sorry, look here!"))
    before = world.inbox.case(reply.case)
    with world.store.write("sent") as db:
        delivery.delivered(db, reply.id, Receipt("2", NOW), world.now)
    assert world.inbox.case(reply.case) == before


def test_links_that_the_platform_shortened_do_not_hide_an_echo(world: World) -> None:
    reply = sending(world, text="Look at https://shop.example/help please")
    world.take("shop", our_post("2", "42", NOW, "@42 Look at https://t.example/abc please"))
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.SENT


def test_another_text_is_another_message(world: World) -> None:
    reply = sending(world)
    assert world.take("shop", our_post("2", "42", NOW, "Something else")).new == 1
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.SENDING


def test_the_same_words_in_answer_to_another_message_are_another_message(world: World) -> None:
    reply = sending(world)
    assert world.take("shop", our_post("2", "42", NOW, "Sorry, look here!", in_reply_to="0")).new == 1
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.SENDING


def test_the_same_words_to_another_customer_are_another_message(world: World) -> None:
    reply = sending(world)
    world.take("shop", post("8", "43"))
    assert world.take("shop", our_post("9", "43", NOW, "Sorry, look here!")).new == 1
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.SENDING


def test_the_same_words_written_long_before_are_no_receipt(world: World) -> None:
    reply = sending(world, ReplyState.UNKNOWN, text="Thank you!")
    assert world.take("shop", our_post("0", "42", NOW - 3 * HOUR, "Thank you!")).new == 1
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.UNKNOWN


def test_one_echo_settles_one_reply(world: World) -> None:
    first = sending(world, ReplyState.UNKNOWN)
    second = world.inbox.reply(first.case, first.text)
    world.claim(second)
    world.take("shop", our_post("2", "42", NOW, first.text))
    states = [world.inbox.reply_by_id(r.id).state for r in (first, second)]
    assert states == [ReplyState.SENT, ReplyState.SENDING]
    world.take("shop", our_post("3", "42", NOW, first.text))
    assert world.inbox.reply_by_id(second.id).state is ReplyState.SENT


def mailed(world: World) -> Reply:
    world.take("mail", mail(1, CUSTOMER, NOW - HOUR))
    reply = world.inbox.reply(world.case_of("INBOX/1/1"), "Sorry!")
    world.claim(reply)
    return reply


def test_the_copy_in_sent_settles_a_mail_by_its_message_id(world: World) -> None:
    reply = mailed(world)
    with world.store.write("broke") as db:
        delivery.broke(db, reply.id, ReplyState.UNKNOWN, OutcomeUnknown("the line broke"), world.now)
    own = f"<{world.key(reply.id)}@shop.example>"
    copy = our_mail(9, CUSTOMER, NOW, "whatever the provider made of it", id=own)
    assert world.take("mail", copy).new == 0
    settled = world.inbox.reply_by_id(reply.id)
    assert (settled.state, settled.external_id) == (ReplyState.SENT, own)
    assert texts(world, reply.case) == ["Hello?", "Sorry!"]
    assert world.take("mail", copy).new == 0


def test_the_copy_of_a_sent_mail_is_not_imported(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER, NOW - HOUR))
    reply = world.inbox.reply(world.case_of("INBOX/1/1"), "Sorry!")
    own = world.deliver(reply).external_id
    assert world.take("mail", our_mail(9, CUSTOMER, NOW, "Sorry!", id=own)).new == 0
    assert world.take("mail", our_mail(9, CUSTOMER, NOW, "Sorry!", id=own, folder="Sent/2")).new == 0
    assert texts(world, reply.case) == ["Hello?", "Sorry!"]


def test_a_customer_cannot_settle_a_reply_with_its_message_id(world: World) -> None:
    reply = mailed(world)
    own = f"<{world.key(reply.id)}@shop.example>"
    assert world.take("mail", mail(9, CUSTOMER, NOW, id=own)).new == 1
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.SENDING


def test_what_was_written_elsewhere_answers_its_thread(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER, NOW - HOUR))
    world.take("mail", our_mail(2, CUSTOMER, NOW, refs=["<1@brandt.example>"]))
    row = world.inbox.case(world.case_of("INBOX/1/1")).row
    assert (row.state, row.waiting_since, row.messages) == (CaseState.PENDING, None, 2)


def test_a_cancelled_reply_that_turns_up_after_all_is_kept_as_written_elsewhere(world: World) -> None:
    reply = sending(world, ReplyState.UNKNOWN)
    world.inbox.cancel(reply.id)
    assert world.take("shop", our_post("2", "42", NOW, reply.text)).new == 1
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.DRAFT
    assert world.inbox.case(reply.case).row.state is CaseState.PENDING


def test_a_decision_of_a_person_is_not_overruled_by_a_late_failure(world: World) -> None:
    reply = sending(world, ReplyState.UNKNOWN)
    world.inbox.cancel(reply.id)
    with world.store.write("late") as db:
        delivery.broke(db, reply.id, ReplyState.FAILED, Temporary("not there"), world.now)
    assert world.inbox.reply_by_id(reply.id).state is ReplyState.DRAFT
    assert world.inbox.overview().trouble == 0
