"""Sorting cases and undoing it, from a script."""

from __future__ import annotations

import pytest

from inbox_tui.config import unix_user
from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli


@pytest.fixture
def cases(cli: Cli, world: Sandbox) -> list[int]:
    """Two cases that wait."""
    for who in ("@lena", "@omar"):
        world.play({"channel": "x", "kind": "mention", "from": who, "name": who[1:], "text": "@shop and L?"})
    cli("fetch")
    return [record["id"] for record in cli("list", "--json").records]


def listed(cli: Cli, view: str) -> list[int]:
    return [record["id"] for record in cli("list", "--view", view, "--json").records]


def test_cases_are_taken_given_and_given_up(cli: Cli, cases: list[int]) -> None:
    records = cli("assign", *cases, "--to", "anna", "--json").records
    assert [(record["id"], record["assignee"]) for record in records] == [(case, "anna") for case in cases]
    assert listed(cli, "unassigned") == []
    first, second = cases
    assert cli("assign", first).out == f"Case {first} goes to {unix_user()}.\n"
    assert listed(cli, "mine") == [first]
    assert cli("assign", second, "--nobody", "--json").record["assignee"] is None
    assert cli("assign", second, "--nobody", "--json").error["code"] == "nothing_to_do"
    assert cli("assign", second, "--nobody", "--to", "x").code == 2


def test_tags_stand_in_the_list(cli: Cli, cases: list[int]) -> None:
    assert cli("tag", cases[0], "--add", "refund, vip", "--json").record["tags"] == ["refund", "vip"]
    assert cli("tag", cases[0], "--remove", "vip", "--json").record["tags"] == ["refund"]
    both = cli("tag", cases[0], "--add", "one", "--add", "two,three", "--remove", "refund", "--json")
    assert both.record["tags"] == ["one", "three", "two"]
    assert "#one" in cli("list").out
    assert cli("tag", cases[0]).code == 2
    assert cli("tag", cases[0], "--add", "two words").code == 2


def test_a_snoozed_case_is_put_off_and_comes_back(cli: Cli, cases: list[int]) -> None:
    record = cli("snooze", cases[0], "tomorrow 9", "--json").record
    assert record["snoozed"] and record["snoozed_until"]
    assert (listed(cli, "snoozed"), listed(cli, "waiting")) == ([cases[0]], [cases[1]])
    assert "wakes" in cli("list", "--view", "snoozed").out
    assert cli("wake", cases[0], "--json").record["snoozed"] is False
    again = cli("snooze", cases[0], "again").out
    assert again.startswith(f"Case {cases[0]} comes back ") and again.endswith("09:00.\n"), (
        "it names the time"
    )
    until_reply = cli("snooze", cases[0], "reply", "--json").record
    assert (until_reply["snoozed"], until_reply["snoozed_until"]) == (True, None)
    wrong = cli("snooze", cases[0], "soonish", "--json")
    assert (wrong.code, "tomorrow 9" in wrong.error["hint"]) == (2, True)


def test_spam_automatic_and_priority_and_the_way_back(cli: Cli, cases: list[int]) -> None:
    first, second = cases
    assert cli("priority", first, "urgent", "--json").record["priority"] == "urgent"
    assert cli("spam", first, "--json").record["spam"] is True
    assert listed(cli, "spam") == [first]
    assert cli("automatic", second, "--json").record["automatic"] is True
    assert listed(cli, "automatic") == [second]
    assert cli("undo").out == f"Undone: automatic of case {second}.\n"
    assert cli("spam", first, "--no", "--json").record["spam"] is False
    assert sorted(listed(cli, "waiting")) == sorted(cases)
    assert cli("undo", "--json").record["spam"] is True
    assert [cli("undo").code for _ in range(3)] == [0, 0, 1]


def test_one_mistake_among_many_changes_nothing(cli: Cli, cases: list[int]) -> None:
    assert cli("spam", cases[0], 999).code == 1
    assert listed(cli, "spam") == []
    assert cli("priority", "x", "high").code == 2
    assert cli("priority", cases[0], "soon").code == 2
