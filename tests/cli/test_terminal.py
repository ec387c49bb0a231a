"""What a terminal gets: nothing foreign that it would obey, tables that fit, colour only where allowed."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_tui.cli.interface import parting
from inbox_tui.inbox import Inbox
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.text import cell_width
from tests.casework.world import NOW, post, temporary_world
from tests.cli.conftest import Cli
from tests.tui.fake import MINUTE
from tests.tui.terminal import on_terminal

HOSTILE = [
    json.loads(line)["input"]
    for line in (Path(__file__).parent.parent / "data" / "hostile.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
OURS = re.compile("\x1b\\[2m|\x1b\\[22m")
FOREIGN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
Seen = Callable[..., str]


@pytest.fixture
def seen(world: Sandbox) -> Seen:
    """Runs the command line in a terminal of so many columns; what that gets."""

    def look(*words: str | int, columns: int = 80, code: int = 0, **environment: str) -> str:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        argv = [sys.executable, "-m", "inbox_tui", "--config", str(world.config_path), *map(str, words)]
        clean = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
        child = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, env={**clean, "TERM": "xterm", **environment}
        )
        os.close(theirs)
        got = b""
        try:
            while part := os.read(ours, 65536):
                got += part
        except OSError:
            pass  # Linux says EIO where the other side of a pty is closed
        finally:
            os.close(ours)
        assert child.wait(timeout=20) == code
        return got.decode("utf-8", "replace").replace("\r\n", "\n")

    return look


def test_no_foreign_control_reaches_the_terminal(cli: Cli, world: Sandbox, seen: Seen) -> None:
    for number, text in enumerate(HOSTILE):
        safe = text.encode("utf-8", "replace").decode()
        world.play(
            {"channel": "x", "kind": "mention", "from": f"@a{number}", "name": safe, "text": "@shop " + safe}
        )
        world.play({"channel": "facebook", "kind": "post", "from": safe or "nobody", "text": safe or "empty"})
    cli("fetch")
    cases = cli("list", "--limit", 0, "--json").records
    assert len(cases) > len(HOSTILE)
    for case in cases[:3]:
        cli("note", case["id"], stdin=HOSTILE[0].encode())
        cli("reply", case["id"], "@shop " + HOSTILE[3], "--no-wait")
    everything = [
        seen("list", "--limit", 0),
        seen("list", "--limit", 0, "--json"),
        seen("outbox"),
        seen("outbox", "--json"),
        *(seen("show", case["id"]) for case in cases[::9]),
        *(seen("show", case["id"], "--json") for case in cases[:2]),
    ]
    for text in everything:
        assert not FOREIGN.search(OURS.sub("", text))


def test_a_table_fits_the_terminal(cli: Cli, world: Sandbox, seen: Seen) -> None:
    for name in ("Bo", "田中ゆき🌸", "Maximiliane Oberhuber-von der Leyensiedlung"):
        world.play({"channel": "facebook", "kind": "post", "from": name, "text": "word " * 60})
    cli("fetch")
    for columns in (40, 80, 200):
        lines = OURS.sub("", seen("list", columns=columns)).splitlines()
        assert len(lines) == 4
        assert max(map(cell_width, lines)) <= columns


def test_a_text_is_wrapped_and_links_stay_whole(cli: Cli, world: Sandbox, seen: Seen) -> None:
    link = "https://shop.example/" + "a" * 90
    world.play({"channel": "facebook", "kind": "post", "from": "Bo", "text": "word " * 40 + link})
    cli("fetch")
    lines = OURS.sub("", seen("show", 1)).splitlines()
    assert f"  {link}" in lines
    assert max(cell_width(line) for line in lines if "https://" not in line) <= 80


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_where_none_is_wanted(
    cli: Cli, world: Sandbox, seen: Seen, environment: dict[str, str]
) -> None:
    world.play({"channel": "facebook", "kind": "post", "from": "Bo", "text": "word"})
    cli("fetch")
    assert "\x1b[2m" in seen("list")
    assert "\x1b" not in seen("list", **environment)


def test_who_leaves_is_told_who_waits_and_what_he_has_begun() -> None:
    with temporary_world() as world:
        assert parting(world.inbox) == ""
        world.take("shop", post("1", "ada", NOW - 40 * MINUTE), post("2", "bo", NOW - 5 * MINUTE))
        assert parting(world.inbox) == "2 cases wait, the longest for 40 min."
        world.inbox.triage.assign([world.case_of("2")], "lena")
        draft = world.inbox.writing.draft_reply(world.case_of("1"), text="Dear Ada")
        other = replace(world.config, agent="ben")
        Inbox(world.store, other).writing.draft_reply(world.case_of("1"), text="Hello")
        said = "2 cases wait, the longest for 40 min. 1 case is yours. 1 draft is kept."
        assert parting(world.inbox) == said
        world.inbox.writing.discard(draft.id)
        world.inbox.done(world.case_of("1"))
        world.inbox.done(world.case_of("2"))
        assert parting(world.inbox) == ""


def test_it_is_said_when_the_terminal_is_given_back(world: Sandbox) -> None:
    world.play({"channel": "x", "kind": "mention", "from": "@ada", "name": "Ada", "text": "@shop hello?"})
    config = str(world.config_path)
    subprocess.run([sys.executable, "-m", "inbox_tui", "--config", config, "fetch"], check=True)
    with on_terminal([sys.executable, "-m", "inbox_tui", "--config", config]) as terminal:
        terminal.until(b"quit")
        terminal.press(b"q")
        terminal.until(b"1 customer still waits on you")
        terminal.press(b"q")
        after = terminal.until(b"the longest for ").rpartition(b"\x1b[?1049l")[2]
    assert b"1 case waits, the longest for " in after


def test_a_long_work_shows_how_far_it_is_on_one_line(world: Sandbox, seen: Seen) -> None:
    for number in range(3):
        mail = {
            "channel": "email",
            "kind": "mail",
            "from": f"a{number}@b.example",
            "subject": "s",
            "text": "t",
        }
        world.play(mail)
    shown = seen("fetch", "--account", "mail", columns=40)
    assert f"mail  {'█' * 24}  3 of 3" in shown
    assert "\r\x1b[Kmail: 3 new\n" in shown
    assert max(cell_width(OURS.sub("", line)) for line in re.split("[\r\n]|\x1b\\[K", shown)) <= 40


def test_no_progress_is_shown_where_nobody_watches(cli: Cli, world: Sandbox) -> None:
    world.play({"channel": "email", "kind": "mail", "from": "a@b.example", "subject": "s", "text": "t"})
    answer = cli("fetch", "--account", "mail")
    assert (answer.out, answer.err) == ("mail: 1 new\n", "")


def test_an_error_is_wrapped_at_words(world: Sandbox, seen: Seen) -> None:
    shown = seen("show", 99, columns=30, code=1)
    assert shown.splitlines() == [
        "inbox-tui:",
        f"{world.store_path}:",
        "there is no store yet",
        "  fetch first: inbox-tui fetch",
    ]
