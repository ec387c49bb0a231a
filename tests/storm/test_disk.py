"""A disk that is full, may not be written, or is damaged; a store that another one keeps locked."""

from __future__ import annotations

import copy
import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from inbox_tui.errors import InboxError, StoreDamaged
from inbox_tui.inbox import Inbox
from inbox_tui.model import CaseState
from inbox_tui.store import backup
from inbox_tui.store.engine import SCHEMA_VERSION, Store
from tests.casework.world import NOW, World, check_clocks, check_views, fresh_store, post
from tests.cli.conftest import Cli, bare
from tests.store.children import child
from tests.storm.conftest import Storm
from tests.tui.driver import Driver
from tests.tui.test_real_store import drive_world

__all__ = ["bare"]
PAGE = 4096


class SmallDisk:
    """A file system of its own, of a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Take all the space that is left."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            for step in (1 << 20, PAGE):
                with suppress(OSError):
                    while file.write(b"\0" * step) == step:
                        pass

    def free(self) -> None:
        self._ballast.unlink(missing_ok=True)

    def remount(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Skips where this user may not mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command to make a small disk with")
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


# Takes in messages and notes; whatever goes wrong with the store it tries once more, as the worker does.
STUBBORN = """
import json, time
from collections import Counter
from itertools import count
from inbox_tui.errors import StoreError
from tests.casework.world import NOW, World, post
name, told = sys.argv[2], Path(sys.argv[3])
world, faults = World(Store(path, deadline=60)), Counter()
def stubbornly(act):
    while True:
        try:
            return act()
        except StoreError as error:
            assert error.hint, error
            faults[error.code] += 1
            time.sleep(0.01)
say('writes')
for n in count(1):
    message = post(f'{name}-{n}', f'{name}{n % 20}', NOW + n, text='word ' * 100)
    stubbornly(lambda: world.take('shop', message))
    stubbornly(lambda: world.inbox.note(world.case_of(f'{name}-{n}'), f'note {name}-{n}'))
    told.write_text(json.dumps([n, faults]))
"""


HOLD = """
store = Store(path)
with store.write('long work') as db:
    say('holds'); wait()
