"""Private threads beside public ones: one case from the first message, windows, private answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inbox_tui.casework import delivery
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.errors import Closed, ReplyBlocked
from inbox_tui.model import (
    Author,
    Capabilities,
    CaseState,
    Direction,
    Incoming,
    Receipt,
    ReplyKind,
    ReplyState,
)
from inbox_tui.records import replace
from inbox_tui.store import accounts, replies, threads
from tests.casework.world import NOW, World, check_clocks, check_views, comment, person, post

TALK = Capabilities(public=False, max_length=2000, reply_window=DAY)
PAGE = Capabilities(public=True, private_window=7 * DAY, privately=TALK)
X = Capabilities(public=True, max_length=280, privately=Capabilities(public=False, max_length=10_000))


@pytest.fixture
def office(world: World) -> Iterator[World]:
    with world.store.write("can") as db:
        accounts.set_capabilities(db, world.accounts["page"], PAGE)
        accounts.set_capabilities(db, world.accounts["shop"], X)
    yield world
    check_clocks(world)
    check_views(world)


def said(id: str, who: str, at: int = NOW, text: str = "Hello?", *, kind: str = "facebook") -> Incoming:
    """A message in the conversation with somebody."""
    author = person(kind, who)
    return Incoming(id, f"talk:{who}", author, Direction.IN, text, at, endless=True)


def ours(id: str, to: str, at: int, text: str, *, kind: str = "facebook") -> Incoming:
    shop = person(kind, "1", "Shop")
    return replace(
        said(id, to, at, text, kind=kind), author=shop, direction=Direction.OUT, customer=person(kind, to)
    )


def asked(id: str, who: str | None, at: int = NOW, text: str = "Hello?") -> Incoming:
    """A comment whose author can be answered in private."""
    return replace(comment(id, who, at, text), private_reply=True)


def send_privately(office: World, case: int, text: str, *, to: Author | None) -> int:
    """Answer the comment of a case in private; the platform takes it and says with whom it talks."""
    reply = office.inbox.reply(case, text, privately=True)
    office.claim(reply)
    receipt = Receipt("m_1", office.now, thread_key=f"talk:{to.value}" if to else "", recipient=to)
    with office.store.write("sent") as db:
        delivery.delivered(db, reply.id, receipt, office.now)
    return reply.id


@pytest.mark.parametrize("first", ["public", "private"])
def test_public_and_private_words_of_one_identity_are_one_case(office: World, first: str) -> None:
    public, private = post("p1", "42", NOW), said("d1", "42", NOW + 1, kind="x")
    for message in (public, private) if first == "public" else (private, public):
        office.take("shop", message)
    assert office.case_of("p1") == office.case_of("d1")
    case = office.inbox.case(office.case_of("p1"))
    assert [thread.public for thread in case.threads] == [first == "public", first != "public"]


def test_each_thread_of_an_account_can_do_what_it_can(office: World) -> None:
    office.take("shop", post("p1", "42"), said("d1", "42", kind="x"))
    can = {t.public: t.capabilities.max_length for t in office.inbox.case(office.case_of("p1")).threads}
    assert can == {True: 280, False: 10_000}


def test_a_conversation_goes_on_in_the_open_case_not_in_the_one_that_is_done(office: World) -> None:
    office.take("shop", said("d1", "42", NOW, kind="x"))
    office.inbox.done(office.case_of("d1"))
    office.take("shop", post("p1", "42", NOW + HOUR))
    office.take("shop", said("d2", "42", NOW + 2 * HOUR, kind="x"))
    assert office.case_of("d2") == office.case_of("p1") != office.case_of("d1")


def test_what_we_wrote_elsewhere_answers_the_conversation(office: World) -> None:
    office.take("shop", said("d1", "42", NOW, kind="x"), ours("d2", "42", NOW + 1, "Hi", kind="x"))
    assert office.inbox.rows([office.case_of("d1")])[office.case_of("d1")].state is CaseState.PENDING


def test_the_window_is_over_before_anything_is_written(office: World) -> None:
    office.take("page", said("d1", "11", NOW))
    case = office.case_of("d1")
    (thread,) = office.inbox.case(case).threads
    assert thread.reply_until == NOW + DAY
    office.now = NOW + DAY + 1
    (caution,) = office.inbox.check(case, None, "Hello")
    assert caution.blocks and "within 24 hours" in caution.message
    office.take("page", asked("c1", "11", office.now))
    with pytest.raises(ReplyBlocked) as caught:
        office.inbox.reply(case, "Hello", thread=thread.id)
    public = office.thread_of("c1")
    assert caught.value.hint == (
        f"answer elsewhere: thread {public} (facebook), privately to the comment in thread {public}"
    )
    office.take("page", said("d2", "11", office.now))
    assert office.inbox.check(case, thread.id, "Hello") == ()


def test_a_refusal_for_good_closes_the_thread_until_he_writes(office: World) -> None:
    office.take("shop", post("p1", "42"), said("d1", "42", NOW + 1, kind="x"))
    case, thread = office.case_of("d1"), office.thread_of("d1")
    reply = office.inbox.reply(case, "Hello", thread=thread)
    office.claim(reply)
    with office.store.write("no") as db:
        delivery.broke(db, reply.id, ReplyState.FAILED, Closed("he takes none", "in public"), NOW)
    (caution,) = (one for one in office.inbox.check(case, thread, "Hello") if one.blocks)
    assert caution.message == "he takes none"
    assert office.inbox.reply(case, "In public then").thread == office.thread_of("p1")
    office.take("shop", said("d2", "42", NOW + 2, kind="x"))
    assert office.inbox.check(case, thread, "Hello") == ()


def test_a_platform_that_says_no_with_his_words_closes_the_thread(office: World) -> None:
    office.take("page", replace(said("d1", "11"), can_reply=False, why_not="he left"))
    (thread,) = office.inbox.case(office.case_of("d1")).threads
    assert (thread.can_reply, thread.why_not) == (False, "he left")


def test_a_private_answer_is_private_and_the_conversation_belongs_to_the_case(office: World) -> None:
    office.take("page", asked("c1", "11"))
    case = office.case_of("c1")
    sent = send_privately(office, case, "Your number, please?", to=person("facebook", "11"))
    reply = office.inbox.reply_by_id(sent)
    assert reply.kind is ReplyKind.PRIVATE
    shown = next(m for m in office.inbox.case(case).timeline if m.reply == sent)
    assert (shown.public, shown.thread == office.thread_of("c1")) == (False, False)
    # The platform brings our own words again, and then his.
    office.take("page", ours("m_1", "11", NOW, "Your number, please?"), said("m_2", "11", NOW + HOUR, "17"))
    assert office.case_of("m_2") == case
    assert office.thread_of("m_2") == shown.thread
    assert len(office.inbox.case(case).timeline) == 3


def test_it_belongs_to_the_case_even_where_the_platform_calls_him_otherwise(office: World) -> None:
    office.take("page", asked("c1", None))
    case = office.case_of("c1")
    send_privately(office, case, "Your number, please?", to=person("facebook", "999"))
    office.take("page", said("m_2", "999", NOW + 30 * DAY, "17"))
    assert office.inbox.case(office.case_of("m_2")).row.person == office.inbox.case(case).row.person
    assert office.case_of("m_2") == case


def test_a_conversation_with_an_open_matter_of_its_own_stays_there(office: World) -> None:
    office.take("page", said("d1", "999", NOW), asked("c1", "11", NOW))
    case, other = office.case_of("c1"), office.case_of("d1")
    assert case != other
    send_privately(office, case, "Hello", to=person("facebook", "999"))
    office.take("page", said("d2", "999", NOW + 1))
    assert office.case_of("d2") == other


def test_each_comment_is_answered_privately_once(office: World) -> None:
    office.take("page", asked("c1", "11"))
    case = office.case_of("c1")
    first = office.inbox.reply(case, "Hello", privately=True)
    with pytest.raises(ReplyBlocked, match="nothing in this thread"):
        office.inbox.reply(case, "Hello again", privately=True)
    office.inbox.take_back(first.id)
    send_privately(office, case, "Hello", to=person("facebook", "11"))
    office.take("page", asked("c2", "11", NOW + 1))
    assert office.inbox.check(case, office.thread_of("c2"), "Hello once more", privately=True) == ()


def test_a_week_after_the_comment_it_is_too_late(office: World) -> None:
    office.take("page", asked("c1", "11"))
    office.now = NOW + 7 * DAY + 1
    (caution,) = office.inbox.check(office.case_of("c1"), None, "Hello", privately=True)
    assert "within 7 days" in caution.message


def test_a_comment_that_the_platform_keeps_from_it_is_not_answered_privately(office: World) -> None:
    office.take("page", comment("c1", "11"))
    (caution,) = office.inbox.check(office.case_of("c1"), None, "Hello", privately=True)
    assert caution.blocks


def test_a_private_draft_never_becomes_a_public_reply(office: World) -> None:
    office.take("page", asked("c1", "11"))
    case, thread = office.case_of("c1"), office.thread_of("c1")
    draft = office.inbox.save_draft(thread, "Your password is …", seen=1, privately=True)
    assert draft is not None
    public = office.inbox.save_draft(thread, "Thank you", seen=1, draft=draft)
    assert public != draft
    assert office.inbox.reply_by_id(draft).text == "Your password is …"
    reply = office.inbox.reply(case, "Hello", thread=thread, draft=draft, privately=True)
    assert (reply.id, reply.kind) == (draft, ReplyKind.PRIVATE)


def test_our_own_private_answer_met_before_its_receipt_is_its_receipt(office: World) -> None:
    office.take("page", asked("c1", "11"))
    case = office.case_of("c1")
    reply = office.inbox.reply(case, "Your number, please?", privately=True)
    office.claim(reply)
    office.take("page", ours("m_1", "11", NOW + 1, "Your number, please?"))
    assert office.inbox.reply_by_id(reply.id).state is ReplyState.SENT
    thread = threads.by_key(office.db, office.accounts["page"], ["talk:11"])["talk:11"]
    assert thread.case == case
    assert replies.in_state(office.db, office.accounts["page"], ReplyState.SENDING) == []


def test_a_refused_private_answer_is_not_offered_again(office: World) -> None:
    office.take("page", asked("c1", "11"))
    case = office.case_of("c1")
    reply = office.inbox.reply(case, "Hello", privately=True)
    office.claim(reply)
    with office.store.write("no") as db:
        delivery.broke(db, reply.id, ReplyState.FAILED, Closed("already replied", "in public"), NOW)
    office.inbox.cancel(reply.id)
    (thread,) = office.inbox.case(case).threads
    assert (thread.private_in, thread.can_reply) == (None, True)
