"""``check``: an exit code and one line for monitoring; ``handover``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inbox_tui.bootstrap import open_inbox
from inbox_tui.config import load
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store.locks import WORKER
from tests.cli.conftest import Cli

MENTION = {"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"}


@contextmanager
def running(world: Sandbox) -> Iterator[None]:
    """As if a worker ran."""
    lock = open_inbox(load(str(world.config_path)))._store.side_lock(WORKER)
    assert lock.try_acquire()
    try:
        yield
    finally:
        lock.close()


@pytest.fixture
def fetched(cli: Cli, world: Sandbox) -> Iterator[Cli]:
    """The command line on a world that was fetched, as if a worker ran."""
    cli("fetch")
    with running(world):
        yield cli


def test_nobody_waits(fetched: Cli) -> None:
    answer = fetched("check")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "INBOX OK - 0 waiting"
        " | waiting=0;;;0 longest=0s;7200;14400;0 overdue=0;;;0 unsent=0;;;0 posts=0;;;0\n"
    )


@pytest.mark.parametrize(
    ("ago", "words", "code", "state"),
    [
        (70, (), 0, "OK"),
        (150, (), 1, "WARNING"),
        (250, (), 2, "CRITICAL"),
        (70, ("--warn", "1h"), 1, "WARNING"),
        (70, ("--critical", "1h"), 2, "CRITICAL"),
        (250, ("--warn", "1d"), 0, "OK"),
        (250, ("--critical", "5h", "--warn", "18000"), 0, "OK"),
    ],
)
def test_the_longest_wait_decides(
    cli: Cli, world: Sandbox, ago: int, words: tuple[str, ...], code: int, state: str
) -> None:
    world.play({**MENTION, "at": _ago(ago)})
    cli("fetch")
    with running(world):
        answer = cli("check", *words)
        record = cli("check", *words, "--json").record
    assert answer.code == code
    assert answer.out.startswith(f"INBOX {state} - 1 waiting, longest {ago // 60} h ")
    assert f" | waiting=1;;;0 longest={ago * 6}" in answer.out, "seconds, but for the last digit"
    assert (record["state"], record["code"], record["waiting"]) == (state.lower(), code, 1)
    assert record["problems"] == []


def test_a_snooze_hides_nobody_from_monitoring(cli: Cli, world: Sandbox) -> None:
    world.play({**MENTION, "at": _ago(300)})
    cli("fetch")
    cli("snooze", cli("list", "--json").record["id"], "tomorrow 9")
    record = cli("check", "--json").record
    assert (record["code"], record["waiting"]) == (2, 1)


def test_no_worker_is_a_warning(cli: Cli) -> None:
    cli("fetch")
    answer = cli("check")
    assert answer.code == 1
    assert answer.out.startswith("INBOX WARNING - 0 waiting; no worker runs | ")


def test_an_account_that_was_never_fetched_is_a_warning(cli: Cli, world: Sandbox) -> None:
    cli("accounts")
    assert cli("check", "--json").record["problems"] == [
        "no worker runs",
        *(f"{name} not fetched yet" for name in load(str(world.config_path)).accounts),
    ]


def test_an_account_in_trouble_is_a_warning(fetched: Cli, world: Sandbox) -> None:
    inbox = open_inbox(load(str(world.config_path)))
    with inbox._store.write("test") as db:
        db.execute(
            "UPDATE accounts SET error = 'gone', error_code = 'temporary', error_since = 1 WHERE id = 1"
        )
    answer = fetched("check")
    assert answer.code == 1
    assert "unreachable since" in answer.out


def test_a_critical_wait_is_worse_than_a_warning(cli: Cli, world: Sandbox) -> None:
    world.play({**MENTION, "at": _ago(300)})
    cli("fetch")
    answer = cli("check")
    assert answer.code == 2
    assert "; no worker runs | " in answer.out


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--warn", "soon"),
        ("check", "--warn", "5h", "--critical", "4h"),
        ("check", "--nonsense"),
        ("check", "12"),
        ("check", "--warn"),
    ],
)
def test_wrong_usage_is_unknown_and_not_a_warning(cli: Cli, words: tuple[str, ...]) -> None:
    cli("fetch")
    answer = cli(*words)
    assert (answer.code, answer.err) == (3, "")
    assert answer.out.startswith("INBOX UNKNOWN - ") and answer.out.count("\n") == 1


def test_what_cannot_be_read_is_unknown(bare: Cli, tmp_path: Path) -> None:
    assert bare("--config", tmp_path / "none.toml", "check").code == 3
    (tmp_path / "bad.toml").write_text("[desk]\njoin_hours = true\n")
    answer = bare("--config", tmp_path / "bad.toml", "check", "--json")
    assert (answer.code, answer.record["state"], answer.error["code"]) == (3, "unknown", "config")
    (tmp_path / "good.toml").write_text('store = "none.db"\n')
    assert bare("--config", tmp_path / "good.toml", "check").code == 3, "a store that is not there"
    (tmp_path / "none.db").write_text("no database at all, but long enough to look like one")
    assert bare("--config", tmp_path / "good.toml", "check").code == 3


def test_other_subcommands_keep_their_codes(cli: Cli) -> None:
    assert cli("list", "--nonsense").code == 2


# -- handover


def test_a_handover_lists_who_waits_on_me(cli: Cli, world: Sandbox) -> None:
    for name in ("lena", "mia", "tom"):
        world.play({**MENTION, "from": f"@{name}", "name": name.title()})
    cli("fetch")
    first, second, third = (row["id"] for row in cli("list", "--json").records)
    cli("--agent", "anna", "assign", first, second)
    cli("--agent", "anna", "snooze", second, "tomorrow 9")
    world.play({"channel": "x", "kind": "fault", "fault": "rate_limit", "on": True})
    cli("--agent", "anna", "reply", first, "I am on it.")
    answer = cli("--agent", "anna", "handover", "--json")
    assert answer.code == 0
    head, *rest = answer.records
    assert head == {
        "type": "handover",
        "agent": "anna",
        "waiting": 1,
        "snoozed": 1,
        "drafts": 1,
        "unsent": 0,
        "unassigned": 1,
    }
    assert [(one["type"], one["id"]) for one in rest[:3]] == [("case", one) for one in (first, third, second)]
    assert (rest[3]["type"], rest[3]["state"], rest[3]["text"]) == ("reply", "draft", "I am on it.")
    alone = "1 case waits that nobody has, and no other agent sees to the desk:"
    said = cli("--agent", "anna", "handover").out
    for part in ("1 case waits on anna:", alone, "in snoozed cases:", "1 draft is kept:"):
        assert part in said
    cli("--agent", "ben", "priority", third, "high")
    said = cli("--agent", "anna", "handover").out
    assert "1 case waits for an agent to take over: inbox-tui list --view unassigned" in said
    assert third not in [one["id"] for one in cli("--agent", "anna", "handover", "--json").records[1:]]


def test_a_handover_names_what_was_not_sent(cli: Cli, world: Sandbox) -> None:
    world.play(MENTION)
    cli("fetch")
    case = cli("list", "--json").record["id"]
    world.play({"channel": "x", "kind": "fault", "fault": "accepted_then_dropped", "on": True, "times": 1})
    assert cli("--agent", "anna", "reply", case, "Yes.").code == 5
    assert cli("--agent", "anna", "handover", "--json").records[0]["unsent"] == 1
    assert cli("--agent", "ben", "handover", "--json").records[0]["unsent"] == 0
    assert "1 reply not sent" in cli("check").out


def test_nobody_waits_on_who_has_nothing(cli: Cli) -> None:
    cli("fetch")
    assert cli("--agent", "anna", "handover").out == "Nobody waits on anna.\n"


def _ago(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes, seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
