"""Which thread a mail goes on with: references count for those who take part, and for nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inbox_tui.casework import signing
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.model import Automatic, CaseState
from inbox_tui.store import accounts, replies
from tests.casework.world import NOW, World, mail, our_mail

CUSTOMER = "hajo@brandt.example"
STRANGER = "eve@evil.example"
FIRST = "<1@brandt.example>"


def in_thread(world: World, first: str, second: str) -> bool:
    return world.thread_of(first) == world.thread_of(second)


def test_a_reply_to_ones_own_mail_goes_on_in_its_thread(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    world.take("mail", mail(2, CUSTOMER, NOW + 30 * DAY, refs=[FIRST]))
    assert in_thread(world, "INBOX/1/1", "INBOX/1/2")


def test_the_answer_may_be_read_before_the_question(world: World) -> None:
    world.take("mail", mail(2, CUSTOMER, NOW + 30 * DAY, refs=[FIRST]))
    world.take("mail", mail(1, CUSTOMER))
    assert in_thread(world, "INBOX/1/1", "INBOX/1/2")


def test_a_stranger_who_forges_a_reference_joins_nothing(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    world.take("mail", mail(2, STRANGER, refs=[FIRST]))
    assert not in_thread(world, "INBOX/1/1", "INBOX/1/2")
    assert world.case_of("INBOX/1/1") != world.case_of("INBOX/1/2")


def test_a_stranger_with_the_customers_message_id_joins_nothing(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    world.take("mail", mail(2, STRANGER, id=FIRST))
    assert world.case_of("INBOX/1/1") != world.case_of("INBOX/1/2")


def test_a_stranger_who_wrote_first_does_not_catch_what_refers_to_him(world: World) -> None:
    world.take("mail", mail(2, STRANGER, refs=["<later@brandt.example>"]))
    world.take("mail", mail(1, CUSTOMER, id="<later@brandt.example>"))
    assert world.case_of("INBOX/1/1") != world.case_of("INBOX/1/2")


def test_whoever_stands_in_copy_of_an_incoming_mail_takes_no_part_yet(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER, copy=[STRANGER]))
    world.take("mail", mail(2, STRANGER, refs=[FIRST]))
    assert world.case_of("INBOX/1/1") != world.case_of("INBOX/1/2")


def test_whom_we_wrote_to_takes_part(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    world.take(
        "mail", our_mail(2, CUSTOMER, id="<2@shop.example>", refs=[FIRST], copy=["wife@brandt.example"])
    )
    world.take("mail", mail(3, "wife@brandt.example", refs=["<2@shop.example>"]))
    assert in_thread(world, "INBOX/1/1", "INBOX/1/3")


def test_a_forged_mail_joins_nothing_not_even_by_its_sender(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    world.take("mail", mail(2, CUSTOMER, refs=[FIRST], forged=True))
    assert world.case_of("INBOX/1/1") != world.case_of("INBOX/1/2")


@pytest.mark.parametrize("at_once", [True, False])
def test_what_the_customer_himself_writes_joins_no_case_that_was_forged(world: World, at_once: bool) -> None:
    first, forged = mail(1, CUSTOMER), mail(2, CUSTOMER, NOW + HOUR, forged=True)
    second = mail(3, CUSTOMER, NOW + 2 * HOUR)
    for page in [(first, forged, second)] if at_once else [(first,), (forged,), (second,)]:
        world.take("mail", *page)
    assert world.case_of("INBOX/1/1") == world.case_of("INBOX/1/3") != world.case_of("INBOX/1/2")


@pytest.mark.parametrize("hidden", ["\u200b", "\u00ad", "\u202e", "\ufe00", "\u3164"])
def test_an_address_with_what_nobody_sees_is_not_the_one_without(world: World, hidden: str) -> None:
    twin = CUSTOMER.replace("@", hidden + "@")
    world.take("mail", mail(1, CUSTOMER))
    world.take("mail", mail(2, twin, refs=[FIRST], id="<2@evil.example>"))
    assert world.case_of("INBOX/1/1") != world.case_of("INBOX/1/2")


def test_automatic_mail_goes_on_in_its_thread_and_joins_nothing_else(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    world.take("mail", mail(2, CUSTOMER, refs=[FIRST], automatic=Automatic.REPLY))
    world.take("mail", mail(3, CUSTOMER, automatic=Automatic.REPLY))
    assert world.case_of("INBOX/1/2") == world.case_of("INBOX/1/1")
    assert world.case_of("INBOX/1/3") != world.case_of("INBOX/1/1")


def answered(world: World) -> str:
    """Our Message-ID after a reply to the customer; nothing else of it is known to the threads."""
    world.take("mail", mail(1, CUSTOMER))
    reply = world.inbox.reply(world.case_of("INBOX/1/1"), "Sorry!")
    world.claim(reply)
    return f"<{world.key(reply.id)}@shop.example>"


def test_our_signed_message_id_is_trusted_from_its_recipient(world: World) -> None:
    ours = answered(world)
    world.take("mail", mail(2, CUSTOMER, NOW + 30 * DAY, refs=[ours]))
    assert in_thread(world, "INBOX/1/1", "INBOX/1/2")


def test_our_message_id_replayed_from_another_address_proves_nothing(world: World) -> None:
    ours = answered(world)
    world.take("mail", mail(2, STRANGER, refs=[ours]))
    assert world.case_of("INBOX/1/1") != world.case_of("INBOX/1/2")


def test_a_tampered_message_id_of_ours_proves_nothing(world: World) -> None:
    world.rules = replace(world.rules, join_hours=0)
    ours = answered(world)
    head, dot, mac = ours.partition("@")[0].rpartition(".")
    assert dot
    wrong = f"{head}.{'0' * len(mac)}@shop.example>"
    world.take("mail", mail(2, CUSTOMER, NOW + DAY, refs=[wrong]))
    assert not in_thread(world, "INBOX/1/1", "INBOX/1/2")


def test_keys_are_bound_to_one_recipient(world: World) -> None:
    secret = accounts.secret(world.db)
    key = signing.new_key(secret, CUSTOMER)
    assert signing.key_of(f"<{key.upper()}@shop.example>") == key
    assert signing.trusted(secret, key, CUSTOMER)
    assert not signing.trusted(secret, key, STRANGER)
    assert not signing.trusted(b"another store", key, CUSTOMER)
    assert signing.new_key(secret, CUSTOMER) != key
    assert signing.key_of("<somebody.else@shop.example>") is None


def test_the_same_mail_in_a_second_folder_or_after_a_reset_is_known(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    again = mail(1, CUSTOMER, folder="Support/7")
    reset = mail(1, CUSTOMER, folder="INBOX/2")
    both = (replace(mail(5, CUSTOMER), external_id="A/1"), replace(mail(5, CUSTOMER), external_id="B/1"))
    assert world.take("mail", again, reset).new == 0
    assert world.take("mail", *both).new == 1


def test_two_mails_with_one_message_id_are_two_mails(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER, id="<same@brandt.example>"))
    world.take("mail", mail(2, CUSTOMER, text="Something else", id="<same@brandt.example>"))
    assert len(world.inbox.case(world.case_of("INBOX/1/1")).timeline) == 2


def test_mail_without_message_id_and_without_digest_is_taken(world: World) -> None:
    assert (
        world.take("mail", mail(1, CUSTOMER, id="", digest=""), mail(2, CUSTOMER, id="", digest="")).new == 2
    )


def test_an_automatic_mail_that_is_reopened_is_answered_in_its_thread(world: World) -> None:
    world.take("mail", mail(1, "order@partner.example", automatic=Automatic.BULK))
    case = world.case_of("INBOX/1/1")
    world.inbox.reopen(case)
    assert world.inbox.case(case).row.state is CaseState.WAITING
    reply = world.inbox.reply(case, "Which order?")
    outgoing = replies.outgoing(world.db, reply.id)
    assert outgoing.mail_in_reply_to == "<1@partner.example>"
    assert outgoing.to.value == "order@partner.example"


def test_a_vacation_notice_is_not_what_a_reply_answers(world: World) -> None:
    world.take("mail", mail(1, CUSTOMER))
    world.take("mail", mail(2, CUSTOMER, NOW + 1, refs=[FIRST], automatic=Automatic.REPLY))
    reply = world.inbox.reply(world.case_of("INBOX/1/1"), "Sorry!")
    assert replies.outgoing(world.db, reply.id).mail_in_reply_to == FIRST
