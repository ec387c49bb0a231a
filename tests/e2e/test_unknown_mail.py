"""A mail whose fate is unknown is never made to look as if it had been sent."""

from __future__ import annotations

from pathlib import Path

from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.config import load
from inbox_tui.model import ReplyState
from inbox_tui.sandbox.runner import Sandbox


def test_no_copy_is_filed_of_a_mail_that_may_not_have_been_sent(tmp_path: Path) -> None:
    with Sandbox(tmp_path, scenario="empty") as box:
        box.play(
            {
                "channel": "email",
                "kind": "mail",
                "from": "ada@example.example",
                "name": "Ada",
                "text": "hello?",
            }
        )
        config = load(str(box.config_path))
        inbox, worker = open_inbox(config), open_worker(config)
        assert worker.try_lock()
        worker.fetch_once()
        case = inbox.page("waiting")[0].id
        box.faults.switch(
            {"kind": "fault", "channel": "email", "fault": "smtp_drop_before_dot", "on": True, "times": 1}
        )
        reply = inbox.reply(case, "Hello, Ada.")
        assert worker.send_reply(reply.id).state is ReplyState.UNKNOWN
        worker.fetch_once()
        assert inbox.reply_by_id(reply.id).state is ReplyState.UNKNOWN
        assert inbox.case(case).row.waiting_since is not None
        assert box.mail.mailbox("mail", "Sent") == []
        assert box.journal.sent == []
        worker.close()
        inbox.close()
