"""A store is opened by many while it is old, and by a SQLite with a fault of its own; many renew tokens."""

from __future__ import annotations

import multiprocessing
import shutil
from pathlib import Path

import pytest

from inbox_tui.channels.oauth.live import LiveSecret
from inbox_tui.config import EmailAccount
from inbox_tui.credentials.tokens import load_tokens
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store import driver, inspection
from inbox_tui.store.engine import SCHEMA_VERSION, Store
from inbox_tui.store.migrations import applied
from tests.casework.world import NOW, World, check_clocks, check_views, post
from tests.channels.test_oauth import logged_in, mail, shared, world
from tests.store.children import children
from tests.store.test_migrations import back_to_version_1
from tests.storm.conftest import Storm

__all__ = ["shared", "world"]
PROCESSES = 16

OPEN = """
say('ready'); wait()
store = Store(path, deadline=120)
say(store.read().execute('PRAGMA user_version').fetchone()[0])
with store.write('name') as db:
    accounts.ensure(db, f'opened by {sys.argv[2]}', 'x')
say('done')
"""


def test_of_many_that_open_an_old_store_one_brings_it_up_to_date(tmp_path: Path, storm: Storm) -> None:
    old, path = tmp_path / "old.db", tmp_path / "home" / "inbox.db"
    before = World(Store(old))
    before.take("shop", *(post(str(n), f"c{n}", NOW - n) for n in range(1, 200)))
    back_to_version_1(before.store)
    before.store.read().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before.store.close()
    times = storm.size(small=1, full=50)
    for _ in range(times):
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        shutil.copy(old, path)
        with children(PROCESSES, OPEN, path) as all_:
            assert [one.hear() for one in all_] == ["ready"] * PROCESSES
            for one in all_:
                one.go()
            assert [one.hear() for one in all_] == [str(SCHEMA_VERSION)] * PROCESSES
            assert [one.hear() for one in all_] == ["done"] * PROCESSES
        after = World(Store(path))
        steps = applied(after.db)
        assert len(steps) == len(set(steps)) and steps == sorted(steps)
        opened = after.db.execute("SELECT count(*) FROM accounts WHERE name LIKE 'opened by %'").fetchone()[0]
        assert opened == PROCESSES
        assert after.db.execute("SELECT count(*) FROM messages").fetchone()[0] == 199
        assert after.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        check_views(after)
        check_clocks(after)
        after.store.close()
    storm.note(
        f"{times} old stores, {PROCESSES} processes each: {len(steps)} steps, each once, all ended well"
    )


# -- SQLite's own faults

AFFECTED = [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 2)]


@pytest.mark.parametrize("version", AFFECTED)
def test_a_sqlite_that_can_damage_a_log_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int]
) -> None:
    def affected() -> tuple[int, int, int]:
        return version

    store = Store(tmp_path / "inbox.db")
    journal = store.read().execute("PRAGMA journal_mode").fetchone()[0]
    monkeypatch.setattr(driver, "sqlite_version", affected)
    monkeypatch.setattr(inspection, "sqlite_version", affected)
    if journal == "wal":
        told = [one for one in inspection.inspect(store) if one.code == "store_library"]
        assert [one.ok for one in told] == [False] and "pysqlite3" in told[0].hint
    store.close()
    for path in (tmp_path / "inbox.db", tmp_path / "new.db"):
        again = Store(path)
        assert again.read().execute("PRAGMA journal_mode").fetchone()[0] == "delete"
        told = [one for one in inspection.inspect(again) if one.code == "store_library"]
        assert [one.ok for one in told] == [True] and "rollback journal" in told[0].message
        again.close()


def test_an_affected_sqlite_beside_others_goes_on_and_doctor_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Store(tmp_path / "inbox.db")
    if other.read().execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        pytest.skip("the SQLite of this machine is an affected one itself")
    other.read().execute("SELECT count(*) FROM meta").fetchone()
    monkeypatch.setattr(driver, "sqlite_version", lambda: (3, 40, 1))
    monkeypatch.setattr(inspection, "sqlite_version", lambda: (3, 40, 1))
    store = Store(tmp_path / "inbox.db")
    assert [one.code for one in inspection.inspect(store) if not one.ok] == ["store_library"]
    store.close()
    other.close()


# -- tokens of OAuth


def _renew_often(account: EmailAccount, times: int, start: object, out: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    try:
        for _ in range(times):
            LiveSecret(account).reveal()
        out.put("")  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001 - told to the test
        out.put(repr(error))  # type: ignore[attr-defined]


def test_two_that_renew_tokens_at_once_keep_one_that_is_valid(
    world: Sandbox, tmp_path: Path, storm: Storm
) -> None:
    account = mail(world, tmp_path)
    world.oauth.life = 60  # less than the time before the end at which it is renewed: at each look
    logged_in(account)
    times = storm.size(small=10, full=1000)
    context = multiprocessing.get_context("spawn")
    start, out = context.Event(), context.Queue()
    both = [context.Process(target=_renew_often, args=(account, times, start, out)) for _ in range(2)]
    for child in both:
        child.start()
    start.set()
    assert [out.get(timeout=600) for _ in both] == ["", ""]
    for child in both:
        child.join()
    # A refresh token is good once: had one been used twice, this one were worth nothing.
    world.oauth.life = 3600
    kept = LiveSecret(account).reveal()
    assert kept == load_tokens(account).access_token
    assert world.oauth.renewals == 2 * times + 1
    left = (
        sorted(file.name for file in Path(account.oauth.tokens_file).parent.iterdir())
        if account.oauth
        else []
    )
    assert not [name for name in left if name.startswith(".")], "no half file is left"
    storm.note(f"2 processes, {world.oauth.renewals} renewals: 0 refused, 1 valid token kept")
