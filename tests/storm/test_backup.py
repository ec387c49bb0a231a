"""Copies of a store that is written to all the while, and one of them put in its place."""

from __future__ import annotations

import gc
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inbox_tui.errors import StoreDamaged, StoreError, StoreLocked, StoreTooNew
from inbox_tui.inbox import upkeep
from inbox_tui.model import ReplyState
from inbox_tui.store import backup
from inbox_tui.store.engine import SCHEMA_VERSION, Store
from tests.casework.world import NOW, World, check_clocks, check_views, fresh_store, post
from tests.cli.conftest import Cli, bare
from tests.store.children import Child, child
from tests.storm.conftest import Storm

__all__ = ["bare"]

# Takes in one message after the other, and says after each commit how many there are.
WRITER = """
from itertools import count
from tests.casework.world import NOW, World, post
name, told = sys.argv[2], Path(sys.argv[3])
world = World(Store(path, deadline=60))
say('writes')
for n in count(1):
    world.take('shop', post(f'{name}-{n}', f'{name}{n % 50}', NOW + n, text=f'{name} {n} ' + 'word ' * 40))
    told.write_text(str(n))
"""


@contextmanager
def writers(path: Path, count: int) -> Iterator[dict[str, Path]]:
    """Processes that write without a pause; where each says how far it is."""
    told = {f"w{n}": path.with_name(f"told-{n}") for n in range(count)}
    for file in told.values():
        file.write_text("0")
    with many([(path, name, file) for name, file in told.items()]) as all_:
        assert [one.hear() for one in all_] == ["writes"] * count
        yield told


