"""A worker that is killed while it sends mails with files: none is lost, none goes out twice."""

from __future__ import annotations

import random
from pathlib import Path

from inbox_tui import config as configuration
from inbox_tui.model import ReplyState
from inbox_tui.sandbox.runner import Sandbox
from tests.e2e.test_story import kill_after, office

MAILS = 6


def test_a_worker_killed_while_it_sends_loses_no_mail_and_no_file(tmp_path: Path) -> None:
    chance = random.Random(7)
    with Sandbox(tmp_path / "sandbox", scenario="empty") as sandbox:
        config = configuration.load(str(sandbox.config_path))
        with office(config) as (inbox, worker):
            worker.fetch_once()
            for number in range(MAILS):
                path = tmp_path / f"{number}.bin"
                path.write_bytes(chance.randbytes(300_000))
                inbox.writing.new_mail(f"c{number}@x.example", f"mail {number}", "There.", files=[path])
                path.unlink()
        kills = [kill_after(config, n, chance.random() / 20) for n in range(2, 8)]
        assert any(kills)
        with office(config) as (inbox, worker):
            worker.fetch_once()
            replies = inbox.outbox(all=True)
            assert len(replies) == MAILS
            journal = [line["to"] for line in sandbox.journal.sent]
            for number, reply in enumerate(replies):
                times = journal.count(f"c{number}@x.example")
                # Killed between the server's 250 and our commit: nobody can know, and it is not sent again.
                assert times <= 1
                assert reply.state is ReplyState.UNKNOWN or (reply.state, times) == (ReplyState.SENT, 1)
                [file] = inbox.files.of_case(reply.case)
                content = inbox.files.content(file.message, 0)
                assert len(content) == 300_000
                if reply.state is ReplyState.UNKNOWN:
                    inbox.retry(reply.id)
            worker.fetch_once()
            assert {reply.state for reply in inbox.outbox(all=True)} == {ReplyState.SENT}
            assert inbox.rebuild() == ()
        assert {line["to"] for line in sandbox.journal.sent} == {f"c{n}@x.example" for n in range(MAILS)}
        assert {line["files"][0]["size"] for line in sandbox.journal.sent} == {300_000}  # type: ignore[index]
