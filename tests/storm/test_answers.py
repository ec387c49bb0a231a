"""An error is not "undelivered": a platform that accepted and whose answer is lost got the reply, once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from inbox_tui.channels import http
from inbox_tui.channels.email import smtp
from inbox_tui.model import ReplyState
from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.lanes import LANES, Desk, desk
from tests.storm.proxy import WAYS, Plan, Proxy, proxies

PATIENCE = 0.5
"""Seconds that a channel waits here for an answer that does not come: the real limits are minutes."""
_BETWEEN = {"email": "smtp", "x": "x", "x-dm": "x", "facebook": "facebook", "messenger": "facebook"}
_SILENCES = 8
"""Of so many offsets silence is tried at one: each takes as long as a channel waits."""


@pytest.mark.parametrize("lane", LANES)
def test_an_answer_that_is_lost_at_any_byte(
    storm: Storm, tmp_path: Path, lane: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        worlds.world(tmp_path) as box,
        proxies(box) as between,
        desk(box, (lane,)) as office,
    ):
        proxy = between[_BETWEEN[lane]]
        length = len(send(office, lane, proxy, "whole", 0)[1].answer)
        tried: Counter[str] = Counter()
        ends: Counter[str] = Counter()
        step = max(1, length // storm.size(3, length))
        for offset in range(0, length, step):
            for way in WAYS:
                if way == "silence" and offset // step % _SILENCES:
                    continue
                with monkeypatch.context() as impatient:
                    if way == "silence":
                        shorten(impatient)
                    reply, plan = send(office, lane, proxy, way, offset)
                if not plan.answer:
                    proxy.disarm()
                    assert way == "silence", "the platform was not reached"
                    continue
                now = office.inbox.reply_by_id(reply).state
                assert now in (ReplyState.UNKNOWN, ReplyState.SENT), f"{way} at byte {offset}: {now}"
                office.settle(lane)
                ends[office.judge(reply)] += 1
                tried[way] += 1
        ways = ", ".join(f"{count} × {way}" for way, count in sorted(tried.items()))
        counts = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
        storm.note(f"an accepted answer of {length} bytes, {ways}: {counts}; 0 sent twice")


def send(office: Desk, lane: str, proxy: Proxy, way: str, offset: int) -> tuple[int, Plan]:
    """Send a reply whose answer is spoiled so."""
    reply = office.queue(lane)
    with office.sender(lane) as sender:
        plan = proxy.arm(way, offset)
        sender.send(reply.id)
    return reply.id, plan


def shorten(limits: pytest.MonkeyPatch) -> None:
    """Channels wait for a moment only. On a busy machine that may be too short to reach the platform."""
    for module, name in ((http, "READ_SECONDS"), (smtp, "_LAST_ANSWER_SECONDS"), (smtp, "CONNECT_SECONDS")):
        limits.setattr(module, name, PATIENCE)
