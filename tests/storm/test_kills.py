"""What was acknowledged is stored, once, however often its writers are killed."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from inbox_tui import config as configuration
from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.model import ReplyState
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store.engine import Store
from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.nursery import Nursery, Victim, nursery
from tests.storm.roles import read_diary

CUSTOMERS = 60
SHORT = (0.02, 0.15)
"""Seconds in which a writer comes to a handful of acts."""


@dataclass
class Writer:
    """One of the four, in its present life."""

    role: str
    words: tuple[str, ...]
    lives: tuple[float, float]
    """Seconds that it lives, at least and at most."""
    victim: Victim | None = None
    until: float = 0.0


def test_what_was_acknowledged_survives_kills(storm: Storm, tmp_path: Path) -> None:
    kills = storm.size(40, 10_000)
    with worlds.world(tmp_path) as box, nursery(tmp_path) as cradle:
        played = settle_in(box)
        diary = tmp_path / "diary.jsonl"
        diary.touch()
        config = str(box.config_path)
        agents = [Writer("agent", (config, str(diary), who, str(CUSTOMERS)), SHORT) for who in ("ada", "ben")]
        script = Writer("command_line", (config, str(diary), "carla", str(CUSTOMERS)), SHORT)
        played += kill_them(
            box, cradle, [*agents, script, Writer("worker", (config,), (0.1, 1.5))], kills, played
        )
        begun, done = read_diary(diary)
        assert cradle.complaints() == ""
        sent = last_round(box)
        check_acts(box, begun, done)
        check_intake(box, played)
        check_store(box)
        storm.note(
            f"{kills} kills, {len(begun - done)} of them inside an act; {len(done)} acknowledged acts and"
            f" {played} messages of customers: 0 lost, 0 doubled; {sent} replies sent, none twice"
        )


def settle_in(box: Sandbox) -> int:
    """Everybody has written once, and it is stored; how many messages that were."""
    for number in range(CUSTOMERS):
        worlds.write(box, worlds.CHANNELS[number % 3], number, number)
    worker = open_worker(configuration.load(str(box.config_path)))
    assert worker.try_lock()
    results = worker.fetch_once()
    worker.close()
    assert sum(result.new for result in results.values()) == CUSTOMERS
    return CUSTOMERS


def kill_them(box: Sandbox, cradle: Nursery, writers: list[Writer], kills: int, number: int) -> int:
    """Let them work and kill them by lot, until it was done so often; how many messages came meanwhile."""
    chance = random.Random(kills)
    played = 0
    for _ in range(kills):
        for writer in writers:
            if writer.victim is None:
                writer.victim = cradle.fork(writer.role, *writer.words)
                writer.until = time.monotonic() + chance.uniform(*writer.lives)
        next_one = min(writers, key=lambda writer: writer.until)
        time.sleep(max(0.0, next_one.until - time.monotonic()))
        assert next_one.victim is not None
        assert not next_one.victim.ended(), cradle.complaints()
        next_one.victim.kill()
        next_one.victim = None
        if chance.random() < 0.3:
            worlds.write(box, chance.choice(worlds.CHANNELS), number + played, chance.randrange(CUSTOMERS))
            played += 1
    for writer in writers:
        if writer.victim is not None:
            writer.victim.kill()
    return played


def last_round(box: Sandbox) -> int:
    """A worker that nobody kills settles what can be settled; how many replies the platforms took."""
    worker = open_worker(configuration.load(str(box.config_path)))
    assert worker.try_lock()
    for _ in range(4):
        results = worker.fetch_once()
        assert [result.error for result in results.values() if result.error] == []
        time.sleep(0.1)
    worker.close()
    taken = worlds.accepted(box)
    assert [text for text, times in taken.items() if times > 1] == []
    return len(taken)


def check_acts(box: Sandbox, begun: set[str], done: set[str]) -> None:
    """Acknowledged: there, once. Begun: at most once. Sent: the platform has it, once."""
    store = Store(box.store_path)
    db = store.read()
    rows = db.execute("SELECT text FROM messages WHERE direction = 'out' OR kind = 'note'")
    stored = Counter(row[0] for row in rows)
    tags = Counter(tag for row in db.execute("SELECT tags FROM cases") for tag in row[0].split(",") if tag)
    states = {
        row[0]: row[1] for row in db.execute("SELECT text, state FROM replies WHERE message_id IS NOT NULL")
    }
    store.close()
    stored += tags
    assert done - stored.keys() == set()
    assert stored - Counter(begun) == Counter()
    taken = worlds.accepted(box)
    ours = {text: state for text, state in states.items() if state == ReplyState.SENT}
    assert ours.keys() - taken.keys() == set(), "sent, and the platform has it not"
    open_ends = {text for text in taken if states[text] not in (ReplyState.SENT, ReplyState.UNKNOWN)}
    assert open_ends == set(), "the platform has it, and it is said to be something else"


def check_intake(box: Sandbox, played: int) -> None:
    """Every message of a customer is there, once."""
    store = Store(box.store_path)
    rows = store.read().execute("SELECT text FROM messages WHERE direction = 'in'").fetchall()
    store.close()
    numbers = Counter(int(row[0].split()[-1]) for row in rows)
    assert numbers == Counter(range(played))


def check_store(box: Sandbox) -> None:
    """The file is whole, and every clock is what messages and events say."""
    store = Store(box.store_path)
    assert store.read().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.close()
    inbox = open_inbox(configuration.load(str(box.config_path)))
    assert inbox.rebuild() == ()
    inbox.close()
