"""No message is lost and none stored twice: odd ones, fetches that die, accounts that were dark for long."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from inbox_tui import config as configuration
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store.engine import Store
from tests.e2e.test_story import kill_after, stored
from tests.storm.conftest import Storm
from tests.storm.mailroom import Mailroom, opened
from tests.storm.odd_mails import LARGEST, large, odd

BY_HEADER = 3
"""Mails that are larger than the account takes."""
_MOST = 800
"""Mentions that X gives at most."""
_OTHERS = 40


def test_every_odd_mail_is_stored_once(storm: Storm, tmp_path: Path) -> None:
    count = storm.size(60, 2400)
    mails = [*map(odd, range(count)), *map(large, range(BY_HEADER))]
    chance = random.Random(count)
    with opened(tmp_path, f"max_mail_bytes = {LARGEST}\nbatch = 20") as room:
        room.deliver(*mails[: count // 2])
        killed = _killed(room, chance, 2 if storm.small else 12)
        room.server.reset_uidvalidity("mail")
        room.deliver(*mails[count // 2 :])
        killed += _killed(room, chance, 1 if storm.small else 12)
        room.call("fetch")
        [again] = room.call("fetch")
        assert (again["new"], again["error"]) == (0, None)
        raws = _raws(room)
        delivered = Counter(sha256(raw).hexdigest() for raw in mails[:count])
        # What is the same to the last byte is one mail that lies there twice.
        assert set(raws) >= set(delivered)
        assert max(raws.values()) == 1
        assert len(raws) == len(delivered) + BY_HEADER
        shown = _shown(room)
        storm.note(
            f"{len(mails)} odd mails, {killed} fetches killed, UIDVALIDITY set anew: {len(raws)} stored,"
            f" {len(delivered) + BY_HEADER} expected, 0 twice; {shown} of {BY_HEADER} too large shown as such"
        )
        assert shown == BY_HEADER
        assert room.call("accounts")[0]["unparsed"] >= BY_HEADER


def _killed(room: Mailroom, chance: random.Random, times: int) -> int:
    config = configuration.load(str(room.config))
    return sum(kill_after(config, chance.randint(0, 5), chance.random() / 30) for _ in range(times))


def _raws(room: Mailroom) -> Counter[str]:
    """The mails as they stand in the store, by what their bytes are."""
    with closing(Store(room.store)) as store:
        found = store.read().execute("SELECT raw FROM raw_mails").fetchall()
    return Counter(sha256(bytes(row[0])).hexdigest() for row in found)


def _shown(room: Mailroom) -> int:
    """Mails of which a script is told why they could not be read."""
    found = 0
    for case in room.call("list", "--view", "all", "--limit", 0):
        if str(case["subject"]).startswith("large "):
            [whole] = room.call("show", case["id"])
            found += sum("max_mail_bytes" in str(message) for message in whole["timeline"])
    return found


def test_an_account_that_was_dark_for_days_is_whole_again_or_says_what_is_missing(
    storm: Storm, tmp_path: Path
) -> None:
    missed = storm.size(60, 2000)
    with Sandbox(tmp_path / "world", scenario="empty") as world:
        rich = world.config_path.read_text().replace(
            'channel = "x"\n', 'channel = "x"\nbudget_per_day = 1000\n', 1
        )
        world.config_path.write_text(rich)
        config = configuration.load(str(world.config_path))
        room = Mailroom(world.directory, world.mail, world.faults)
        _write(world, "before")
        room.call("fetch")
        for number in range(missed):
            world.play({"channel": "x", "kind": "mention", "from": f"@a{number}", "text": f"@shop {number}"})
        for number in range(_OTHERS):
            _write(world, f"dark {number}")
        assert kill_after(config, 2, 0.0) or storm.small
        room.call("fetch")
        room.call("fetch")
        brought = Counter(account for account, _ in stored(config))
        accounts = {one["name"]: one for one in room.call("accounts") if one["type"] == "account"}
        storm.note(
            f"{missed} mentions, {_OTHERS} mails, {_OTHERS} comments while dark: stored {dict(brought)}"
            f" with one of each before; gap of shop: {accounts['shop']['gap']}"
        )
        assert brought == {"shop": min(missed, _MOST) + 1, "mail": _OTHERS + 1, "page": _OTHERS + 1}
        assert (accounts["shop"]["gap"] is not None) == (missed > _MOST)
        assert accounts["mail"]["gap"] is accounts["page"]["gap"] is None


def _write(world: Sandbox, text: str) -> None:
    """Somebody writes on the channels that give all there is; the first also on X."""
    world.play({"channel": "email", "kind": "mail", "from": "a@b.example", "subject": text, "text": text})
    world.play({"channel": "facebook", "kind": "post", "from": f"Bo {text}", "text": text})
    if text == "before":
        world.play({"channel": "x", "kind": "mention", "from": "@ada", "text": "@shop before"})
