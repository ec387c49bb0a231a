"""``watch``, ``completion`` and ``man``: for scripts, shells and manuals."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inbox_tui.cli.scripting import manual
from inbox_tui.cli.table import COMMANDS
from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli

MENTION = {"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"}
COMMAND = [sys.executable, "-m", "inbox_tui"]


def test_a_watcher_goes_on_where_it_stopped(cli: Cli, world: Sandbox) -> None:
    world.play(MENTION)
    cli("fetch")
    assert cli("watch", "--once", "--json").out == ""
    first = cli("watch", "--once", "--json", "--after", 0).record
    assert (first["type"], first["text"]) == ("message", "@shop and L?")
    cli("note", first["case"], "ask again")
    [note] = cli("watch", "--once", "--json", "--after", first["id"]).records
    assert note["kind"] == "note"
    assert "Lena: @shop and L?" in cli("watch", "--once", "--after", 0).out


def test_what_comes_while_one_watches_is_told_at_once(cli: Cli, world: Sandbox) -> None:
    world.play(MENTION)
    cli("fetch")
    case = cli("list", "--json").record["id"]
    watching = [*COMMAND, "--config", str(world.config_path), "watch", "--json", "--after", "0"]
    with subprocess.Popen(watching, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        try:
            assert json.loads(watcher.stdout.readline())["type"] == "message"
            cli("assign", case, "--to", "anna")
            event = json.loads(watcher.stdout.readline())
            assert (event["type"], event["case"], event["kind"]) == ("event", case, "assign")
        finally:
            watcher.terminate()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_takes_its_completion(bare: Cli, shell: str) -> None:
    script = bare("completion", shell)
    assert (script.code, "_INBOX_TUI_COMPLETE" in script.out) == (0, True)
    if (found := shutil.which(shell)) is not None:
        done = subprocess.run([found, "-n"], input=script.out, text=True, capture_output=True, check=False)
        assert done.stderr == ""


def completed(words: str, config: Path) -> list[str]:
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_INBOX_TUI_COMPLETE": "bash_complete"}
    answer = subprocess.run(
        COMMAND,
        env={**os.environ, **asked, "INBOX_TUI_CONFIG": str(config)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.partition(",")[2] for line in answer.stdout.splitlines()]


def test_subcommands_values_and_cases_are_completed(cli: Cli, world: Sandbox) -> None:
    world.play(MENTION)
    cli("fetch")
    config = world.config_path
    case = str(cli("list", "--json").record["id"])
    assert completed("inbox-tui sno", config) == ["snooze"]
    assert completed("inbox-tui completion f", config) == ["fish"]
    assert completed("inbox-tui show ", config) == [case]
    assert not any(completed("inbox-tui show ", config.parent / "none.toml"))


def test_the_manual_names_every_subcommand_and_is_roff() -> None:
    text = "\n".join(manual())
    assert all(f"\n.SS {name}" in text for name in COMMANDS)
    assert text.startswith(".TH INBOX-TUI 1 ")
    if (groff := shutil.which("groff")) is not None:
        drawn = subprocess.run(
            [groff, "-man", "-Tutf8", "-ww"], input=text, text=True, capture_output=True, check=True
        )
        assert drawn.stderr == ""
