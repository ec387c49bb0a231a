"""A hand-off over real servers: asked on one channel, arrived on another, one case and one clock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_tui import config as configuration
from inbox_tui.desk.handoff import codes
from inbox_tui.errors import ReplyBlocked, ReplyHeld
from inbox_tui.inbox import Inbox
from inbox_tui.model import CaseState, Destination, Handoff, ReplyState
from inbox_tui.sandbox.follow import follow
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.service.worker import Worker

from .test_story import fetched, office

EMAIL, X_DM, MESSENGER = Destination


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", scenario="empty") as box:
        yield box


@pytest.fixture
def desk(sandbox: Sandbox) -> Iterator[tuple[Inbox, Worker]]:
    with office(configuration.load(str(sandbox.config_path))) as both:
        yield both


def tweet(sandbox: Sandbox, who: str = "@hajo") -> None:
    # Not just now: mail knows whole seconds.
    at = sandbox.now() - 600_000
    sandbox.play({"channel": "x", "kind": "mention", "from": who, "text": "@shop is it off?", "at": at})


def direct(sandbox: Sandbox, who: str = "@hajo") -> None:
    sandbox.play({"channel": "x", "kind": "dm", "from": who, "text": "my number is 17"})


def comment(sandbox: Sandbox) -> None:
    post = sandbox.play({"channel": "facebook", "kind": "our_post", "text": "News"})
    act = {"channel": "facebook", "kind": "comment", "from": "Hajo B.", "post": post}
    sandbox.play({**act, "text": "Is the lock off?"})


def messenger(sandbox: Sandbox) -> None:
    sandbox.play({"channel": "facebook", "kind": "message", "from": "Hajo B.", "text": "Is it off?"})


def mail(sandbox: Sandbox) -> None:
    act = {"channel": "email", "kind": "mail", "from": "hajo@brandt.example", "name": "Hajo Brandt"}
    sandbox.play({**act, "subject": "SIM lock", "text": "Is the lock off?\n"})


def hand_off(inbox: Inbox, worker: Worker, case: int, to: Destination, *, privately: bool = False) -> None:
    draft = inbox.handoffs.begin(case, to, privately=privately)
    reply = inbox.reply(case, draft.text, thread=draft.thread, draft=draft.id, privately=privately, agreed=())
    worker.send_reply(reply.id)
    assert inbox.reply_by_id(reply.id).state is ReplyState.SENT


def only_case(inbox: Inbox) -> int:
    (row,) = inbox.page("all")
    return row.id


def only_handoff(inbox: Inbox, case: int) -> Handoff:
    (found,) = inbox.case(case).handoffs
    return found


def he_follows(sandbox: Sandbox) -> None:
    act = follow(sandbox.journal.sent[-1])
    assert act is not None
    sandbox.play(act)


def test_from_a_tweet_to_direct_messages(sandbox: Sandbox, desk: tuple[Inbox, Worker]) -> None:
    inbox, worker = desk
    tweet(sandbox)
    fetched(worker)
    case = only_case(inbox)
    since = inbox.case(case).row.waiting_since
    hand_off(inbox, worker, case, X_DM)
    row = inbox.case(case).row
    assert (row.state, row.waiting_since) == (CaseState.PENDING, since), "it is no answer"
    assert inbox.page("waiting") == ()
    he_follows(sandbox)
    assert fetched(worker) == 1
    assert only_case(inbox) == case
    row = inbox.case(case).row
    assert (row.state, row.waiting_since) == (CaseState.WAITING, since), "the clock kept its start"
    assert only_handoff(inbox, case).by_code
    assert inbox.rebuild() == ()


def test_from_a_tweet_to_mail_the_public_code_only_proposes(
    sandbox: Sandbox, desk: tuple[Inbox, Worker]
) -> None:
    inbox, worker = desk
    tweet(sandbox)
    fetched(worker)
    case = only_case(inbox)
    since = inbox.case(case).row.waiting_since
    hand_off(inbox, worker, case, EMAIL)
    he_follows(sandbox)
    assert fetched(worker) == 1
    (new,) = inbox.page("waiting")
    assert new.id != case and new.channels == ("email",)
    (proposal,) = inbox.people.proposals()
    assert set(proposal.cases) == {case, new.id}
    inbox.people.accept(proposal.id)
    (row,) = inbox.page("waiting")
    assert (row.id, row.channels, row.waiting_since) == (case, ("x", "email"), since)


def test_from_a_direct_message_to_mail_the_code_joins_whoever_it_comes_from(
    sandbox: Sandbox, desk: tuple[Inbox, Worker]
) -> None:
    inbox, worker = desk
    direct(sandbox)
    fetched(worker)
    case = only_case(inbox)
    hand_off(inbox, worker, case, EMAIL)
    assert "help+h-" in str(sandbox.journal.sent[-1]["text"])
    he_follows(sandbox)
    assert fetched(worker) == 1
    assert only_case(inbox) == case
    found = inbox.case(case)
    assert found.row.state is CaseState.WAITING and found.row.channels == ("x", "email")
    assert only_handoff(inbox, case).arrived == found.last_message
    (proposal,) = found.same
    assert proposal.reasons[0].kind == "code", "who he is an agent says"
    answered = inbox.reply(case, "It is off.")
    worker.send_reply(answered.id)
    assert inbox.case(case).row.state is CaseState.PENDING
    assert inbox.case(case).row.waiting_since is None


def test_the_plus_of_the_address_is_enough(sandbox: Sandbox, desk: tuple[Inbox, Worker]) -> None:
    inbox, worker = desk
    direct(sandbox)
    fetched(worker)
    case = only_case(inbox)
    hand_off(inbox, worker, case, EMAIL)
    (code,) = codes(str(sandbox.journal.sent[-1]["text"]))
    act = {"channel": "email", "kind": "mail", "from": "wife@brandt.example", "subject": "Hello"}
    sandbox.play({**act, "to": f"help+{code.lower()}@shop.example", "text": "It is me, from her account\n"})
    fetched(worker)
    assert only_case(inbox) == case


def test_from_a_comment_by_its_private_answer_to_messenger(
    sandbox: Sandbox, desk: tuple[Inbox, Worker]
) -> None:
    inbox, worker = desk
    comment(sandbox)
    fetched(worker)
    case = only_case(inbox)
    hand_off(inbox, worker, case, MESSENGER, privately=True)
    assert sandbox.journal.sent[-1]["kind"] == "private_reply"
    he_follows(sandbox)
    fetched(worker)
    assert only_case(inbox) == case
    assert only_handoff(inbox, case).arrived_at is not None
    place = next(one for one in inbox.handoffs.places(case) if one.to is MESSENGER)
    assert "has written there already" in place.note


def test_from_a_comment_in_public_to_messenger(sandbox: Sandbox, desk: tuple[Inbox, Worker]) -> None:
    inbox, worker = desk
    comment(sandbox)
    fetched(worker)
    case = only_case(inbox)
    hand_off(inbox, worker, case, MESSENGER)
    assert only_handoff(inbox, case).public
    he_follows(sandbox)
    fetched(worker)
    assert only_case(inbox) == case, "the same identity is known there"
    assert inbox.case(case).row.state is CaseState.WAITING


def test_from_mail_to_messenger(sandbox: Sandbox, desk: tuple[Inbox, Worker]) -> None:
    inbox, worker = desk
    mail(sandbox)
    fetched(worker)
    case = only_case(inbox)
    hand_off(inbox, worker, case, MESSENGER)
    he_follows(sandbox)
    fetched(worker)
    assert only_case(inbox) == case
    assert inbox.case(case).row.channels == ("email", "facebook")


def test_from_messenger_to_direct_messages(sandbox: Sandbox, desk: tuple[Inbox, Worker]) -> None:
    inbox, worker = desk
    messenger(sandbox)
    fetched(worker)
    case = only_case(inbox)
    hand_off(inbox, worker, case, X_DM)
    he_follows(sandbox)
    fetched(worker)
    assert only_case(inbox) == case


def test_a_way_that_is_closed_is_told_before_a_word_is_written(
    sandbox: Sandbox, desk: tuple[Inbox, Worker]
) -> None:
    inbox, worker = desk
    tweet(sandbox)
    direct(sandbox)
    fetched(worker)
    case = only_case(inbox)
    private = next(t for t in inbox.case(case).threads if not t.public)
    sandbox.play({"channel": "x", "kind": "closes_dms", "from": "@hajo"})
    worker.send_reply(inbox.reply(case, "Hello", thread=private.id).id)
    place = next(one for one in inbox.handoffs.places(case) if one.to is X_DM)
    assert not place.open and "no direct messages" in place.why_not
    with pytest.raises(ReplyBlocked) as caught:
        inbox.handoffs.begin(case, X_DM)
    assert caught.value.hint == "open ways: email (mail), messenger (page)"
    assert inbox.outbox(all=True)[-1].state is ReplyState.FAILED, "no draft was begun"


def test_where_the_window_of_messenger_is_over_he_must_write_first(
    sandbox: Sandbox, desk: tuple[Inbox, Worker]
) -> None:
    inbox, worker = desk
    at = sandbox.now() - 25 * 3_600_000
    act = {"channel": "facebook", "kind": "message", "from": "Hajo B.", "at": at}
    sandbox.play({**act, "text": "Hello?"})
    fetched(worker)
    (place,) = [one for one in inbox.handoffs.places(only_case(inbox)) if one.to is MESSENGER]
    assert place.open
    assert "only within 24 hours" in place.note and "as soon as he writes" in place.note


def test_where_no_private_answer_is_left_it_is_told(sandbox: Sandbox, desk: tuple[Inbox, Worker]) -> None:
    inbox, worker = desk
    comment(sandbox)
    fetched(worker)
    case = only_case(inbox)
    place = next(one for one in inbox.handoffs.places(case) if one.to is MESSENGER)
    assert "needs no hand-off" in place.note
    sandbox.play({"channel": "facebook", "kind": "leaves", "from": "Hajo B."})
    worker.send_reply(inbox.reply(case, "Hello", privately=True).id)
    place = next(one for one in inbox.handoffs.places(case) if one.to is MESSENGER)
    assert "no private answer is left" in place.note


def test_whoever_sends_him_where_he_wrote_already_is_asked(
    sandbox: Sandbox, desk: tuple[Inbox, Worker]
) -> None:
    inbox, worker = desk
    direct(sandbox)
    fetched(worker)
    tweet(sandbox)
    fetched(worker)
    case = only_case(inbox)
    draft = inbox.handoffs.begin(case, X_DM)
    with pytest.raises(ReplyHeld, match="he need not be asked"):
        inbox.reply(case, draft.text, thread=draft.thread, draft=draft.id, agreed=())


def test_what_he_is_asked_for_and_has_sent_is_shown(sandbox: Sandbox, desk: tuple[Inbox, Worker]) -> None:
    inbox, worker = desk
    sandbox.play(
        {
            "channel": "x",
            "kind": "mention",
            "from": "@hajo",
            "text": "@shop it is invoice number R-20418, please!",
        }
    )
    fetched(worker)
    case = only_case(inbox)
    draft = inbox.handoffs.begin(case, X_DM, "Please send us your invoice number.")
    found = inbox.check(case, draft.thread, draft.text, draft=draft.id)
    assert [one.code for one in found] == ["known"]
