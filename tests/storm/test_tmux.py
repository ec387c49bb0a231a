"""In a terminal that measures and answers for itself: columns stand in line, and answers are no keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from inbox_tui.casework.intake import Batch, take_page
from inbox_tui.model import Author, Direction, Incoming
from tests.casework.world import NOW, World, fresh_store
from tests.storm import hostile, stained
from tests.storm.conftest import Storm

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")

COLUMNS, LINES = 140, 44
BEGIN = "¦"
"""The first letter of every text: in a table all of them stand in one column."""
ROOT = Path(__file__).parents[2]


class Tmux:
    """One window of a tmux server of its own."""

    def __init__(self, socket: str) -> None:
        self._socket = socket

    def __call__(self, *words: str) -> str:
        argv = ["tmux", "-L", self._socket, "-f", "/dev/null", "-u", *words]
        done = subprocess.run(argv, capture_output=True, check=False, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    def screen(self) -> list[str]:
        return self("capture-pane", "-p").splitlines()

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, "\n".join(self.screen())
            time.sleep(0.05)

    def places(self, letter: str) -> list[tuple[int, int]]:
        """(line, column) of a letter wherever it stands, in the cells of this terminal."""
        count = sum(line.count(letter) for line in self.screen())
        self("copy-mode")
        self("send-keys", "-X", "top-line")
        found = set()
        for _ in range(count):
            self("send-keys", "-X", "search-forward-text", letter)
            line, column = self("display-message", "-p", "#{copy_cursor_y} #{copy_cursor_x}").split()
            found.add((int(line), int(column)))
        self("send-keys", "-X", "cancel")
        return sorted(found)


@contextmanager
def tmux(*command: str, columns: int = COLUMNS) -> Iterator[Tmux]:
    """A command in tmux."""
    one = Tmux(f"inbox-tui-storm-{os.getpid()}")
    environment = ["env", "-u", "COLUMNS", "-u", "LINES", "LC_ALL=C.UTF-8", f"PYTHONPATH={ROOT}", *command]
    size = ["-x", str(columns), "-y", str(LINES)]
    one("new-session", "-d", *size, "-c", str(ROOT), *environment)
    try:
        yield one
    finally:
        one("kill-server")


def named(path: Path, names: list[str]) -> None:
    """A store with a customer of each name, who says it, too."""
    with closing(fresh_store(path)) as store:
        world = World(store)
        page = tuple(
            Incoming(
                str(number), f"c{number}", Author("x", str(number), name, f"@{name}"), Direction.IN,
                f"{BEGIN} {name}", NOW - number, public=True,
            )
            for number, name in enumerate(names)
        )  # fmt: skip
        take_page(store, world.desk("shop"), Batch(page, {}), NOW)


def widths() -> list[str]:
    """Names in which terminals find many widths, without a line break."""
    odd = [text for text in hostile.texts() if not text.isascii()]
    return [" ".join(text.split()) for text in odd]


def test_columns_stand_in_line(storm: Storm, tmp_path: Path) -> None:
    names = widths()
    names = names[-20:] if storm.small else names
    named(tmp_path / "inbox.db", names)
    child = [sys.executable, "-m", "tests.storm.child"]
    looked = 0
    with tmux(*child, "tui", str(tmp_path / "inbox.db"), str(tmp_path / "log")) as window:
        window.until(lambda: "quit" in "".join(window.screen()))
        before: list[str] = []
        while (now := window.screen()) != before:
            borders = window.places("▏")
            looked += sum(BEGIN in line for line in now)
            assert len({column for line, column in borders}) == 1, "\n".join(now)
            assert len(borders) == LINES - 3  # header, footer, and the line of tmux
            before = now
            window("send-keys", "NPage")
            time.sleep(0.4)
    storm.note(f"{len(names)} names, {looked} rows in tmux: one border")
    assert looked >= min(len(names), 20)


def test_a_table_stands_in_line(storm: Storm, tmp_path: Path) -> None:
    names = widths()
    shown = LINES - 4
    (tmp_path / "config.toml").write_text("")
    looked = 0
    for first in range(0, shown if storm.small else len(names), shown):
        store = tmp_path / f"{first}.db"
        named(store, names[-first - shown : -first or None])
        files = f"--config {tmp_path}/config.toml --store {store}"
        command = f"{sys.executable} -m inbox_tui {files} list --limit 0; echo end; sleep 60"
        with tmux("sh", "-c", command) as window:
            window.until(lambda: "end" in window.screen())
            places = window.places(BEGIN)
            looked += len(places)
            assert len({column for line, column in places}) == 1, "\n".join(window.screen())
    storm.note(f"{looked} rows of a table in tmux: one column")
    assert looked


def test_answers_of_the_terminal_are_no_keys(storm: Storm, tmp_path: Path) -> None:
    queries = [text for text in hostile.texts() if "\x1b" in text or "\x9b" in text]
    stained.stained(tmp_path / "inbox.db", queries[-24:] if storm.small else queries, 24)
    log = tmp_path / "log"

    def pressed() -> list[str]:
        return (
            [line for line in log.read_text().splitlines() if line.startswith("key ")] if log.exists() else []
        )

    child = [sys.executable, "-m", "tests.storm.child", "tui", str(tmp_path / "inbox.db"), str(log)]
    with tmux(*child) as window:
        window.until(lambda: "quit" in "".join(window.screen()))
        time.sleep(0.5)
        assert pressed() == []
        for number, key in enumerate(("Enter", "v", "q", "!", "q", "M", "q", "i", "q"), 1):
            window("send-keys", key)
            window.until(lambda number=number: len(pressed()) >= number)  # type: ignore[misc]
        time.sleep(0.5)
        keys = pressed()
    storm.note(f"{len(queries)} texts with questions to the terminal: 9 keys pressed, {len(keys)} came")
    assert len(keys) == 9
