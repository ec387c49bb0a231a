"""No byte of a stranger is more than a letter on the terminal: every field, every screen, every command."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from inbox_tui.cli.table.whole import COMMANDS
from inbox_tui.store.engine import Store
from tests.storm import hostile, lexer, stained
from tests.storm.child import END_OF_COMMAND
from tests.storm.conftest import Storm
from tests.tui.terminal import Terminal, on_terminal

COLUMNS, LINES = 140, 50
ESCAPE, ENTER = b"\x1b[27u", b"\r"
"""Escape in a form of its own, so that no time tells it from the key that follows."""

DEEP: tuple[bytes, ...] = (
    *(ENTER, b"v", b"G", ESCAPE),  # the case, then all of its text
    *(b"o", b"?", ESCAPE, ESCAPE),  # links, and the keys of a place
    *(b"i", b"G", b"S", ESCAPE, ESCAPE),  # the person, and of what he is split
    *(b"H", ESCAPE),  # where he could be asked to go on
    *(b"R", b"j", ESCAPE),  # threads to answer on
    *(b"r", b"x", ESCAPE),  # the composer, with a draft
    *(b"n", ESCAPE, b"C", ESCAPE, b"F", ESCAPE, b"D", ESCAPE, b"h", ESCAPE),
    *(b"a", ESCAPE, b"t", ESCAPE, b"m", ESCAPE, b"S", ESCAPE, b"b", ESCAPE, b"p", ESCAPE, b"c", ESCAPE),
    *(b"\x10", ESCAPE, ESCAPE),  # the palette
    b"j",
)
"""What is looked at of each case."""
ONCE: tuple[bytes, ...] = (
    *(b"!", b"j", b"?", ESCAPE, ESCAPE),
    *(b"M", b"j", ESCAPE),
    *(b"L", b"j", ESCAPE),  # the log
    *(b"/", b"z", b"q", ESCAPE),
    *(b"2", b"3", b"4", b"7", b"8", b"9", b"1", b"G", b"g"),
    *(b"\x04", b"\x04", b"\x15"),
    b"q",  # who still waits
)
BRIEFLY = (b"!", ESCAPE, b"M", ESCAPE, b"L", ESCAPE, b"G", b"q")
SCREENS = {
    *("InboxScreen", "FullTextScreen", "LinksScreen", "HelpScreen", "PersonScreen", "ChooserScreen"),
    *("TroublesScreen", "ProposalsScreen", "LeavingScreen", "PlacesScreen", "ApartScreen", "LogScreen"),
}
"""Every screen there is: `test_each_screen_is_looked_at` holds it against the code."""

READING: tuple[tuple[str, ...], ...] = (
    *(
        ("list", "--limit", "0"),
        ("list", "--limit", "0", "--json"),
        ("outbox", "--all"),
        ("outbox", "--json"),
    ),
    *(("accounts",), ("accounts", "--json"), ("doctor",), ("check",), ("handover",), ("handover", "--json")),
    *(
        ("search", hostile.SEEN),
        ("search", "from:e"),
        ("search", hostile.SEEN, "--json"),
        ("person", "proposals"),
    ),
    *(("templates",), ("show", "99999"), ("log",), ("log", "--json"), ("person", "export", "1")),
)
OF_A_CASE = ("show", "files", "history", "report")
SILENT = {
    # What they print are words of ours, or they are acts whose answer is a row of `list`.
    *(
        "write",
        "forward",
        "hide",
        "reply",
        "note",
        "done",
        "reopen",
        "fetch",
        "demo",
        "sandbox",
        "assign",
        "tag",
    ),
    *(
        "snooze",
        "promise",
        "wake",
        "priority",
        "spam",
        "automatic",
        "undo",
        "auth",
        "init",
        "merge",
        "split",
        "call",
    ),
    *("goodwill", "watch", "completion", "man", "handoff", "backup", "restore"),
}


class Watcher:
    """Presses keys on the interface and waits until each was worked off."""

    def __init__(self, terminal: Terminal, log: Path) -> None:
        self._terminal, self._log = terminal, log
        self._pressed = self._read = 0
        self._lines: list[str] = []
        self._keys = 0
        self.stream = bytearray()

    def lines(self, kind: str) -> list[str]:
        self._look()
        return [line.removeprefix(kind + " ") for line in self._lines if line.startswith(kind)]

    def _look(self) -> None:
        """Read on in the log: with all texts it has a line for each of 28,000 keys."""
        if self._log.exists():
            with self._log.open("rb") as log:
                log.seek(self._read)
                whole, found, _ = log.read().rpartition(b"\n")
            self._read += len(whole) + len(found)
            self._lines += whole.decode("utf-8").splitlines()
            self._keys += sum(line.startswith(b"key") for line in whole.split(b"\n"))

    def press(self, key: bytes) -> None:
        self._terminal.press(key)
        self._pressed += 1
        end = time.monotonic() + 20
        self._look()
        while self._keys < self._pressed and time.monotonic() < end:
            self.stream += self._terminal.came(0.005)
            self._look()
        assert self._keys == self._pressed, f"{key!r} was not worked off: {self.stream[-400:]!r}"
        self.stream += self._terminal.came(0.03)


def interface(store: Path, cases: int, once: Sequence[bytes], log: Path) -> Watcher:
    """The interface, walked through from end to end."""
    argv = [sys.executable, "-m", "tests.storm.child", "tui", str(store), str(log)]
    with on_terminal(argv, COLUMNS, LINES) as terminal:
        watcher = Watcher(terminal, log)
        watcher.stream += terminal.until(b"quit") + terminal.came(0.3)
        for _ in range(cases):
            for key in DEEP:
                watcher.press(key)
        for key in once:
            watcher.press(key)
        watcher.stream += terminal.came(0.3)
        return watcher


Build = Callable[[Path, Sequence[str], int], int]


@pytest.fixture
def builds(storm: Storm) -> tuple[Build, ...]:
    """What the commands read: where time is short, the store of which nothing was cleaned."""
    return (stained.stained,) if storm.small else (stained.taken, stained.stained)


@pytest.mark.parametrize("build", [stained.taken, stained.stained])
def test_the_interface_writes_nothing_foreign(build: Build, storm: Storm, tmp_path: Path) -> None:
    texts = hostile.texts()
    cases = storm.size(12, len(texts))
    fields = build(tmp_path / "inbox.db", texts, cases)
    deep, once = (1, BRIEFLY) if storm.small else (cases, ONCE)
    watcher = interface(tmp_path / "inbox.db", deep, once, tmp_path / "log")
    found = lexer.read(bytes(watcher.stream), COLUMNS, LINES)
    shown = {*watcher.lines("screen"), "InboxScreen"}
    storm.note(
        f"{build.__name__}: {len(texts)} texts in {fields} fields, {deep} cases × {len(DEEP)} keys,"
        f" {len(shown)} screens: {found.letters} letters, {found.controls} controls of ours,"
        f" {len(found.foreign)} foreign"
    )
    assert found.foreign[:5] == []
    assert {mode for mode, times in found.modes.items() if times > 2} == set()
    assert shown >= SCREENS


def commands(cases: int) -> list[list[str]]:
    """Argument lists of everything that prints what came from outside."""
    every = [
        [name, str(case), *more]
        for name in OF_A_CASE
        for case in range(1, cases + 1)
        for more in ((), ("--json",))
    ]
    people = [
        ["person", "show", str(number), *more] for number in range(1, cases + 1) for more in ((), ("--json",))
    ]
    return [*map(list, READING), *every, *people]


def test_the_command_line_writes_nothing_foreign(
    builds: tuple[Build, ...], storm: Storm, tmp_path: Path
) -> None:
    texts = hostile.texts()
    cases = storm.size(12, len(texts))
    wanted = commands(3 * cases if not storm.small else 2)
    (tmp_path / "config.toml").write_text("")
    (tmp_path / "asked").write_text("".join(json.dumps(one) + "\n" for one in wanted))
    for build in builds:
        store = tmp_path / f"{build.__name__}.db"
        fields = build(store, texts, cases)
        stream = answered(tmp_path, store, len(wanted))
        found = lexer.read(stream, 100, LINES)
        storm.note(
            f"{build.__name__}: {fields} fields, {len(wanted)} commands: {found.letters} letters,"
            f" {len(found.foreign)} foreign"
        )
        assert b"Traceback" not in stream
        assert found.foreign[:5] == []


def answered(folder: Path, store: Path, count: int) -> bytes:
    """What a terminal gets of all commands."""
    shell = 'exec "$0" -m tests.storm.child cli "$1" "$2/config.toml" < "$2/asked"'
    last = END_OF_COMMAND.format(number=count - 1, code="").encode().rstrip()
    with on_terminal(["sh", "-c", shell, sys.executable, str(store), str(folder)], 100, LINES) as terminal:
        stream = terminal.came(60)
        assert last in stream, stream[-2000:]
        return stream


def test_every_field_and_every_command_is_known_here(tmp_path: Path) -> None:
    stained.taken(tmp_path / "inbox.db", ["plain"], 1)
    store = Store(tmp_path / "inbox.db")
    try:
        has = stained.columns(store)
    finally:
        store.close()
    named = {table: {*stained.FOREIGN.get(table, ()), *stained.OURS.get(table, ())} for table in has}
    assert has == named, "is it foreign or ours?"
    looked_at = {words[0] for words in READING} | {*OF_A_CASE, "person"}
    assert looked_at | SILENT == COMMANDS.keys()
    assert not looked_at & SILENT


def test_each_screen_is_looked_at() -> None:
    find = (
        "import importlib, inspect, pkgutil, inbox_tui.tui.screens as place\n"
        "from textual.screen import Screen\n"
        "for one in pkgutil.iter_modules(place.__path__):\n"
        "    module = importlib.import_module(f'{place.__name__}.{one.name}')\n"
        "    for name, found in inspect.getmembers(module, inspect.isclass):\n"
        "        if issubclass(found, Screen) and found.__module__ == module.__name__:\n"
        "            print(name, ','.join(base.__name__ for base in found.__bases__))\n"
    )
    told = subprocess.run([sys.executable, "-c", find], capture_output=True, text=True, check=True).stdout
    bases = {name: base.split(",") for name, base in map(str.split, told.splitlines())}
    built_on = {base for found in bases.values() for base in found}
    assert bases.keys() - built_on == SCREENS


def test_the_lexer_knows_ours_from_theirs() -> None:
    ours = b"\x1b[1;1H\x1b[1;38;5;110mq\x1b[0m quit\x1b[?2026h\r\n"
    assert lexer.read(ours, COLUMNS, LINES).foreign == []
    shown = [text for text in hostile.texts() if hostile.harmless(text) != text.replace("\n", " ")]
    slipped = [text for text in shown if not lexer.read(hostile.storable(text).encode(), 65, 65).foreign]
    # What only lays text out differently is no control: widths, marks, line breaks. What is our own,
    # letter by letter, is known by being there too often.
    twice = [text for text in slipped if "\x1b" in text or "\x9b" in text]
    assert all(lexer.read(text.encode(), 65, 65).modes for text in twice)
    assert len(twice) == 2
    assert len(slipped) < 30
