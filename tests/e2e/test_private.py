"""Private channels on real servers: one case from the first message, answers, refusals, windows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_tui import config as configuration
from inbox_tui.errors import ReplyBlocked
from inbox_tui.inbox import Inbox
from inbox_tui.model import CaseState, Reply, ReplyState
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.service.worker import Worker

from .test_story import fetched, office


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", scenario="empty") as box:
        yield box


def only_case(inbox: Inbox) -> int:
    (row,) = inbox.page("all")
    return row.id


def sent(worker: Worker, inbox: Inbox, reply: Reply) -> Reply:
    worker.send_reply(reply.id)
    return inbox.reply_by_id(reply.id)


def test_a_tweet_and_a_direct_message_are_one_case_and_both_are_answered(sandbox: Sandbox) -> None:
    sandbox.play({"channel": "x", "kind": "mention", "from": "@hajo", "text": "@shop locked out!"})
    sandbox.play({"channel": "x", "kind": "dm", "from": "@hajo", "text": "my number is 17"})
    with office(configuration.load(str(sandbox.config_path))) as (inbox, worker):
        assert fetched(worker) == 2
        case = only_case(inbox)
        private = next(t for t in inbox.case(case).threads if not t.public)
        reply = inbox.reply(case, "x" * 9_000, thread=private.id)
        assert sent(worker, inbox, reply).state is ReplyState.SENT
        assert inbox.case(case).row.state is CaseState.PENDING
        assert [(line["kind"], line["to"]) for line in sandbox.journal.sent] == [("dm", "@hajo")]
        assert fetched(worker) == 0


def test_he_who_closes_his_direct_messages_is_answered_in_public(sandbox: Sandbox) -> None:
    sandbox.play({"channel": "x", "kind": "mention", "from": "@hajo", "text": "@shop locked out!"})
    sandbox.play({"channel": "x", "kind": "dm", "from": "@hajo", "text": "my number is 17"})
    with office(configuration.load(str(sandbox.config_path))) as (inbox, worker):
        fetched(worker)
        case = only_case(inbox)
        private = next(t for t in inbox.case(case).threads if not t.public)
        sandbox.play({"channel": "x", "kind": "closes_dms", "from": "@hajo"})
        failed = sent(worker, inbox, inbox.reply(case, "Hello", thread=private.id))
        assert failed.state is ReplyState.FAILED and "no direct messages" in failed.error
        with pytest.raises(ReplyBlocked) as caught:
            inbox.reply(case, "Hello", thread=private.id)
        public = next(t for t in inbox.case(case).threads if t.public)
        assert caught.value.hint == f"answer elsewhere: thread {public.id} (x)"


def test_a_comment_is_answered_privately_and_what_he_says_then_is_the_same_case(sandbox: Sandbox) -> None:
    post = sandbox.play({"channel": "facebook", "kind": "our_post", "text": "News"})
    sandbox.play({"channel": "facebook", "kind": "comment", "from": "Hajo", "post": post, "text": "Help?"})
    with office(configuration.load(str(sandbox.config_path))) as (inbox, worker):
        fetched(worker)
        case = only_case(inbox)
        reply = inbox.reply(case, "Your number, please?", privately=True)
        assert sent(worker, inbox, reply).state is ReplyState.SENT
        assert [line["kind"] for line in sandbox.journal.sent] == ["private_reply"]
        with pytest.raises(ReplyBlocked, match="private"):
            inbox.reply(case, "Once more", privately=True)
        sandbox.play({"channel": "facebook", "kind": "message", "from": "Hajo", "text": "It is 17"})
        assert fetched(worker) == 1
        assert only_case(inbox) == case
        assert inbox.case(case).row.state is CaseState.WAITING
        again = inbox.reply(case, "Thank you, it is done")
        assert sent(worker, inbox, again).state is ReplyState.SENT
        assert [line["kind"] for line in sandbox.journal.sent] == ["private_reply", "message"]


def test_the_platforms_window_closes_the_thread_with_words(sandbox: Sandbox) -> None:
    sandbox.play({"channel": "facebook", "kind": "message", "from": "Hajo", "text": "Hello?"})
    with office(configuration.load(str(sandbox.config_path))) as (inbox, worker):
        fetched(worker)
        case = only_case(inbox)
        sandbox.play({"kind": "fault", "channel": "facebook", "fault": "later", "hours": 25})
        failed = sent(worker, inbox, inbox.reply(case, "Hello"))
        assert failed.state is ReplyState.FAILED and "allowed window" in failed.error
        (caution,) = inbox.check(case, None, "Hello")
        assert "allowed window" in caution.message


def test_a_missing_permission_is_shown_and_all_else_goes_on(sandbox: Sandbox) -> None:
    sandbox.play({"kind": "fault", "channel": "x", "fault": "forbidden", "path": "dm_events"})
    sandbox.play({"channel": "x", "kind": "mention", "from": "@hajo", "text": "@shop hello?"})
    with office(configuration.load(str(sandbox.config_path))) as (inbox, worker):
        assert fetched(worker) == 1
        shop = next(one for one in inbox.health() if one.account == "shop")
        assert shop.notice.startswith("direct messages are not read")
        assert shop.error == ""
        sandbox.play({"kind": "fault", "channel": "x", "fault": "forbidden", "on": False})
        fetched(worker)
        assert next(one for one in inbox.health() if one.account == "shop").notice == ""
