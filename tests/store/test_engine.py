"""The store file: opened, written by several at once, refused where it cannot be trusted."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from inbox_tui.errors import (
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
)
from inbox_tui.store import accounts
from inbox_tui.store.driver import Connection, sqlite_version, wal_is_safe
from inbox_tui.store.engine import APPLICATION_ID, SCHEMA_VERSION, Store
from inbox_tui.store.places import refuse_network_file_system
from tests.store.children import NOBODY, child, children


def pragma(store: Store, name: str) -> int:
    return int(store.read().execute(f"PRAGMA {name}").fetchone()[0])


def names(store: Store) -> list[str]:
    return [row[0] for row in store.read().execute("SELECT name FROM accounts ORDER BY name")]


def fill(db: Connection, count: int = 100) -> None:
    for n in range(count):
        accounts.ensure(db, f"{n:05}" + "x" * 4000, "x")


# -- opening


def test_a_new_store_is_ours_and_safe(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "inbox.db")
    assert pragma(store, "application_id") == APPLICATION_ID
    assert pragma(store, "user_version") == SCHEMA_VERSION
    assert pragma(store, "foreign_keys") == 1
    assert pragma(store, "synchronous") == 2, "FULL: NORMAL loses commits when the power goes"
    journal = store.read().execute("PRAGMA journal_mode").fetchone()[0]
    assert journal == ("wal" if wal_is_safe(sqlite_version()) else "delete")
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700
    store.close()


def test_without_create_a_missing_store_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store yet") as caught:
        Store(tmp_path / "inbox.db", create=False)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_eight_processes_may_open_a_fresh_file_at_once(tmp_path: Path) -> None:
    script = """
say('ready'); wait()
store = Store(path)
with store.write('name') as db:
    accounts.ensure(db, sys.argv[2], 'x')
say('done')
"""
    with children(8, script, tmp_path / "inbox.db") as all_:
        assert [one.hear() for one in all_] == ["ready"] * 8
        for one in all_:
            one.go()
        assert [one.hear() for one in all_] == ["done"] * 8
    store = Store(tmp_path / "inbox.db")
    assert names(store) == sorted(str(n) for n in range(8))
    assert store.read().execute("SELECT count(*) FROM meta").fetchone()[0] == 1, "one secret, made once"
    store.close()


def test_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db")
    store.read().execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    store.close()
    with pytest.raises(StoreTooNew, match="newer") as caught:
        Store(tmp_path / "inbox.db")
    assert "upgrade" in caught.value.hint


@pytest.mark.parametrize("application", [0, 0x12345678])
@pytest.mark.parametrize("version", [0, SCHEMA_VERSION, 99])
def test_another_programs_database_is_refused_whatever_its_version(
    tmp_path: Path, application: int, version: int
) -> None:
    store = Store(tmp_path / "other.db")
    store.read().execute(f"PRAGMA application_id={application}")
    store.read().execute(f"PRAGMA user_version={version}")
    store.close()
    with pytest.raises(StoreDamaged, match="another program"):
        Store(tmp_path / "other.db")


@pytest.mark.parametrize("content", [b"Dear diary, " * 500, b"SQLite format 3\0" + b"\xff" * 8000])
def test_what_is_no_database_is_refused_and_unchanged(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "diary.txt"
    file.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Store(file)
    assert str(file) in str(caught.value)
    assert caught.value.hint
    assert file.read_bytes() == content


def test_a_folder_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        Store(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_which_sqlite_is_safe_with_a_write_ahead_log(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


MOUNTS = """\
22 1 8:1 / / rw - ext4 /dev/sda1 rw
30 22 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw
31 30 8:2 / /home/local rw - xfs /dev/sdb1 rw
32 22 0:41 / /mnt/my\\040share rw - cifs //server/share rw
33 22 0:42 / /homestead rw - ext4 /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/lena/inbox.db", "nfs4"),
        ("/mnt/my share/inbox.db", "cifs"),
        ("/home/local/inbox.db", None),
        ("/homestead/inbox.db", None),
        ("/srv/inbox.db", None),
    ],
)
def test_network_file_systems_are_refused(tmp_path: Path, path: str, kind: str | None) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    if kind is None:
        refuse_network_file_system(Path(path), str(mounts))
        return
    with pytest.raises(StoreError, match=kind) as caught:
        refuse_network_file_system(Path(path), str(mounts))
    assert "--store" in caught.value.hint