@contextmanager
def many(args: list[tuple[object, ...]]) -> Iterator[list[Child]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield [stack.enter_context(child(WRITER, *each)) for each in args]


def told_so_far(told: dict[str, Path]) -> dict[str, int]:
    return {name: int(file.read_text() or 0) for name, file in told.items()}


def numbers(store: Store, name: str) -> list[int]:
    """The messages of a writer that a store holds."""
    sql = "SELECT external_id FROM messages WHERE external_id LIKE ? ORDER BY id"
    return [int(row[0].partition("-")[2]) for row in store.read().execute(sql, (f"{name}-%",))]


def test_every_copy_under_load_is_whole_and_holds_what_was_acknowledged(tmp_path: Path, storm: Storm) -> None:
    World(fresh_store(tmp_path / "inbox.db")).store.close()
    times = storm.size(small=6, full=100)
    store = Store(tmp_path / "inbox.db")
    moved = 0
    with writers(store.path, 2) as told:
        for n in range(times):
            before = told_so_far(told)
            target = tmp_path / f"copy-{n}.db"
            copy = backup.save(store, target)
            moved += told_so_far(told) != before
            assert stat.S_IMODE(target.stat().st_mode) == 0o600
            assert copy.size == target.stat().st_size and copy.schema == SCHEMA_VERSION
            held = Store(target)
            for name, acknowledged in before.items():
                found = numbers(held, name)
                assert found == list(range(1, len(found) + 1)), "whole pages, none missing between"
                assert len(found) >= acknowledged
            if n == times - 1:
                books = World(held)
                check_views(books)
                check_clocks(books)
            held.close()
            target.unlink()
            time.sleep(0.02)
    assert moved > times // 2, "others wrote while the copies were made"
    store.close()
    assert not list(tmp_path.glob(".*")), "no half copy is left"
    storm.note(f"{times} copies beside 2 writers: all whole, 0 acknowledged messages missing")


def test_a_copy_never_overwrites_and_a_failed_one_leaves_nothing(tmp_path: Path) -> None:
    store = fresh_store(tmp_path / "inbox.db")
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("precious", "link", "inbox.db"):
        with pytest.raises(StoreError, match="is there already") as caught:
            backup.save(store, tmp_path / name)
        assert caught.value.hint
    assert (tmp_path / "precious").read_text() == "precious"
    with pytest.raises(StoreError, match="no such folder"):
        backup.save(store, tmp_path / "deep" / "copy.db")
    assert not (tmp_path / "nowhere").exists() and not list(tmp_path.glob(".*"))
    store.close()


def test_a_copy_of_a_damaged_store_is_refused_and_gone(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    damage(path, filled(path))
    store = Store(path)
    with pytest.raises(StoreDamaged):
        backup.save(store, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists() and not list(tmp_path.glob(".*"))
    store.close()


def filled(path: Path, count: int = 30) -> int:
    """A store with some messages; the page of one of them."""
    world = World(fresh_store(path))
    world.take("shop", *(post(f"m-{n}", f"c{n}", NOW + n) for n in range(1, count)))
    page = world.db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages_external'").fetchone()
    world.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    world.store.close()
    return int(page[0])


def damage(path: Path, page: int) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


# -- restore


def test_restoring_puts_back_what_was_and_keeps_what_is(tmp_path: Path) -> None:
    path, copy = tmp_path / "inbox.db", tmp_path / "copy.db"
    filled(path)
    store = Store(path)
    backup.save(store, copy)
    world = World(store)
    world.take("shop", post("later", "77", NOW + 99))
    store.close()
    kept = copy.read_bytes()
    done = upkeep.restore(path, copy, NOW)
    assert copy.read_bytes() == kept, "a backup stays what it was"
    again = Store(path)
    assert len(numbers(again, "m")) == 29
    assert (
        again.read().execute("SELECT count(*) FROM messages WHERE external_id = 'later'").fetchone()[0] == 0
    )
    assert done.aside is not None
    aside = Store(done.aside)
    assert (
        aside.read().execute("SELECT count(*) FROM messages WHERE external_id = 'later'").fetchone()[0] == 1
    )
    assert {stat.S_IMODE(file.stat().st_mode) for file in (path, done.aside)} == {0o600}
    check_views(World(again))
    again.close()
    aside.close()


def test_a_store_that_others_have_open_is_not_replaced(tmp_path: Path) -> None:
    path, copy = tmp_path / "inbox.db", tmp_path / "copy.db"
    filled(path)
    store = Store(path)
    backup.save(store, copy)
    store.close()
    before = path.read_bytes()
    with child("store = Store(path)\nsay('open'); wait()\nstore.close()\nsay('shut'); wait()", path) as other:
        assert other.hear() == "open"
        with pytest.raises(StoreLocked, match=f"in use by process {other.pid}") as caught:
            upkeep.restore(path, copy, NOW)
        assert "end all that use it" in caught.value.hint
        assert path.read_bytes() == before
        other.go()
        assert other.hear() == "shut"
        assert upkeep.restore(path, copy, NOW).aside is not None


def test_what_is_no_sound_copy_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    filled(path)
    before = path.read_bytes()
    (tmp_path / "diary").write_text("Dear diary, " * 900)
    damage(tmp_path / "broken.db", filled(tmp_path / "broken.db"))
    filled(tmp_path / "new.db")
    newer = Store(tmp_path / "new.db")
    newer.read().execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    newer.close()
    for name, kind in (
        ("diary", StoreDamaged),
        ("broken.db", StoreDamaged),
        ("new.db", StoreTooNew),
        ("nowhere", StoreError),
    ):
        with pytest.raises(kind) as caught:
            upkeep.restore(path, tmp_path / name, NOW)
        assert caught.value.hint
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.glob("inbox.db*")) == sorted(
        {"inbox.db", "inbox.db.lock", "inbox.db.turn", "inbox.db.users"}
    )


def test_a_damaged_store_is_kept_as_it_is_with_its_log(tmp_path: Path) -> None:
    path, copy = tmp_path / "inbox.db", tmp_path / "copy.db"
    page = filled(path)
    store = Store(path)
    backup.save(store, copy)
    with child(
        "store = Store(path)\nwith store.write('x') as db:\n    accounts.ensure(db, 'late', 'x')\n"
        "say('wrote'); os.kill(os.getpid(), signal.SIGKILL)",
        path,
    ) as writer:
        assert writer.hear() == "wrote"
        writer.process.wait(60)
    store.close_thread()
    store.close()
    damage(path, page)
    log = path.with_name("inbox.db-wal")
    before = (path.read_bytes(), log.read_bytes() if log.exists() else b"")
    done = upkeep.restore(path, copy, NOW)
    assert done.aside is not None
    kept = done.aside.with_name(done.aside.name + "-wal")
    assert (done.aside.read_bytes(), kept.read_bytes() if kept.exists() else b"") == before
    again = Store(path)
    assert len(numbers(again, "m")) == 29
    again.close()


def test_what_was_under_way_in_a_copy_is_not_sent_a_second_time(tmp_path: Path) -> None:
    path, copy = tmp_path / "inbox.db", tmp_path / "copy.db"
    world = World(fresh_store(path))
    world.take("shop", post("1", "42", NOW))
    reply = world.inbox.reply(world.case_of("1"), "Sorry!")
    backup.save(world.store, copy)
    world.store.close()
    assert upkeep.restore(path, copy, NOW).unknown == 1
    again = World(Store(path))
    (found,) = again.inbox.outbox()
    assert (found.id, found.state) == (reply.id, ReplyState.UNKNOWN)
    assert "backup" in found.error and found.hint
    check_views(again)
    again.store.close()


def test_the_command_line_copies_and_restores(tmp_path: Path, bare: Cli) -> None:
    path, copy = tmp_path / "inbox.db", tmp_path / "copy.db"
    filled(path)
    at = ("--store", path)
    answer = bare(*at, "backup", copy, "--json")
    assert (answer.code, answer.record["path"]) == (0, str(copy)), answer.err
    assert answer.record["bytes"] == copy.stat().st_size
    again = bare(*at, "backup", copy, "--json")
    assert (again.code, again.error["code"]) == (1, "store")
    gc.collect()  # the calls above ran in this process
    answer = bare(*at, "restore", copy, "--json")
    assert (answer.code, answer.record["unknown"]) == (0, 0), answer.err
    assert Path(answer.record["aside"]).is_file()