"""


def test_what_was_acknowledged_while_the_disk_filled_and_emptied_is_stored(
    tmp_path: Path, disk: SmallDisk, storm: Storm
) -> None:
    path = disk.folder / "inbox.db"
    World(Store(path)).store.close()
    times, told = storm.size(small=8, full=300), {f"w{n}": tmp_path / f"told-{n}" for n in range(2)}
    luck = random.Random(7)
    with ExitStack() as stack:
        for name, file in told.items():
            file.write_text("[0, {}]")
            one = stack.enter_context(child(STUBBORN, path, name, file))
            assert one.hear() == "writes"
        for _ in range(times):
            disk.fill()
            time.sleep(luck.uniform(0.02, 0.1))
            before = [json.loads(file.read_text() or "[0]")[0] for file in told.values()]
            disk.free()
            deadline = time.monotonic() + 30
            while not any(
                json.loads(file.read_text() or "[0]")[0] > was
                for file, was in zip(told.values(), before, strict=True)
            ):
                assert time.monotonic() < deadline, "nobody goes on though there is space"
                time.sleep(0.005)
        last = {name: json.loads(file.read_text() or "[0, {}]") for name, file in told.items()}
    store = Store(path)
    db, acknowledged, faults = store.read(), 0, 0
    for name, (count, seen) in last.items():
        for what, column in ((f"{name}-", "external_id"), (f"note {name}-", "text")):
            sql = f"SELECT {column} FROM messages WHERE {column} LIKE ?"
            found = [int(row[0].removeprefix(what)) for row in db.execute(sql, (f"{what}%",))]
            assert len(found) == len(set(found)), "nothing twice"
            assert set(range(1, count + 1)) <= set(found), "acknowledged and not stored"
        assert set(seen) <= {"store_full"}, seen
        acknowledged, faults = acknowledged + 2 * count, faults + sum(seen.values())
    assert faults
    assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    check_views(World(store))
    check_clocks(World(store))
    store.close()
    storm.note(f"disk full {times} times, {faults} errors: {acknowledged} acknowledged, 0 lost, 0 twice")


def test_the_interface_says_that_the_disk_is_full_and_goes_on_by_itself(disk: SmallDisk) -> None:
    world = World(Store(disk.folder / "inbox.db"))
    world.take("shop", post("1", "ada", NOW, "@shop hello?"))
    case = world.case_of("1")

    def is_full() -> bool:
        """The log may have room of its own for a small change."""
        try:
            world.inbox.note(case, "word " * 4000)
        except InboxError:
            return True
        return False

    async def steps(d: Driver) -> None:
        await d.see("@shop hello?", "1 waiting")
        disk.fill()
        await d.until(is_full)
        await d.press("e")
        await d.see("no space left", "free some space")
        assert world.inbox.case(case).row.state is CaseState.WAITING
        disk.free()
        await d.press("escape", "e")
        await d.until(lambda: world.inbox.case(case).row.state is CaseState.DONE)

    drive_world(world, steps)
    world.store.close()


def test_the_interface_says_who_keeps_the_store_locked_and_goes_on_by_itself(tmp_path: Path) -> None:
    store = fresh_store(tmp_path / "inbox.db")
    world = World(store)
    world.take("shop", post("1", "ada", NOW, "@shop hello?"))
    case = world.case_of("1")
    store.deadline = 0.2

    async def steps(d: Driver) -> None:
        await d.see("@shop hello?")
        with child(HOLD, store.path) as one:
            assert one.hear() == "holds"
            await d.press("e")
            await d.see("not free within 0.2 s", f"process {one.pid}")
            assert world.inbox.case(case).row.state is CaseState.WAITING
        await d.press("escape", "e")
        await d.until(lambda: world.inbox.case(case).row.state is CaseState.DONE)

    drive_world(world, steps)
    store.close()


def test_the_interface_reads_a_store_that_may_not_be_written_and_says_so(disk: SmallDisk) -> None:
    path = disk.folder / "inbox.db"
    world = World(Store(path))
    world.take("shop", post("1", "ada", NOW, "@shop hello?"))
    case = world.case_of("1")
    world.store.close()
    disk.remount("ro")
    store = Store(path)
    assert store.read_only
    reader = beside(world, store)

    async def steps(d: Driver) -> None:
        await d.see("@shop hello?")
        await d.press("e")
        await d.see("may not be written")

    drive_world(reader, steps)
    assert reader.inbox.case(case).row.state is CaseState.WAITING
    store.close()


def beside(world: World, store: Store) -> World:
    """The same desk on another store, which may be one that cannot be written."""
    found = copy.copy(world)
    found.store, found.inbox = store, Inbox(store, world.config, lambda: NOW)
    return found


# -- the command line


@contextmanager
def troubled(path: Path, what: str) -> Iterator[None]:
    """A store in this trouble, and out of it again."""
    kept = path.read_bytes()
    if what == "store_locked":
        with child(HOLD, path) as one:
            assert one.hear() == "holds"
            yield
        return
    if what == "store_too_new":
        store = Store(path)
        store.read().execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        store.close()
    elif what == "store_damaged":
        path.write_bytes(kept[:PAGE] + b"\xff" * (len(kept) - PAGE))
    elif what == "store_read_only":
        path.with_name("inbox.db.lock").unlink(missing_ok=True)
        path.with_name("inbox.db.lock").mkdir()
    yield
    if path.with_name("inbox.db.lock").is_dir():
        path.with_name("inbox.db.lock").rmdir()
    path.write_bytes(kept)


@pytest.mark.parametrize("what", ["store_locked", "store_too_new", "store_damaged", "store_read_only"])
def test_the_command_line_says_what_is_wrong_and_works_when_it_is_right(
    tmp_path: Path, bare: Cli, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = tmp_path / "inbox.db"
    world = World(fresh_store(path))
    world.take("shop", post("1", "ada", NOW, "@shop hello?"))
    case = world.case_of("1")
    world.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    world.store.close()
    defaults = {**(Store.__init__.__kwdefaults__ or {}), "deadline": 0.2}
    monkeypatch.setattr(Store.__init__, "__kwdefaults__", defaults)
    with troubled(path, what):
        for plain in (False, True):
            answer = bare("--store", path, "note", case, "Hello", *([] if plain else ["--json"]))
            assert (answer.code, answer.out) == (1, "")
            if not plain:
                assert answer.error["code"] == what
                assert answer.error["message"] and answer.error["hint"]
    assert bare("--store", path, "note", case, "Hello").code == 0


# -- damage


def damages(content: bytes, luck: random.Random) -> bytes:
    """One page of a store is not what it was."""
    page = luck.randrange(1, len(content) // PAGE)
    other = luck.randrange(1, len(content) // PAGE)
    new = luck.choice(
        [
            b"\0" * PAGE,
            b"\xff" * PAGE,
            luck.randbytes(PAGE),
            content[other * PAGE : (other + 1) * PAGE],
            content[page * PAGE : page * PAGE + PAGE // 2] + b"\0" * (PAGE // 2),
        ]
    )
    return content[: page * PAGE] + new + content[(page + 1) * PAGE :]


def problems(path: Path) -> int:
    """How much SQLite finds wrong, looking at all of it."""
    store = Store(path)
    try:
        found = [row[0] for row in store.read().execute("PRAGMA integrity_check(100000)")]
    except Exception:  # noqa: BLE001 - the driver's own, of which tests know nothing
        return 1_000_000
    finally:
        store.close()
    return 0 if found == ["ok"] else len(found)


def readable(path: Path) -> dict[str, int]:
    """How many rows of each table can be read, past no index."""
    store, out = Store(path), {}
    for table in ("messages", "cases", "people", "identities", "threads", "replies", "events"):
        out[table] = 0
        with suppress(InboxError), store.reading() as db:
            for _ in db.execute(f"SELECT * FROM {table} NOT INDEXED ORDER BY rowid"):
                out[table] += 1
    store.close()
    return out


def acts(world: World) -> list[str]:
    """What everybody does all day; the errors that it ended with."""
    out = []
    for act in (
        lambda: world.inbox.overview(),
        lambda: world.inbox.page("waiting"),
        lambda: world.inbox.case(3),
        lambda: world.take("shop", post("new", "somebody", NOW + 999)),
        lambda: world.inbox.note(2, "A note"),
        lambda: world.inbox.done(4),
        lambda: world.inbox.reply(5, "Sorry!"),
        lambda: world.inbox.search.find("hello"),
        lambda: world.inbox.inspect(),
        lambda: world.inbox.keeping.scrub(),
    ):
        try:
            act()
        except InboxError as error:
            assert error.message and error.hint
            out.append(error.code)
    return out


def test_a_damaged_store_is_told_and_never_made_worse(tmp_path: Path, storm: Storm) -> None:
    whole = tmp_path / "whole.db"
    world = World(fresh_store(whole))
    for n in range(1, 160):
        world.take("shop", post(f"m{n}", f"c{n % 40}", NOW + n, f"hello {n} " + "word " * 60))
    world.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    world.store.close()
    times, luck, told, hidden = storm.size(small=25, full=1000), random.Random(5), 0, 0
    content, path = whole.read_bytes(), tmp_path / "home" / "inbox.db"
    for _ in range(times):
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir()
        path.write_bytes(damages(content, luck))
        try:
            before = problems(path)
            store = Store(path)
        except StoreDamaged:
            told += 1  # not even opened
            continue
        could = readable(path)
        seen = looked_after(beside(world, store))
        store.close()
        told += seen
        if before and not seen:
            hidden += 1  # a look at every row of every index tells it, which takes minutes: a backup does so
            with pytest.raises(StoreDamaged):
                backup.check(path)
        assert bool(problems(path)) <= bool(before), "what was sound is not any more"
        after = readable(path)
        assert all(after[table] >= count for table, count in could.items()), "made worse"
    assert told
    storm.note(f"{times} damaged pages: {told} told at once, {hidden} by a backup alone, 0 made worse")


def looked_after(world: World) -> bool:
    """Everybody works on this store; whether somebody was told that it is damaged."""
    codes = acts(world)
    if "store_damaged" in codes:
        with pytest.raises(StoreDamaged) as caught, world.store.write("more"):
            pass
        assert "inbox-tui restore" in caught.value.hint
        return True
    wrong = [one for one in world.inbox.inspect() if one.code == "store_content" and not one.ok]
    assert all("inbox-tui restore" in one.hint for one in wrong)
    return bool(wrong)
