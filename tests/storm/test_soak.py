"""A day of work in a while: everything at once, with faults, and nothing swells, leaks, breaks or is lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.records import replace
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store.engine import Store
from tests.storm import past
from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.lanes import desk
from tests.storm.nursery import nursery
from tests.storm.roles import read_diary
from tests.storm.soak import Gauge, calm, interface, service, switch_a_fault

FULL = 2_600
"""Seconds: some 30,000 keys in each interface, more than an agent presses in a day.

What has a bound (pages and statements of each connection, layouts, names) is full after some 15 minutes.
"""
_PAST, _CASES, _CUSTOMERS = 20_000, 1_000, 200
"""Mails that were stored before the day, cases that the script works on, and who writes on that day."""
_WAITING = 60
"""Who waits at most: the others of the team close what waits longest."""
_LONG = 600
"""Seconds from which on it can be told whether something swells."""
_SHOWN = (
    "SELECT m.text FROM messages m LEFT JOIN replies r ON r.id = m.reply_id"
    " WHERE (m.direction = 'out' OR m.kind = 'note') AND (r.id IS NULL OR r.state <> 'draft')"
)
_TAKEN_BACK = (
    "SELECT text FROM replies WHERE id IN"
    " (SELECT json_extract(detail, '$.reply') FROM events WHERE kind = 'withdrawn')"
)
_A_KEY, _A_MESSAGE = 0.6, 2.0
"""KiB that an interface may keep of a key, and the worker of a message, once what has a bound is full."""


def test_a_day_of_work_with_faults(storm: Storm, tmp_path: Path) -> None:
    seconds = storm.size(5, FULL)
    chance = random.Random(seconds)
    day = Day(chance)
    with worlds.world(tmp_path) as box, nursery(tmp_path) as cradle, ExitStack() as stack:
        with desk(box):
            pass
        past.fill(box, 40 if storm.small else _PAST)
        gauges = [stack.enter_context(service(box, tmp_path / "worker.txt", lambda: day.played))]
        terminals = []
        for agent in ("ada", "ben"):
            terminal, gauge = stack.enter_context(interface(box, agent, chance))
            terminals.append(terminal)
            gauges.append(gauge)
        diary = tmp_path / "diary.jsonl"
        cases = "40" if storm.small else str(_CASES)
        script = cradle.fork("command_line", str(box.config_path), str(diary), "carla", cases, "0.5")
        day.carry_on(box, gauges, seconds)
        script.kill()
        assert not any(terminal.crashed for terminal in terminals)
        stack.close()
        assert cradle.complaints() == ""
        assert "Traceback" not in (tmp_path / "worker.txt").read_text("utf-8")
        assert [*box._x_server.failures, *box._graph_server.server.failures] == []
        calm(box)
        acts = check_end(box, diary, day.played)
        storm.note(
            f"{seconds} s, {day.played} messages, {acts} acts of a script, {len(box.journal.sent)} replies:"
            f" none lost, none twice, every clock right; " + "; ".join(gauge.words() for gauge in gauges)
        )
        if seconds >= _LONG:
            worker, *interfaces = gauges
            swollen = [*worker.swells(_A_MESSAGE), *chain(*(one.swells(_A_KEY) for one in interfaces))]
            assert swollen == []


class Day:
    """Customers write, faults come and go."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.played = 0
        """How many messages there were."""

    def carry_on(self, box: Sandbox, gauges: list[Gauge], seconds: int) -> None:
        """Go on for so long, and look at what each process holds."""
        end, looked = time.monotonic() + seconds, 0.0
        others = open_inbox(replace(configuration.load(str(box.config_path)), agent="dora"))
        while (now := time.monotonic()) < end:
            customer = self._chance.randrange(_CUSTOMERS)
            worlds.write(box, self._chance.choice(worlds.CHANNELS), self.played, customer)
            self.played += 1
            if self._chance.random() < 0.05:
                switch_a_fault(box, self._chance)
            if now - looked > 1:
                looked = now
                for gauge in gauges:
                    gauge.look()
                # As many are answered as write: a queue and cases that grow all day would be no leak.
                if done := others.ids("waiting")[:-_WAITING].tolist():
                    others.triage.done(done)
            time.sleep(self._chance.uniform(0.1, 0.9))
        others.close()


def check_end(box: Sandbox, diary: Path, played: int) -> int:
    """The queue is right: all that came is there once, nothing was sent twice; acts of the script."""
    worker = open_worker(configuration.load(str(box.config_path)))
    assert worker.try_lock()
    for _ in range(5):
        worker.fetch_once()
    worker.close()
    store = Store(box.store_path)
    db = store.read()
    asked = db.execute("SELECT text FROM messages WHERE text LIKE '%question %'")
    came = Counter(row[0].rpartition(" ")[2] for row in asked)
    ours = db.execute(_SHOWN)
    texts = Counter(row[0] for row in ours)
    taken_back = [row[0] for row in db.execute(_TAKEN_BACK)]
    states = db.execute("SELECT id, state, external_id FROM replies WHERE state = 'sent'").fetchall()
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.close()
    assert came == Counter(str(number) for number in range(played))
    _begun, done = read_diary(diary)
    # A reply that failed, or of which nobody knows, may be taken back by another agent, written on and sent.
    decided = {name for name in done if any(text.startswith(name) for text in taken_back)}
    assert [name for name in done - decided if texts[name] != 1] == []
    twice = {text for text, times in worlds.accepted(box).items() if times > 1 and "-carla-" in text}
    assert twice - decided == set()
    ids = [row[2] for row in states]
    assert len(set(ids)) == len(ids)
    assert len(ids) <= len(box.journal.sent)
    inbox = open_inbox(configuration.load(str(box.config_path)))
    assert inbox.rebuild() == ()
    inbox.close()
    return len(done)