def test_a_link_to_a_network_file_system_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to("far")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 1 8:1 / / rw - ext4 sda1 rw\n2 1 0:1 / {tmp_path.resolve()}/far rw - nfs s:/ rw\n")
    with pytest.raises(StoreError, match="nfs"):
        refuse_network_file_system(tmp_path / "near" / "inbox.db", str(mounts))


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o600), (0o2770, 0o660)])
def test_files_are_private_unless_the_folder_is_a_groups(tmp_path: Path, folder: int, file: int) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(folder)
    before = os.umask(0o077)
    try:
        store = Store(home / "inbox.db")
        with store.write("anything") as db:
            accounts.ensure(db, "shop", "x")
        lock = store.side_lock("worker")
    finally:
        os.umask(before)
    assert len(list(home.iterdir())) >= 3
    assert modes(home) == {file}
    lock.close()
    store.close()


# -- writing


def test_a_write_is_all_or_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db")
    with pytest.raises(ZeroDivisionError), store.write("half") as db:
        accounts.ensure(db, "half", "x")
        raise ZeroDivisionError
    assert names(store) == []
    with store.write("whole") as db:
        accounts.ensure(db, "whole", "x")
    assert names(store) == ["whole"]
    store.close()


def test_a_write_inside_a_write_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db")
    with store.write("outer") as db:
        accounts.ensure(db, "outer", "x")
        with pytest.raises(StoreError, match="inside"), store.write("inner"):
            pass
    assert names(store) == ["outer"]
    store.close()


def test_four_writers_that_read_first_lose_no_update(tmp_path: Path) -> None:
    Store(tmp_path / "inbox.db").close()
    script = """
store = Store(path)
say('ready'); wait()
for _ in range(50):
    with store.write('count') as db:
        found = db.execute("SELECT n FROM counts WHERE view = 'all'").fetchone()
        n = found[0] + 1 if found else 1
        db.execute("INSERT OR REPLACE INTO counts (view, n) VALUES ('all', ?)", (n,))
say('done')
"""
    with children(4, script, tmp_path / "inbox.db") as all_:
        assert [one.hear() for one in all_] == ["ready"] * 4
        for one in all_:
            one.go()
        assert [one.hear() for one in all_] == ["done"] * 4
    store = Store(tmp_path / "inbox.db")
    assert store.read().execute("SELECT n FROM counts").fetchone()[0] == 200
    store.close()


HOLD = """
store = Store(path)
with store.write('long work') as db:
    accounts.ensure(db, 'half', 'x')
    say('holds'); wait()
say('done'); wait()
"""


def test_whoever_waits_in_vain_is_told_who_holds_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db", deadline=0.05)
    with child(HOLD, store.path) as holder:
        assert holder.hear() == "holds"
        with pytest.raises(StoreLocked) as caught, store.write("mine"):
            pass
        assert f"process {holder.pid} (long work)" in str(caught.value)
        assert caught.value.hint
        assert names(store) == [], "reading goes on meanwhile"
        holder.go()
        assert holder.hear() == "done"
        with store.write("mine") as db:
            accounts.ensure(db, "mine", "x")
    assert names(store) == ["half", "mine"]
    store.close()


