"""No reply goes out twice and none is silently lost, at whichever system call its sender dies."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.lanes import LANES, Desk, desk
from tests.storm.nursery import Nursery, Victim, nursery

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
_CALL = re.compile(r"^\d+ +(\w+)\(", re.MULTILINE)
_NEVER = ("exit_group", "restart_syscall")
"""Nothing is left to be done; not a call of the program."""


@dataclass(frozen=True)
class Point:
    """Where a sender dies: at this call of this name since it began to send."""

    name: str
    count: int


class Crime:
    """A sender under strace."""

    def __init__(self, cradle: Nursery, folder: Path, desk: Desk, reply: int) -> None:
        self._ready, self._go = folder / "ready", folder / "go"
        self._ready.unlink(missing_ok=True)
        self._go.unlink(missing_ok=True)
        self.log = folder / "strace.txt"
        words = (str(desk.config.path), str(reply), str(self._ready), str(self._go))
        self.victim: Victim = cradle.fork("sender", *words)

    def watch(self, *options: str) -> str:
        """Let it send under strace, to its end; the log."""
        assert wait_for(self._ready, self.victim), "the sender did not come up"
        command = ["strace", "-f", "-p", str(self.victim.pid), "-o", str(self.log), *options]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr is not None
            assert "attached" in tracer.stderr.readline()
            self._go.touch()
            assert self.victim.ended(60), "the sender does not end"
            tracer.stderr.read()
        self.victim.close()
        return self.log.read_text("utf-8", "replace")


def wait_for(path: Path, victim: Victim) -> bool:
    """Whether a file comes before the process ends."""
    while not path.exists():
        if victim.ended(0.001):
            return path.exists()
    return True


def calls_of_a_send(cradle: Nursery, folder: Path, desk: Desk, lane: str) -> list[Point]:
    """Every system call of a whole send, in order."""
    reply = desk.queue(lane)
    log = Crime(cradle, folder, desk, reply.id).watch()
    assert desk.judge(reply.id) == "sent"
    seen: Counter[str] = Counter()
    points = []
    for name in _CALL.findall(log):
        if name not in _NEVER:
            seen[name] += 1
            points.append(Point(name, seen[name]))
    return points


def die_at(point: Point, cradle: Nursery, folder: Path, desk: Desk, lane: str) -> tuple[int, bool]:
    """Send a reply and die there; the reply, and whether it came to that."""
    reply = desk.queue(lane)
    inject = f"inject={point.name}:signal=KILL:when={point.count}"
    log = Crime(cradle, folder, desk, reply.id).watch("-e", f"trace={point.name}", "-e", inject)
    return reply.id, "killed by SIGKILL" in log


def spread(points: list[Point], size: int) -> list[Point]:
    """So many of them, all along the way; all of them where there are fewer."""
    step = max(1.0, len(points) / size)
    return [points[int(number * step)] for number in range(min(size, len(points)))]


@pytest.mark.parametrize("lane", LANES)
def test_a_sender_that_dies_at_any_system_call(storm: Storm, tmp_path: Path, lane: str) -> None:
    with worlds.world(tmp_path) as box, nursery(tmp_path) as cradle, desk(box, (lane,)) as office:
        points = calls_of_a_send(cradle, tmp_path, office, lane)
        deaths = 0
        ends: Counter[str] = Counter()
        for point in spread(points, storm.size(4, len(points))):
            reply, died = die_at(point, cradle, tmp_path, office, lane)
            deaths += died
            office.settle(lane)
            ends[office.judge(reply)] += 1
        assert cradle.complaints() == ""
        assert deaths > len(ends)
        check_copies(office)
        counts = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
        storm.note(
            f"{deaths} crashes at {len(points)} system calls of a send: {counts};"
            " 0 sent twice, 0 silently lost"
        )


def check_copies(office: Desk) -> None:
    """Of a mail that was sent stands one copy in Sent, of others none."""
    sent = {reply.text for reply in office.inbox.outbox(all=True) if reply.state == "sent"}
    copies = office.copies()
    assert [text for text, times in copies.items() if times > 1] == []
    assert not copies or copies.keys() == sent
