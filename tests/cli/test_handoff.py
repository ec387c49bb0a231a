"""``handoff``: where a customer can go on, what speaks against it, and that it went out."""

from __future__ import annotations

import pytest

from inbox_tui.desk.handoff import codes
from inbox_tui.sandbox.follow import follow
from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli


@pytest.fixture
def case(cli: Cli, world: Sandbox) -> int:
    """A case that waits, on X."""
    tweet = {"channel": "x", "kind": "mention", "from": "@hajo", "text": "@shop is the lock off?"}
    world.play(tweet)
    cli("fetch")
    found: int = cli("list", "--json").record["id"]
    return found


def test_without_a_destination_it_lists_the_ways(cli: Cli, case: int) -> None:
    places = cli("handoff", case, "--json").records
    assert [(one["to"], one["account"], one["open"]) for one in places] == [
        ("email", "mail", True),
        ("x-dm", "shop", True),
        ("messenger", "page", True),
    ]
    assert cli("handoff", case).out.splitlines()[1].split()[:3] == ["email", "mail", "yes"]


def test_it_is_sent_and_the_case_rests_until_he_is_there(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("handoff", case, "--to", "x-dm", "--json")
    assert (answer.code, answer.record["state"], answer.record["handoff"]) == (0, "sent", "x-dm")
    [sent] = world.journal.sent
    assert len(codes(str(sent["text"]))) == 1
    shown = cli("show", case, "--json").record
    assert (shown["state"], shown["overdue"]) == ("pending", False)
    assert shown["waiting_since"] is not None
    [one] = shown["handoffs"]
    assert (one["to"], one["public"], one["arrived_at"]) == ("x-dm", True, None)
    assert "handed off to a direct message on X" in cli("show", case).out
    act = follow(sent)
    assert act is not None
    world.play(act)
    cli("fetch")
    shown = cli("show", case, "--json").record
    assert shown["state"] == "waiting"
    assert shown["handoffs"][0]["by_code"] is True
    assert "1 hand-off, effort" in cli("show", case).out


def test_ones_own_words_go_with_the_code(cli: Cli, world: Sandbox, case: int) -> None:
    assert cli("handoff", case, "@hajo Write to {address}, with {code}!", "--to", "email").code == 0
    text = str(world.journal.sent[0]["text"])
    (code,) = codes(text.rpartition("with")[2])
    assert text == f"@hajo Write to help+{code.lower()}@shop.example, with {code}!"


def test_a_dry_run_prints_text_and_what_speaks_against_it_and_leaves_nothing(
    cli: Cli, world: Sandbox, case: int
) -> None:
    cli("handoff", case, "--to", "email")
    answer = cli("handoff", case, "--to", "x-dm", "--dry-run")
    assert answer.code == 6
    assert "direct message" in answer.out and "held back: he was asked to go on by mail" in answer.out
    assert len(world.journal.sent) == 1
    assert len(cli("outbox", "--all", "--json").records) == 1


def test_a_second_one_is_held_back_unless_it_is_forced(cli: Cli, world: Sandbox, case: int) -> None:
    cli("handoff", case, "--to", "email")
    answer = cli("handoff", case, "--to", "x-dm", "--json")
    assert (answer.code, answer.error["code"]) == (6, "held")
    assert answer.error["hint"].endswith("--force sends it all the same")
    assert len(cli("outbox", "--all", "--json").records) == 1
    assert cli("handoff", case, "--to", "x-dm", "--force").code == 0
    assert len(world.journal.sent) == 2


def test_a_way_that_is_closed_is_refused_with_those_that_are_open(
    cli: Cli, world: Sandbox, case: int
) -> None:
    world.config_path.write_text(
        world.config_path.read_text("utf-8").replace(
            'token_file = "secrets/shop"', 'token_file = "secrets/shop"\ndirect_messages = false'
        ),
        "utf-8",
    )
    answer = cli("handoff", case, "--to", "x-dm", "--json")
    assert answer.code == 2 and "direct messages are not read" in answer.error["message"]
    assert answer.error["hint"] == "open ways: email (mail), messenger (page)"
    assert world.journal.sent == []


def test_what_became_of_it_stands_in_the_history(cli: Cli, world: Sandbox, case: int) -> None:
    cli("handoff", case, "--to", "x-dm")
    act = follow(world.journal.sent[0])
    assert act is not None
    world.play(act)
    cli("fetch")
    kinds = [one["kind"] for one in cli("history", case, "--json").records]
    assert [kind for kind in kinds if kind.startswith("handoff")] == ["handoff", "handoff_arrived"]


def test_a_private_answer_to_a_comment_can_ask_him(cli: Cli, world: Sandbox) -> None:
    post = world.play({"channel": "facebook", "kind": "our_post", "text": "News"})
    act = {"channel": "facebook", "kind": "comment", "from": "Hajo B.", "post": post}
    world.play({**act, "text": "Is the lock off?"})
    cli("fetch")
    case = cli("list", "--json").record["id"]
    assert cli("handoff", case, "--to", "email", "--private").code == 0
    assert world.journal.sent[0]["kind"] == "private_reply"
    assert cli("show", case, "--json").record["handoffs"][0]["public"] is False
