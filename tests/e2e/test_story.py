"""The story on real servers: found, read, answered once on each channel; nothing lost when it is killed."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.config import Config
from inbox_tui.inbox import Inbox
from inbox_tui.model import CaseRow, CaseState, Filing, ReplyState
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.service.worker import Worker
from inbox_tui.store.engine import Store


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox") as box:
        yield box


@contextmanager
def office(config: Config) -> Iterator[tuple[Inbox, Worker]]:
    """Inbox and worker of this process."""
    worker = open_worker(config)
    assert worker.try_lock()
    inbox = open_inbox(config)
    try:
        yield inbox, worker
    finally:
        inbox.close()
        worker.close()


def fetched(worker: Worker) -> int:
    """How many messages a round brought; none of it may fail."""
    results = worker.fetch_once()
    assert {name: result.error for name, result in results.items() if result.error} == {}
    return sum(result.new for result in results.values())


def hajos(inbox: Inbox) -> list[CaseRow]:
    """The cases of the man of the story, longest wait first."""
    return [row for row in inbox.page("waiting", limit=500) if row.person.name.startswith("Hajo")]


def test_he_who_waits_longest_is_found_and_answered_once_on_each_channel(sandbox: Sandbox) -> None:
    with office(configuration.load(str(sandbox.config_path))) as (inbox, worker):
        assert fetched(worker) > 40
        first = inbox.page("waiting")[0]
        found = hajos(inbox)
        assert found[0] == first
        assert inbox.overview().longest == first.waiting_since
        assert {row.channels for row in found} == {("email",), ("x",), ("facebook",)}

        before = inbox.overview().waiting
        for number, row in enumerate(found):
            case = inbox.case(row.id)
            assert any(m.owed for m in case.timeline)
            reply = inbox.reply(row.id, f"Sorry for the wait, Hajo. {number}", seen=case.last_message)
            assert inbox.case(row.id).row.state is CaseState.WAITING
            sent = worker.send_reply(reply.id)
            assert (sent.state, sent.error) == (ReplyState.SENT, "")
            assert sent.filing in (Filing.NONE, Filing.DONE)
            row = inbox.case(row.id).row
            assert (row.state, row.waiting_since) == (CaseState.PENDING, None)

        assert hajos(inbox) == []
        assert inbox.overview().waiting == before - len(found)
        accepted = [record for record in sandbox.journal.sent if "Sorry for the wait" in str(record["text"])]
        assert sorted(str(record["channel"]) for record in accepted) == sorted(
            channel for row in found for channel in row.channels
        )
        assert {str(record["text"]).partition("Hajo. ")[2][0] for record in accepted} == {
            str(number) for number in range(len(found))
        }

        assert fetched(worker) == 0, "nothing twice, and no echo of our own"
        for row in found:
            texts = [m.text for m in inbox.case(row.id).timeline if "Sorry for the wait" in m.text]
            assert len(texts) == 1
        assert inbox.rebuild() == ()


def test_he_who_writes_again_waits_again(sandbox: Sandbox) -> None:
    with office(configuration.load(str(sandbox.config_path))) as (inbox, worker):
        fetched(worker)
        row = next(row for row in hajos(inbox) if row.channels == ("x",))
        worker.send_reply(inbox.reply(row.id, "Sorry for the wait, Hajo.", done=True).id)
        assert inbox.case(row.id).row.state is CaseState.DONE
        answer = next(r for r in sandbox.journal.sent if r["channel"] == "x")
        handle = next(t.customer.handle for t in inbox.case(row.id).threads)
        sandbox.play(
            {
                "channel": "x",
                "kind": "mention",
                "from": handle,
                "text": "@shop still nothing!",
                "in_reply_to": answer["id"],
            }
        )
        assert fetched(worker) == 1
        again = inbox.case(row.id)
        assert again.row.state is CaseState.WAITING
        assert again.timeline[-1].text.endswith("still nothing!")
        assert sum(m.owed for m in again.timeline) == 1


# -- killed


def stored(config: Config) -> dict[tuple[str, str], int]:
    """What the store knows by the platforms' ids, and what of it is owed an answer."""
    store = Store(config.store)
    rows = store.read().execute(
        "SELECT a.name, m.external_id, m.owed FROM messages m JOIN accounts a ON a.id = m.account_id"
    )
    found = [((row[0], row[1]), row[2]) for row in rows]
    store.close()
    assert len(found) == len(dict(found))
    return dict(found)


def kill_after(config: Config, commits: int, pause: float) -> bool:
    """Begin a fetch, kill it after so many commits and a moment more; says whether it was still at work."""
    store = Store(config.store)
    command = [sys.executable, "-m", "inbox_tui", "--config", str(config.path), "--store", str(config.store)]
    fetch = subprocess.Popen([*command, "fetch", "--quiet"], stdout=subprocess.DEVNULL)
    seen, version = 0, store.data_version()
    while seen < commits:
        try:
            fetch.wait(0.002)
            break
        except subprocess.TimeoutExpired:
            if version != (version := store.data_version()):
                seen += 1
    try:
        fetch.wait(pause)
    except subprocess.TimeoutExpired:
        fetch.kill()
    store.close()
    return fetch.wait() < 0


def test_a_fetch_that_is_killed_and_repeated_loses_and_doubles_nothing(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    # Pages of two mails: more places to be killed at.
    text = sandbox.config_path.read_text("utf-8")
    sandbox.config_path.write_text(text.replace('channel = "email"\n', 'channel = "email"\nbatch = 2\n', 1))
    whole = configuration.load(str(sandbox.config_path))
    with office(whole) as (inbox, worker):
        fetched(worker)
        assert fetched(worker) == 0
        waiting = inbox.overview().waiting

    broken = configuration.load(str(sandbox.config_path), store=str(tmp_path / "broken.db"))
    chance = random.Random(20)
    kills = [kill_after(broken, n % 6, chance.random() / 50) for n in range(10)]
    assert any(kills)
    with office(broken) as (inbox, worker):
        fetched(worker)
        assert fetched(worker) == 0
        assert stored(broken) == stored(whole)
        assert inbox.overview().waiting == waiting
        assert inbox.rebuild() == ()
        assert [finding for finding in inbox.inspect() if not finding.ok] == []
