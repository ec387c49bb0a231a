"""What was acknowledged is on the disk: a power cut at any moment loses none of it, and damages nothing.

It needs `PRAGMA synchronous=FULL`, which the program sets on every connection.
"""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from inbox_tui.errors import StoreError
from inbox_tui.store.engine import Store
from tests.storm import world as worlds
from tests.storm.conftest import Storm
from tests.storm.disk import Disk, Step, record
from tests.storm.lanes import desk

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
ROOT = Path(__file__).parents[2]


class Recording:
    """A store as it was, and what was done to it since."""

    def __init__(self, folder: Path, acts: int, synchronous: str = "") -> None:
        """acts: of each of three agents. synchronous: empty: as the program sets it."""
        with worlds.world(folder) as box:
            with desk(box, ("x", "email")):
                pass
            self.store, self.diary = box.store_path, folder / "diary.jsonl"
            self.before = self.store.read_bytes()
            assert not self.log.exists(), "the store is closed: it stands in one file"
            words = (str(box.config_path), str(self.diary), "16", str(acts), synchronous)
            self.steps = record(
                ["-m", "tests.storm.roles", "scribes", *words],
                [self.store, self.log, self.diary],
                folder / "strace.txt",
                ROOT,
            )

    @property
    def log(self) -> Path:
        """SQLite's write-ahead log."""
        return self.store.with_name(f"{self.store.name}-wal")

    def cuts(self, times: int, folder: Path) -> tuple[int, int, int]:
        """Cut so often: how often the store was damaged, the acts lost, and those that were acknowledged."""
        chance = random.Random(times)
        moments = sorted(chance.randrange(len(self.steps)) for _ in range(times))
        disk = Disk({str(self.store): bytearray(self.before)})
        acknowledged: set[str] = set()
        damaged = lost = seen = played = 0
        for moment in moments:
            for step in self.steps[played:moment]:
                if step.path == str(self.diary):
                    acknowledged |= _acknowledged(step)
                else:
                    disk.play(step)
            played = max(played, moment)
            stored = after(disk.cut(chance), folder)
            damaged += stored is None
            lost += len(acknowledged - (stored if stored is not None else acknowledged))
            seen += len(acknowledged)
        return damaged, lost, seen


def _acknowledged(step: Step) -> set[str]:
    event, _what, name = json.loads(step.data)
    return {name} if event == "done" else set()


def after(files: dict[str, bytes], folder: Path) -> set[str] | None:
    """What the program finds after the cut: notes, replies and tags; None where the store is damaged."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, data in files.items():
        (folder / Path(path).name).write_bytes(data)
    [database] = [path for path in folder.iterdir() if path.suffix == ".db"]
    try:
        store = Store(database, create=False)
        with store.write("after the cut") as db:
            whole = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            texts = {row[0] for row in db.execute("SELECT text FROM messages")}
            tags = {tag for row in db.execute("SELECT tags FROM cases") for tag in row[0].split(",")}
        store.close()
    except StoreError:
        return None
    return texts | tags if whole else None


def test_a_power_cut_damages_nothing_and_loses_nothing(storm: Storm, tmp_path: Path) -> None:
    tape = Recording(tmp_path, 8 if storm.small else 120)
    cuts = storm.size(40, 3_000)
    damaged, lost, seen = tape.cuts(cuts, tmp_path / "after")
    storm.note(
        f"{cuts} cuts in {len(tape.steps)} writes and syncs: {damaged} damaged,"
        f" {lost} of {seen} acknowledged acts lost"
    )
    assert seen
    assert (damaged, lost) == (0, 0)


def test_with_a_disk_that_is_waited_for_less_it_would(storm: Storm, tmp_path: Path) -> None:
    # So the test above can fail, and FULL is needed.
    tape = Recording(tmp_path, 8 if storm.small else 120, "NORMAL")
    cuts = storm.size(40, 3_000)
    damaged, lost, seen = tape.cuts(cuts, tmp_path / "after")
    storm.note(
        f"with synchronous=NORMAL, which the program does not use: {cuts} cuts,"
        f" {damaged} damaged, {lost} of {seen} acknowledged acts lost"
    )
    assert lost
