"""What the benches stand on: a store that is whole, and scripts that start. No test depends on time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from inbox_tui.bootstrap import open_inbox
from inbox_tui.config import load
from inbox_tui.inbox import Inbox

BENCH = Path(__file__).parent.parent / "bench"
SCRIPTS = (
    *("all", "make_store", "start", "start_peers", "keys", "oneshot", "views", "search", "sync", "memory"),
    *("writers", "growth", "intake", "kinship", "joins"),
)


def run(*words: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    run(BENCH / "make_store.py", "--messages", "500", folder)
    return folder / "config.toml"


@pytest.fixture
def inbox(config: Path) -> Inbox:
    return open_inbox(load(str(config)), create=False)


def test_five_messages_a_case_and_a_tenth_of_them_waits(inbox: Inbox) -> None:
    rows = inbox.page("all", limit=1000)
    assert len(rows) == 100
    assert sum(row.messages for row in rows) == 500
    assert {row.messages for row in rows} == {5}
    assert sum(row.waiting_since is not None for row in rows) == 10
    assert {channel for row in rows for channel in row.channels} == {"email", "x", "facebook"}


def test_views_and_counters_agree(inbox: Inbox) -> None:
    views = inbox.overview().views
    assert {view.key: view.count for view in views} == {view.key: len(inbox.ids(view.key)) for view in views}
    assert {view.key for view in views if view.count} >= {"waiting", "pending", "done", "all", "channel:x"}


def test_its_clocks_are_what_its_messages_say(inbox: Inbox) -> None:
    assert inbox.rebuild() == ()


def test_its_configuration_opens_it(config: Path) -> None:
    out = run("-m", "inbox_tui", "--config", config, "list", "--limit", "3", "--json")
    assert [json.loads(line)["state"] for line in out.splitlines()] == ["waiting"] * 3


def test_a_store_is_not_built_over_another(config: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(BENCH / "make_store.py"), str(config.parent)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "holds a store already" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_bench_explains_itself(script: str) -> None:
    assert "--help" in run(BENCH / f"{script}.py", "--help")
    assert f"`{script}.py" in (BENCH / "README.md").read_text("utf-8")


def test_intake_finds_all_messages_new_and_then_none() -> None:
    out = run(BENCH / "intake.py", "--messages", "300", "--pages", "100", "--json")
    assert [json.loads(line)["messages"] for line in out.splitlines()] == [
        "fetched",
        "bare upsert",
        "new",
        "known",
    ]


def test_what_is_called_all_but_certain_is_right() -> None:
    out = run(BENCH / "kinship.py", "--people", "1200", "--json")
    found = {row["evidence"]: row for row in map(json.loads, out.splitlines())}
    assert found["all strong"]["proposed"] > 20
    assert all(row["precision"] >= 0.99 for kind, row in found.items() if "strong" in kind)


def test_nothing_is_joined_wrongly_in_a_world_of_known_truth() -> None:
    out = run(BENCH / "joins.py", "--people", "600", "--json")
    found = {row["messages"]: row for row in map(json.loads, out.splitlines())}
    assert {kind: row["wrong"] for kind, row in found.items()} == dict.fromkeys(found, 0)
    for kind in ("supporter", "colleague", "(supporters)"):
        assert found[kind]["count"] == found[kind]["joined"] > 10
    assert min(found[kind]["count"] for kind in ("forger", "bait", "bitten", "under our post")) > 10


_TAMPERED = """
import random, sys, tempfile, pathlib
sys.path.insert(0, sys.argv[1])
import joins
from inbox_tui.store.engine import Store
with tempfile.TemporaryDirectory() as folder:
    store, told = Store(pathlib.Path(folder) / "inbox.db"), list(joins.world(60, random.Random(7)))
    joins.take(store, told)
    mails = [one.message for one in told if one.part == "own" and one.message.author.kind == "email"]
    own = [one.external_id for one in mails]
    with store.write("tamper") as db:
        db.execute("UPDATE messages SET case_id = (SELECT case_id FROM messages WHERE external_id = ?)"
                   " WHERE external_id = ?", (own[0], own[-1]))
        db.execute("UPDATE identities SET person_id = 1 WHERE id = 2")
    print(*(row["wrong"] for row in joins.judge(store, told) if row["messages"] in ("own", "(persons)")))
    store.close()
"""


def test_its_judge_sees_a_message_in_a_wrong_case_and_a_person_of_two() -> None:
    assert all(int(wrong) for wrong in run("-c", _TAMPERED, BENCH).split())


def test_all_of_them_make_one_page(tmp_path: Path) -> None:
    page = run(BENCH / "all.py", "--quick", "--only", "views", "--dir", tmp_path)
    assert "| `views.py` | first pages, counters: within 2 ms |" in page
    assert "| first page: waiting |" in page
    assert "Not measured: nothing is missing." in page
    assert not (tmp_path / "benchmarks.md").exists()


def test_a_bench_names_what_is_not_installed(tmp_path: Path) -> None:
    words = ["--messages", "500", "--mails", "10", "--rounds", "1", "--dir", tmp_path, "--json"]
    done = subprocess.run(
        [sys.executable, BENCH / "start_peers.py", *map(str, words)],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert json.loads(done.stdout.splitlines()[-1]) == {"missing": "neomutt is not installed"}
