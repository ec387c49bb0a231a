"""Help and mistakes: somebody who has never seen a subcommand learns what it is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inbox_tui import __version__
from inbox_tui.cli.table.whole import COMMANDS
from tests.cli.conftest import Cli


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_subcommand_explains_itself_with_an_example(bare: Cli, name: str) -> None:
    answer = bare(name, "--help")
    assert answer.code == 0
    assert answer.out.startswith(f"Usage: inbox-tui {name}")
    assert f"inbox-tui {name}" in answer.out.partition("Example:")[2]
    for param in COMMANDS[name].params:
        if param.is_option and not param.hidden:
            assert re.search(rf"{param.spelled}\b.*\w", answer.out)
            assert param.help


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_line_of_a_help_is_wider_than_a_terminal(bare: Cli, name: str) -> None:
    """Paragraphs are wrapped; a table that is kept as it stands must fit by itself."""
    said = bare(name, "--help").out.partition("Example:")[0]
    assert max(map(len, said.splitlines())) <= 80


def test_the_short_help_names_every_subcommand(bare: Cli) -> None:
    out = bare("--help").out
    for command in COMMANDS.values():
        assert re.search(rf"^  {command.name}  +{re.escape(command.short)}$", out, re.MULTILINE)


def test_the_version(bare: Cli) -> None:
    assert bare("--version").out == f"inbox-tui {__version__}\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["lsit"], "Did you mean list?"),
        (["priority", "1", "soon"], "'soon' is not one of 'low'"),
        (["list", "--limit", "-1"], "-1 is not in the range"),
        (["show"], "Missing argument 'CASE'"),
        (["show", "twelve"], "'twelve' is not a valid integer"),
        (["list", "--vew", "done"], "No such option '--vew'"),
        (["outbox", "retry"], "the ID of the reply is missing"),
        (["sandbox", "x", "--empty", "--load", "3"], "exclude each other"),
    ],
)
def test_a_mistake_says_what_is_wrong_and_where_help_is(bare: Cli, argv: list[str], words: str) -> None:
    answer = bare(*argv)
    assert answer.code == 2
    assert answer.out == ""
    assert words in answer.err
    assert answer.err.startswith("inbox-tui: ")
    assert "\n  " in answer.err


def test_a_mistake_is_json_where_json_was_asked_for(bare: Cli) -> None:
    answer = bare("list", "--limit", "few", "--json")
    assert answer.code == 2
    assert answer.error["type"] == "error"
    assert answer.error["code"] == "usage"
    assert answer.error["hint"] == "inbox-tui list --help shows how"


@pytest.mark.parametrize("argv", [[], ["demo"]])
def test_without_a_terminal_the_interface_says_what_to_use_instead(bare: Cli, argv: list[str]) -> None:
    answer = bare(*argv)
    assert answer.code == 2
    assert answer.out == ""
    assert "needs a terminal" in answer.err
    assert "inbox-tui " + ("sandbox" if argv else "list") in answer.err


def test_a_configuration_that_is_not_there_is_named(bare: Cli) -> None:
    answer = bare("--config", "/nowhere/c.toml", "list", "--json")
    assert answer.code == 2
    assert answer.error["code"] == "config"
    assert "/nowhere/c.toml" in answer.error["message"]


def test_a_global_option_behind_the_subcommand_is_told_where_it_stands(bare: Cli) -> None:
    answer = bare("list", "--config", "c.toml")
    assert answer.code == 2
    assert "it stands before the subcommand: inbox-tui --config … list" in answer.err


def test_a_number_beyond_all_numbers_is_a_mistake_in_words(bare: Cli) -> None:
    answer = bare("show", "9" * 20)
    assert (answer.code, f"{'9' * 20} is too large" in answer.err) == (2, True)


def test_an_agent_s_name_can_be_shown(bare: Cli, tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("")
    answer = bare("--config", str(config), "--agent", "a\x1bb", "list")
    assert (answer.code, "cannot be shown" in answer.err, "\x1b" in answer.err) == (2, True, False)
