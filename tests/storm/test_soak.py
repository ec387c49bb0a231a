"""A day of work in a while: everything at once, with faults, and nothing swells, leaks, breaks or is lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store.engine import Store
from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.lanes import desk
from tests.storm.nursery import nursery
from tests.storm.roles import read_diary
from tests.storm.soak import Gauge, calm, interface, service, switch_a_fault

_SWELLS = 1.15
"""More memory than that, of the second quarter's, is no breathing any more."""


def test_a_day_of_work_with_faults(storm: Storm, tmp_path: Path) -> None:
    seconds = storm.size(5, 1_800)
    chance = random.Random(seconds)
    with worlds.world(tmp_path) as box, nursery(tmp_path) as cradle, ExitStack() as stack:
        with desk(box):
            pass
        gauges = [stack.enter_context(service(box, tmp_path / "worker.txt"))]
        terminals = []
        for agent in ("ada", "ben"):
            terminal, gauge = stack.enter_context(interface(box, agent, chance))
            terminals.append(terminal)
            gauges.append(gauge)
        diary = tmp_path / "diary.jsonl"
        script = cradle.fork("command_line", str(box.config_path), str(diary), "carla", "40", "0.5")
        played = carry_on(box, gauges, seconds, chance)
        script.kill()
        assert not any(terminal.crashed for terminal in terminals)
        stack.close()
        assert cradle.complaints() == ""
        assert "Traceback" not in (tmp_path / "worker.txt").read_text("utf-8")
        assert [*box._x_server.failures, *box._graph_server.server.failures] == []
        calm(box)
        acts = check_end(box, diary, played)
        check_gauges(gauges, storm)
        storm.note(
            f"{seconds} s, {played} messages, {acts} acts of a script, {len(box.journal.sent)} replies taken:"
            f" none lost, none twice, every clock right; " + "; ".join(gauge.words() for gauge in gauges)
        )


def carry_on(box: Sandbox, gauges: list[Gauge], seconds: int, chance: random.Random) -> int:
    """Customers write, faults come and go; how many messages there were."""
    end, looked, number = time.monotonic() + seconds, 0.0, 0
    while (now := time.monotonic()) < end:
        worlds.write(box, chance.choice(worlds.CHANNELS), number, chance.randrange(200))
        number += 1
        if chance.random() < 0.05:
            switch_a_fault(box, chance)
        if now - looked > 1:
            looked = now
            for gauge in gauges:
                gauge.look()
        time.sleep(chance.uniform(0.1, 0.9))
    return number


def check_gauges(gauges: list[Gauge], storm: Storm) -> None:
    """Nothing grows. In a few seconds nobody can tell."""
    if storm.small:
        return
    assert [leak for gauge in gauges for leak in gauge.leaks()] == []
    swollen = [gauge.words() for gauge in gauges if gauge.quarters()[1] > _SWELLS * gauge.quarters()[0]]
    assert swollen == []


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
    ours = db.execute("SELECT text FROM messages WHERE direction = 'out' OR kind = 'note'")
    texts = Counter(row[0] for row in ours)
    states = db.execute("SELECT id, state, external_id FROM replies WHERE state = 'sent'").fetchall()
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.close()
    assert came == Counter(str(number) for number in range(played))
    _begun, done = read_diary(diary)
    assert [name for name in done if texts[name] != 1] == []
    assert [text for text, times in worlds.accepted(box).items() if times > 1 and "-carla-" in text] == []
    ids = [row[2] for row in states]
    assert len(set(ids)) == len(ids)
    assert len(ids) <= len(box.journal.sent)
    inbox = open_inbox(configuration.load(str(box.config_path)))
    assert inbox.rebuild() == ()
    inbox.close()
    return len(done)
