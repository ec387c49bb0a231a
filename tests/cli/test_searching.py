"""``search`` and ``list --search`` from a script."""

from __future__ import annotations

import pytest

from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli


@pytest.fixture
def case(cli: Cli, world: Sandbox) -> int:
    """A case about an order, and another one."""
    for who, text in (("@lena", "@shop where is AB-2024-0815?"), ("@omar", "@shop and the L?")):
        world.play({"channel": "x", "kind": "mention", "from": who, "name": who[1:], "text": text})
    cli("fetch")
    found: int = cli("search", "AB-2024-0815", "--json").record["id"]
    return found


def test_a_hit_is_a_case_with_the_words_around_it(cli: Cli, case: int) -> None:
    record = cli("search", "AB-2024-0815", "--json").record
    assert (record["type"], record["id"]) == ("case", case)
    [[begin, end]] = record["hit"]["marks"]
    assert record["hit"]["snippet"][begin:end] == "AB-2024-0815"
    assert "AB-2024-0815" in cli("search", "from:lena", "where").out


def test_nothing_found_is_exit_code_1_and_a_wrong_value_2(cli: Cli, case: int) -> None:
    assert (cli("search", "unheard-of").code, cli("search", "unheard-of").err) == (1, "Nothing found.\n")
    assert cli("search", "is:happy", "--json").error["code"] == "usage"
    assert cli("search").code == 2


def test_list_takes_a_search_too(cli: Cli, case: int) -> None:
    assert cli("list", "--search", "from:lena", "--json").record["id"] == case
    assert cli("list", "--search", "from:lena", "--view", "done", "--json").out == ""
    assert cli("list", "--search", "from:lena", "--view", "waiting", "--json").record["id"] == case
    cli("done", str(case))
    assert cli("list", "--search", "from:lena", "--json").record["id"] == case, "no view hides nothing"
    assert cli("list", "--search", "from:lena", "--view", "waiting", "--json").out == ""
    assert cli("list", "--search", "shop", "--channel", "email", "--json").out == ""


def test_a_saved_view_is_listed_by_its_name_and_narrowed_by_a_search(
    cli: Cli, world: Sandbox, case: int
) -> None:
    with world.config_path.open("a", encoding="utf-8") as config:
        config.write('\n[views.parcels]\nquery = "AB-2024-0815 is:waiting"\n')
    assert cli("list", "--view", "parcels", "--json").record["id"] == case
    assert cli("list", "--view", "parcels", "--search", "from:omar", "--json").out == ""
    cli("done", str(case))
    assert cli("list", "--view", "parcels", "--json").out == ""
