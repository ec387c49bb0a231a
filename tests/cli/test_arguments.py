"""The two readers of an argument list: the plain one never says anything else than click does."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.cli import parser, plain
from inbox_tui.cli.table import GLOBALS
from inbox_tui.cli.table.whole import COMMANDS

Read = tuple[str | None, dict[str, object], dict[str, object]]

_OPTIONS = sorted({p.spelled for c in COMMANDS.values() for p in (*c.params, *GLOBALS) if p.is_option})
_WORDS = st.one_of(
    st.sampled_from([*COMMANDS, *_OPTIONS, "-", "--", "--help", "-h", "--version", "--limit=3", "--json=1"]),
    st.sampled_from(
        ["", "12", "0", "-3", "007", "1_000", "٣", " 5", "list", "retry", "waiting", "a b", "9" * 30]
    ),
    st.text(max_size=4),
)


def by_click(argv: list[str]) -> Read | None:
    """What click reads; None where it stops with a mistake, help or version."""
    found: list[Read] = []

    def run(name: str | None, options: dict[str, object], values: dict[str, object]) -> int:
        found.append((name, options, values))
        return 0

    try:
        parser.group(run).main(argv, prog_name="inbox-tui", standalone_mode=False)
    except click.ClickException:
        return None
    return found[0] if found else None


@given(st.lists(_WORDS, max_size=7))
def test_what_is_plain_is_read_as_click_reads_it(argv: list[str]) -> None:
    found = plain.read(argv)
    if found is not None:
        assert found == by_click(argv)


@given(st.sampled_from(sorted(COMMANDS)), st.lists(_WORDS, max_size=5))
def test_what_follows_a_subcommand_is_read_as_click_reads_it(name: str, words: list[str]) -> None:
    found = plain.read([name, *words])
    if found is not None:
        assert found == by_click([name, *words])


@pytest.mark.parametrize(
    "argv",
    [
        ["list", "--limit", "50", "--json"],
        ["--config", "c.toml", "--agent=ada", "show", "12"],
        ["reply", "12", "-", "--via", "3", "--done", "--no-wait"],
        ["outbox", "cancel", "7"],
        ["fetch", "--follow", "--quiet", "--tied"],
        ["note", "12", "call back"],
        [],
        ["--store", "s.db"],
    ],
)
def test_what_scripts_write_needs_no_click(argv: list[str]) -> None:
    assert plain.read(argv) is not None
    assert plain.read(argv) == by_click(argv)


def test_every_subcommand_has_a_function() -> None:
    from importlib import import_module

    for command in COMMANDS.values():
        module, _, name = command.target.partition(":")
        assert callable(getattr(import_module(f"inbox_tui.cli.{module}"), name))