def test_the_lock_of_a_killed_process_is_free_and_its_half_work_gone(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db", deadline=30)
    with child(HOLD, store.path) as holder:
        assert holder.hear() == "holds"
        os.kill(holder.pid, signal.SIGKILL)
        with store.write("mine") as db:
            accounts.ensure(db, "mine", "x")
    assert names(store) == ["mine"]
    store.close()


def test_a_stopped_process_that_is_not_writing_stops_nobody(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db", deadline=5)
    script = """
store = Store(path)
with store.write('early') as db:
    accounts.ensure(db, 'early', 'x')
with store.reading() as db:
    db.execute("SELECT count(*) FROM accounts").fetchone()
    say('reads'); wait()
"""
    with child(script, store.path) as sleeper:
        assert sleeper.hear() == "reads"
        os.kill(sleeper.pid, signal.SIGSTOP)
        if wal_is_safe(sqlite_version()):
            with store.write("mine") as db:
                accounts.ensure(db, "mine", "x")
            assert names(store) == ["early", "mine"]
        assert not store.is_held("lock")
    store.close()


def test_one_connection_a_thread_and_a_version_that_others_change(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db")
    before = store.data_version()
    with store.write("own") as db:
        accounts.ensure(db, "own", "x")
    assert store.data_version() == before, "one's own commit is no news"
    other = Store(tmp_path / "inbox.db")
    with other.write("other") as db:
        accounts.ensure(db, "other", "x")
    assert store.data_version() != before
    other.close()
    store.close()


# -- faults of the disk


def test_a_full_store_says_so_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db")
    with store.write("first") as db:
        accounts.ensure(db, "kept", "x")
    store.read().execute(f"PRAGMA max_page_count={pragma(store, 'page_count') + 3}")
    with pytest.raises(StoreFull) as caught, store.write("too much") as db:
        fill(db)
    assert "free some space" in caught.value.hint
    assert names(store) == ["kept"]
    store.read().execute("PRAGMA max_page_count=1000000")
    with store.write("again") as db:
        accounts.ensure(db, "more", "x")
    assert names(store) == ["kept", "more"]
    store.close()


def test_a_full_disk_says_so_loses_nothing_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command to make a small disk with")
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        store = Store(disk / "inbox.db")
        with store.write("first") as db:
            accounts.ensure(db, "kept", "x")
        with pytest.raises(StoreFull) as caught, store.write("too much") as db:
            fill(db, 500)
        assert "free some space" in caught.value.hint
        assert names(store) == ["kept"]
        subprocess.run(["mount", "-o", "remount,size=8m", str(disk)], check=True)
        with store.write("again") as db:
            accounts.ensure(db, "more", "x")
        assert names(store) == ["kept", "more"]
        store.close()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# A user without the right to write: another one where the tests run as root.
LOOK = f"""
import urllib.parse  # nobody may read a Python that lies in root's home: pathlib imports it late
if os.getuid() == 0:
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
try:
    store = Store(path)
    say(store.read_only, store.read().execute("SELECT count(*) FROM accounts").fetchone()[0])
    with store.write('mine') as db:
        db.execute("DELETE FROM accounts")
except InboxError as error:
    say(type(error).__name__, '|', error.hint)
"""


@pytest.fixture
def shut() -> Iterator[Path]:
    """A folder that everybody may reach, also another user."""
    folder = Path(tempfile.mkdtemp(prefix="inbox-tui-test-"))
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def shut_off(folder: Path) -> None:
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)


def test_whoever_may_only_read_reads_beside_a_writer_and_is_told_so_when_he_writes(shut: Path) -> None:
    store = Store(shut / "inbox.db")
    with store.write("worker") as db:
        accounts.ensure(db, "shop", "x")
    shut_off(shut)
    with child(LOOK, store.path) as reader:
        assert reader.hear() == "True 1"
        assert reader.hear() == "StoreReadOnly | check owner and mode of file and folder"
    store.close()


def test_a_store_that_lies_idle_and_cannot_be_opened_for_reading_alone_says_so(shut: Path) -> None:
    Store(shut / "inbox.db").close()
    shut_off(shut)
    with child(LOOK, shut / "inbox.db") as reader:
        assert reader.hear() in ("True 0", "StoreReadOnly | check owner and mode of file and folder")


def test_the_side_lock_that_may_not_be_written_is_a_clear_error(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.db")
    (tmp_path / "inbox.db.lock").unlink()
    (tmp_path / "inbox.db.lock").mkdir()
    store.close_thread()
    with pytest.raises(StoreReadOnly, match=r"inbox\.db\.lock"), store.write("mine"):
        pass
    store.close()
