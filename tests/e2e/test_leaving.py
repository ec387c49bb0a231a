"""Leaving the interface changes nothing: what was queued is sent all the same."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from inbox_tui.bootstrap import open_inbox
from inbox_tui.cli.children import start_worker
from inbox_tui.config import load
from inbox_tui.inbox import Inbox
from inbox_tui.model import ReplyState
from inbox_tui.sandbox.runner import Sandbox

PATIENCE = 60


def wait_for(inbox: Inbox, reply: int, state: ReplyState) -> None:
    for _ in range(PATIENCE * 10):
        if inbox.reply_by_id(reply).state is state:
            return
        time.sleep(0.1)
    raise AssertionError(f"reply {reply} is {inbox.reply_by_id(reply).state}, not {state}")


def test_a_reply_in_its_countdown_is_sent_after_the_interface_has_gone(tmp_path: Path) -> None:
    with Sandbox(tmp_path, scenario="empty") as box:
        box.play({"channel": "x", "kind": "mention", "from": "@ada", "name": "Ada", "text": "@shop hello?"})
        config = load(str(box.config_path))
        inbox = open_inbox(config)
        with ExitStack() as interface:
            start_worker(interface, config, lingers=True)
            for _ in range(PATIENCE * 10):
                if waiting := inbox.page("waiting"):
                    break
                time.sleep(0.1)
            reply = inbox.reply(waiting[0].id, "Hello, Ada.", countdown=True)
            assert reply.state is ReplyState.QUEUED
        wait_for(inbox, reply.id, ReplyState.SENT)
        assert [sent["text"] for sent in box.journal.sent] == ["Hello, Ada."]
        for _ in range(PATIENCE * 10):
            if not inbox.worker().running:
                break
            time.sleep(0.1)
        assert not inbox.worker().running
        inbox.close()


def test_a_worker_with_nothing_to_send_ends_with_its_interface(tmp_path: Path) -> None:
    with Sandbox(tmp_path, scenario="empty") as box:
        config = load(str(box.config_path))
        inbox = open_inbox(config)
        with ExitStack() as interface:
            start_worker(interface, config, lingers=True)
            assert inbox.worker().running
        for _ in range(PATIENCE * 10):
            if not inbox.worker().running:
                break
            time.sleep(0.1)
        assert not inbox.worker().running
        inbox.close()
