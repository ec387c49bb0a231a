"""One customer, one case, one clock: the story replayed in compressed time, over real servers and clients.

Days pass in seconds: the sandbox's clock stands at each act while it is played and fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_channel
from inbox_tui.config import Config
from inbox_tui.inbox import Inbox, wall_clock
from inbox_tui.model import Case, CaseState, Destination, Kind, Reply, ReplyState
from inbox_tui.sandbox import story
from inbox_tui.sandbox.follow import follow
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.service.worker import Worker
from inbox_tui.store.engine import Store

HOUR, DAY = 3_600_000, 86_400_000
BEFORE = 101 * HOUR
"""So long before the end the desk opens: an hour before his first mail."""


@dataclass
class Desk:
    """The firm, its customers, and the time at which they are."""

    box: Sandbox
    end: int
    at: int
    worker: Worker = field(init=False)
    inbox: Inbox = field(init=False)
    efforts: list[int] = field(default_factory=list)
    """Of the case that began with his first mail, after each act of his."""

    def open(self, config: Config) -> None:
        self.worker = Worker(Store(config.store), config, open_channel, lambda: self.at)
        self.inbox = Inbox(Store(config.store), config, lambda: self.at)
        assert self.worker.try_lock()

    def close(self) -> None:
        self.inbox.close()
        self.worker.close()

    # what the story needs of a stage

    def now(self) -> int:
        return self.end

    def play(self, act: Mapping[str, object]) -> str:
        """Let it happen at its time; what he does himself is fetched at once."""
        moment = act["at"]
        assert isinstance(moment, int)
        if self.at < self.end - BEFORE <= moment:
            self.at = self.end - BEFORE
            self.fetch()
        self.at = moment
        made = self.box.play(act)
        if moment > self.end - BEFORE and _is_his(act):
            self.fetch()
            self.efforts.append(self.first().effort)
        return made

    def fetch(self) -> None:
        results = self.worker.fetch_once()
        assert [one.error for one in results.values() if one.error] == []

    def first(self) -> Case:
        """The case that waits longest."""
        return self.inbox.case(self.inbox.page("waiting")[0].id)

    def send(self, reply: Reply) -> None:
        self.worker.send_reply(reply.id)
        assert self.inbox.reply_by_id(reply.id).state is ReplyState.SENT


def _is_his(act: Mapping[str, object]) -> bool:
    return "hajo@" in str(act.get("raw", "")) or act.get("from") in ("@hajo", "Hajo B.")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    end = wall_clock() // 1000 * 1000
    clock: list[Desk] = []
    box = Sandbox(tmp_path / "box", scenario="empty", now=lambda: clock[0].at if clock else end - 30 * DAY)
    clock.append(Desk(box, end, end - 30 * DAY))
    with box:
        text = box.config_path.read_text("utf-8")
        asks = text.replace("plus_address = true", 'plus_address = true\nacknowledge = "private"')
        box.config_path.write_text(asks, "utf-8")
        clock[0].open(configuration.load(str(box.config_path)))
        try:
            yield clock[0]
        finally:
            clock[0].close()


def test_the_story_of_one_customer(desk: Desk) -> None:
    story.tell(desk)
    desk.at = desk.end
    desk.fetch()
    inbox = desk.inbox

    # Three channels, three cases; agents are asked, and say yes.
    case = desk.first().row.id
    written = desk.end - round(100.2 * HOUR)
    efforts = [*desk.efforts]
    assert efforts[0] == 0 and efforts == sorted(efforts), "it rises with every mail"
    channels = [inbox.case(case).row.channels]
    while same := inbox.case(case).same:
        joined = inbox.people.accept(same[0].id)
        assert joined.case in (case, None)
        efforts.append(inbox.case(case).effort)
        channels.append(inbox.case(case).row.channels)
    found = inbox.case(case)
    assert channels[0] == ("email",) and set(channels[-1]) == {"email", "x", "facebook"}
    assert sum(row.person.id == found.row.person.id for row in inbox.page("waiting", limit=500)) == 1
    others = {thread.id for thread in found.threads if thread.supporter}
    said = [m for m in found.timeline if m.kind is Kind.MESSAGE and m.thread not in others]
    assert [sum(m.channel == one for m in said) for one in ("email", "x", "facebook")] == [3, 3, 2]

    # One clock, from the first mail; one acknowledgement, which stopped nothing.
    assert found.row.waiting_since == written // 1000 * 1000
    assert sum(m.kind is Kind.ACK for m in found.timeline) == 1
    assert inbox.page("waiting")[0].id == case

    # He is moved to where nobody else reads, and is asked for nothing.
    draft = inbox.handoffs.begin(case, Destination.X_DM)
    queued = inbox.reply(case, draft.text, thread=draft.thread, draft=draft.id, agreed=())
    desk.send(queued)
    row = inbox.case(case).row
    assert (row.state, row.waiting_since) == (CaseState.PENDING, found.row.waiting_since)
    efforts.append(inbox.case(case).effort)
    act = follow(desk.box.journal.sent[-1])
    assert act is not None and act["kind"] == "dm"
    desk.at += HOUR
    desk.box.play(act)
    desk.fetch()
    there = inbox.case(case)
    assert (there.row.state, there.row.waiting_since) == (CaseState.WAITING, found.row.waiting_since)
    assert there.handoffs[0].by_code and there.handoffs[0].arrived == there.last_message
    efforts.append(there.effort)
    assert efforts == sorted(efforts) and efforts[-1] > efforts[0] + 10

    # Whoever asks again is shown what he sent four days ago; then he is answered.
    private = next(t for t in there.threads if t.channel == "x" and not t.public)
    asks = inbox.check(case, private.id, "Please send us a mail with your customer number.")
    (known,) = [one for one in asks if one.code == "known"]
    assert "204117" in known.message
    assert next(m for m in there.timeline if m.id == known.about).channel == "email"
    desk.send(
        inbox.reply(case, "Yes, the lock is off: please restart it once.", thread=private.id, agreed=())
    )
    row = inbox.case(case).row
    assert (row.state, row.waiting_since) == (CaseState.PENDING, None)

    report = inbox.people.report(case)
    assert 101.1 * HOUR <= report.waited <= 101.4 * HOUR
    assert report.first_answer is not None and report.first_answer == report.waited
    (stretch,) = report.stretches
    assert (stretch.begin, stretch.how) == (written // 1000 * 1000, "answered")
    happened = [one.kind for one in report.events]
    told = ["merged", "handoff", "handoff_arrived", "sent"]
    assert [kind for kind in dict.fromkeys(happened) if kind in told] == [
        "sent",
        "merged",
        "handoff",
        "handoff_arrived",
    ]
    assert inbox.rebuild() == ()
