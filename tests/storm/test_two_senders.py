"""Several workers, killed and stopped by lot, never send one reply twice.

A lock with a time limit would let a second one in while the first is stopped; a lock of the kernel does not.
"""

from __future__ import annotations

import json
import random
import signal
import time
from collections import Counter
from pathlib import Path

from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.lanes import Desk, desk
from tests.storm.nursery import Nursery, Victim, nursery
from tests.storm.roles import Diary

WORKERS = 4
_SHARES = {"x": 9, "facebook": 9, "x-dm": 4, "messenger": 4, "email": 4}
_BEGINNING = 1.0
"""Seconds until the first of them is at work."""


def test_no_reply_is_sent_twice_by_workers_that_are_killed_and_stopped(storm: Storm, tmp_path: Path) -> None:
    wanted = storm.size(40, 10_000)
    chance = random.Random(wanted)
    with (
        worlds.world(tmp_path) as box,
        nursery(tmp_path) as cradle,
        desk(box, tuple(_SHARES), 8 if storm.small else 100) as office,
    ):
        for lane in chance.choices([*_SHARES], [*_SHARES.values()], k=wanted):
            office.queue(lane)
        squad = Squad(cradle, str(box.config_path), tmp_path / "diary.jsonl", chance)
        done = squad.storm_until_sent(office)
        assert cradle.complaints() == ""
        for lane in ("x", "facebook", "email"):
            office.settle(lane)
        ends = office.judge_all()
        assert ends.total() == wanted
        counts = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
        storm.note(
            f"{wanted} replies, {WORKERS} workers, killed {done['kill']} times, stopped {done['stop']} times,"
            f" {squad.turns()} turns, never two at once: {counts}; 0 sent twice"
        )


class Squad:
    """The workers, and what is done to them."""

    def __init__(self, cradle: Nursery, config: str, diary: Path, chance: random.Random) -> None:
        self._cradle = cradle
        self._words = (config, str(diary))
        self._path = diary
        self._diary = Diary(str(diary))
        self._chance = chance
        self._workers = [self._fork() for _ in range(WORKERS)]
        self._wake: dict[Victim, float] = {}

    def _fork(self) -> Victim:
        return self._cradle.fork("worker", *self._words)

    def storm_until_sent(self, office: Desk) -> Counter[str]:
        """Kill and stop them until nothing is queued; how often."""
        done: Counter[str] = Counter()
        until = time.monotonic() + 3600
        time.sleep(_BEGINNING)
        while _queued(office) and time.monotonic() < until:
            time.sleep(self._chance.uniform(0.02, 0.5))
            self._continue(time.monotonic())
            place = self._chance.randrange(WORKERS)
            if self._chance.random() < 0.4:
                self._wake.pop(self._workers[place], None)
                self._kill(self._workers[place])
                self._workers[place] = self._fork()
                done["kill"] += 1
            else:
                self._workers[place].signal(signal.SIGSTOP)
                self._wake[self._workers[place]] = time.monotonic() + self._chance.random()
                done["stop"] += 1
        for worker in self._workers:
            self._kill(worker)
        return done

    def _kill(self, worker: Victim) -> None:
        # Written before: whoever takes its place can do so only after.
        self._diary.write("killed", "worker", str(worker.pid))
        worker.kill()

    def turns(self) -> int:
        """How often one of them became the worker. Fails where another one was it still."""
        holders: set[str] = set()
        turns = 0
        for line in filter(None, self._path.read_text("utf-8").splitlines()):
            event, _what, pid = json.loads(line)
            if event == "killed":
                holders.discard(pid)
                continue
            assert not holders, f"process {pid} became the worker beside {holders}"
            holders.add(pid)
            turns += 1
        return turns

    def _continue(self, now: float) -> None:
        for worker in [one for one, at in self._wake.items() if at <= now]:
            worker.signal(signal.SIGCONT)
            del self._wake[worker]


def _queued(office: Desk) -> int:
    """How many replies nobody has begun to send."""
    sql = "SELECT count(*) FROM replies WHERE state = 'queued'"
    return int(office.store.read().execute(sql).fetchone()[0])
