"""``watch``, ``completion`` and ``man``: for scripts, shells and manuals."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inbox_tui.cli.scripting import manual
from inbox_tui.cli.table.whole import COMMANDS
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


def test_an_account_that_begins_to_fail_is_told_and_that_it_is_well_again(cli: Cli, world: Sandbox) -> None:
    world.play(MENTION)
    cli("fetch")
    watching = [*COMMAND, "--config", str(world.config_path), "watch", "--json", "--after", "0"]
    with subprocess.Popen(watching, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        try:
            assert json.loads(watcher.stdout.readline())["type"] == "message"
            world.play({"channel": "x", "kind": "fault", "fault": "unauthorized", "on": True})
            assert cli("fetch", "--account", "shop").code == 3
            fails = json.loads(watcher.stdout.readline())
            world.play({"channel": "x", "kind": "fault", "fault": "unauthorized", "on": False})
            cli("fetch", "--account", "shop")
            well = json.loads(watcher.stdout.readline())
            assert (fails["type"], fails["name"], well["name"]) == ("account", "shop", "shop")
            assert fails["error"]["code"] == "login"
            assert well["error"] is None
        finally:
            watcher.terminate()


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
    assert ("--keep-order" in script.out) == (shell == "fish")
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
    assert completed(f"inbox-tui --config {config} show ", config.parent / "none.toml") == [case]
    assert completed("inbox-tui list --view una", config) == ["unassigned"]
    assert completed("inbox-tui list --channel ", config) == ["x", "facebook", "email"]
    assert completed("inbox-tui search is:wai", config) == ["is:waiting"]
    cli("tag", case, "--add", "refund,vip")
    assert completed("inbox-tui tag 1 --remove vip,re", config) == ["vip,refund"]
    cli("assign", case, "--to", "anna")
    assert completed("inbox-tui assign 1 --to an", config) == ["anna"]
    assert completed("inbox-tui snooze 1 t", config) == ["tomorrow"]
    assert completed(f"inbox-tui reply {case} --via ", config) == ["1"]
    assert completed("inbox-tui auth ", config) == ["shop", "page", "mail"]
    cli("reply", case, "@lena it does", "--no-wait")
    assert completed("inbox-tui outbox cancel ", config) == ["1"]
    config.write_text(config.read_text() + '\n[templates.thanks]\ntext = "Thank you."\n')
    assert "thanks" in completed("inbox-tui reply 1 --template ", config)
    assert completed("inbox-tui templates tha", config) == ["thanks"]
    assert not any(completed("inbox-tui show ", config.parent / "none.toml"))


def test_bash_itself_completes(cli: Cli, world: Sandbox, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    world.play(MENTION)
    cli("fetch")
    case = str(cli("list", "--json").record["id"])
    program = tmp_path / "bin" / "inbox-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n', "utf-8")
    program.chmod(0o755)
    script = f"""
        source <(inbox-tui completion bash)
        function=$(complete -p inbox-tui | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        for words in "inbox-tui sno" "inbox-tui show " "inbox-tui priority {case} h"; do
            COMP_WORDS=($words); [[ $words == *" " ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMPREPLY=()
            $function inbox-tui
            echo "${{COMPREPLY[*]}}"
        done"""
    done = subprocess.run(
        [bash, "--norc", "-c", script],
        env={
            **os.environ,
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
            "INBOX_TUI_CONFIG": str(world.config_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.splitlines(), done.stderr) == (["snooze", case, "high"], "")


def test_fish_keeps_what_stands_behind_a_comma(cli: Cli, world: Sandbox, tmp_path: Path) -> None:
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("fish is not installed")
    mail = {
        "channel": "email",
        "kind": "mail",
        "from": "a@b.example",
        "name": "A",
        "subject": "One, two",
        "text": "t",
    }
    world.play(mail)
    cli("fetch")
    program = tmp_path / "bin" / "inbox-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n', "utf-8")
    program.chmod(0o755)
    script = "inbox-tui completion fish | source; complete -C 'inbox-tui show '"
    paths = {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        [fish, "-N", "-c", script],
        env={**os.environ, **paths, "INBOX_TUI_CONFIG": str(world.config_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1\tA: One, two\n", "")


def test_the_manual_says_what_may_be_left_out_and_how_it_ends() -> None:
    page = "\n".join(manual()).replace("\\-", "-")
    assert ".SS reply CASE [TEXT]" in page and ".SS snooze CASE... WHEN" in page
    assert ".SS outbox [list|retry|cancel] [ID]" in page
    ends = page.partition(".SH EXIT STATUS")[2].partition(".SH")[0]
    documented = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8").partition("## JSON")[0]
    assert re.findall(r"^\.B (\d+)$", ends, re.MULTILINE) == re.findall(
        r"^\| (\d+) ", documented, re.MULTILINE
    )


def test_the_manual_names_every_subcommand_and_is_roff() -> None:
    text = "\n".join(manual())
    assert all(f"\n.SS {name}" in text for name in COMMANDS)
    assert text.startswith(".TH INBOX-TUI 1 ")
    if (groff := shutil.which("groff")) is not None:
        drawn = subprocess.run(
            [groff, "-man", "-Tutf8", "-ww"], input=text, text=True, capture_output=True, check=True
        )
        assert drawn.stderr == ""


def test_a_hook_that_fails_is_told_and_named_by_accounts_and_doctor(cli: Cli, world: Sandbox) -> None:
    told = world.config_path.parent / "told"
    keep = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read()); sys.exit(len(sys.argv) - 2)"
    command = [sys.executable, "-c", keep, str(told), "fails"]
    with world.config_path.open("a", encoding="utf-8") as file:
        file.write(f"\n[hooks]\non_incoming = {json.dumps(command)}\n")
    world.play(MENTION)
    cli("fetch")
    record = json.loads(told.read_text("utf-8"))
    assert (record["type"], record["message"]["text"], record["reply"]) == ("incoming", "@shop and L?", None)
    assert record["case"] == cli("list", "--json").record
    [hook] = [each for each in cli("accounts", "--json").records if each["type"] == "hook"]
    assert (hook["name"], hook["error"]["message"], hook["failures"]) == ("on_incoming", "exit code 1", 1)
    assert "hook on_incoming: failing since" in cli("accounts").out
    findings = [each for each in cli("doctor", "--json").records if each["code"] == "hook"]
    assert [each["ok"] for each in findings] == [False]
