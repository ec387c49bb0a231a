"""``reply`` before it sends: what is held back, what can be forced, and what ``--dry-run`` prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli

MENTION = {
    "channel": "x",
    "kind": "mention",
    "from": "@lena",
    "name": "Lena",
    "text": "@shop my order no. 4711-08 is late",
}
PRIVATE = "We call you at 0171 1234567."


@pytest.fixture
def case(cli: Cli, world: Sandbox) -> int:
    """A case that waits, on X."""
    world.play(MENTION)
    cli("fetch")
    found: int = cli("list", "--json").record["id"]
    return found


def last(cli: Cli, case: int) -> int:
    found: int = cli("show", case, "--json").record["timeline"][-1]["id"]
    return found


def test_private_data_in_public_is_held_back_until_it_is_forced(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("reply", case, PRIVATE, "--json")
    assert (answer.code, answer.error["code"]) == (6, "held")
    assert "0171 1234567" in answer.error["message"] and "--force" in answer.error["hint"]
    assert world.journal.sent == []
    assert cli("outbox", "--all", "--json").records == []
    assert cli("reply", case, PRIVATE, "--force").code == 0
    assert [sent["text"] for sent in world.journal.sent] == [PRIVATE]


def test_what_blocks_for_good_cannot_be_forced(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("reply", case, "x" * 300, "--force", "--json")
    assert (answer.code, answer.error["code"]) == (2, "blocked")
    assert world.journal.sent == []


def test_a_dry_run_prints_all_that_speaks_against_it_and_sends_nothing(
    cli: Cli, world: Sandbox, case: int
) -> None:
    text = f"Please send us your order number. {PRIVATE}"
    answer = cli("reply", case, text, "--dry-run", "--json")
    assert answer.code == 6
    assert [(one["type"], one["code"], one["blocks"], one["held"]) for one in answer.records] == [
        ("caution", "private", False, True),
        ("caution", "known", False, True),
    ]
    assert answer.records[1]["shows"] == "@shop my order no. 4711-08 is late"
    assert answer.records[1]["about"] == last(cli, case)
    said = cli("reply", case, text, "--dry-run")
    assert said.code == 6
    assert "held back: it asks for his order number" in said.out
    assert world.journal.sent == [] and cli("outbox", "--all", "--json").records == []


def test_a_dry_run_says_what_cannot_be_sent_and_where_nothing_speaks_against_it(cli: Cli, case: int) -> None:
    answer = cli("reply", case, "x" * 300, "--dry-run")
    assert answer.code == 2
    assert "cannot be sent: too long" in answer.out
    answer = cli("reply", case, "It left today.", "--dry-run")
    assert (answer.code, answer.out, answer.err) == (0, "", "Nothing speaks against it.\n")


def test_a_dry_run_with_files_leaves_no_draft(cli: Cli, world: Sandbox, tmp_path: Path) -> None:
    world.play(
        {"channel": "email", "kind": "mail", "from": "mia@example.org", "subject": "Hi", "text": "Hi?"}
    )
    cli("fetch")
    (mail,) = cli("list", "--json").records
    (tmp_path / "bill.txt").write_text("1 Euro")
    answer = cli("reply", mail["id"], "Here.", "--attach", tmp_path / "bill.txt", "--dry-run")
    assert answer.code == 0
    assert cli("outbox", "--all", "--json").records == []


def test_a_case_that_moved_since_the_message_that_was_read(cli: Cli, world: Sandbox, case: int) -> None:
    seen = last(cli, case)
    assert cli("reply", case, "It left.", "--seen", seen, "--dry-run").code == 0
    world.play({**MENTION, "text": "@shop forget it, solved!"})
    cli("fetch")
    answer = cli("reply", case, "It left.", "--seen", seen, "--json")
    assert (answer.code, answer.error["code"]) == (6, "held")
    assert "1 new message" in answer.error["message"]
    assert cli("reply", case, "It left.", "--dry-run").code == 0, "who names no message has seen all"
    assert cli("reply", case, "It left.", "--seen", seen, "--force").code == 0
    assert cli("list", "--json").records != [], "what he had not read is still owed an answer"


def test_another_agents_fresh_draft_holds_it_back(cli: Cli, world: Sandbox, case: int) -> None:
    world.play({"channel": "x", "kind": "fault", "fault": "rate_limit", "on": True})
    assert cli("--agent", "ben", "reply", case, "I am on it.").code == 3, "kept as a draft"
    answer = cli("reply", case, "It left.", "--json")
    assert (answer.code, answer.error["message"]) == (6, "not sent: ben is writing in this case")
    assert cli("--agent", "ben", "reply", case, "It left.", "--dry-run").code == 0


def test_the_same_text_twice(cli: Cli, world: Sandbox, case: int) -> None:
    assert cli("reply", case, "It left today.").code == 0
    world.play({**MENTION, "text": "@shop and?"})
    cli("fetch")
    answer = cli("reply", case, "it left  today.", "--json")
    assert answer.code == 6
    assert "says the very same (sent)" in answer.error["message"]


def test_a_mail_that_wants_its_answer_elsewhere(cli: Cli, world: Sandbox) -> None:
    raw = (
        "From: Mia <mia@example.org>\r\nTo: service@shop.example\r\nReply-To: boss@else.example\r\n"
        "Subject: Hi\r\nMessage-ID: <1@example.org>\r\n\r\nHi?\r\n"
    )
    world.play({"channel": "email", "kind": "mail", "raw": raw})
    cli("fetch")
    (mail,) = cli("list", "--json").records
    answer = cli("reply", mail["id"], "Hello Mia", "--json")
    assert answer.code == 6
    assert "boss@else.example (Reply-To); this goes to mia@example.org" in answer.error["message"]
    assert cli("reply", mail["id"], "Hello Mia", "--force").code == 0
    assert [sent["to"] for sent in world.journal.sent] == ["mia@example.org"]


def test_where_the_platform_will_refuse_the_ways_that_are_open_are_named(
    cli: Cli, world: Sandbox, case: int
) -> None:
    assert cli("reply", case, "It left.").code == 0
    (thread,) = cli("show", case, "--json").record["threads"]
    answer = cli("reply", case, "x" * 300, "--via", thread["id"], "--dry-run", "--json")
    assert [(one["code"], one["blocks"], one["hint"]) for one in answer.records] == [
        ("too_long", True, "change it and send it again")
    ]


def test_a_link_on_x_is_sent_and_its_price_said(cli: Cli, world: Sandbox, case: int) -> None:
    """It holds nothing back; whoever reads the terminal should know what it cost all the same."""
    answer = cli("reply", case, "See https://shop.example.com/order")
    assert answer.code == 0 and "cost $0.20" in answer.err
    assert len(world.journal.sent) == 1


def test_a_reply_without_a_link_says_nothing_of_prices(cli: Cli, case: int) -> None:
    assert "note:" not in cli("reply", case, "It is on its way.").err
