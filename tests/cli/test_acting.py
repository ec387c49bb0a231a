"""``reply``, ``note``, ``done``, ``reopen``, ``outbox``: what happens, and what the exit code says of it."""

from __future__ import annotations

import pytest

from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli

MENTION = {"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"}


@pytest.fixture
def case(cli: Cli, world: Sandbox) -> int:
    """A case that waits, on X."""
    world.play(MENTION)
    cli("fetch")
    found: int = cli("list", "--json").record["id"]
    return found


def state(cli: Cli, case: int) -> str:
    found: str = cli("show", case, "--json").record["state"]
    return found


def test_a_reply_is_sent_and_its_receipt_printed(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("reply", case, "Yes, it fits.", "--json")
    assert answer.code == 0
    [sent] = world.journal.sent
    assert (sent["to"], sent["text"]) == ("@lena", "Yes, it fits.")
    receipt = answer.record
    assert list(receipt)[:8] == [
        *("type", "case", "message", "channel", "state", "external_id", "permalink", "sent_at")
    ]
    assert (receipt["case"], receipt["channel"], receipt["state"]) == (case, "x", "sent")
    assert receipt["external_id"] == sent["id"]
    assert receipt["permalink"].endswith(sent["id"])
    assert state(cli, case) == "pending"


@pytest.mark.parametrize("words", [[], ["-"]])
def test_the_text_may_come_from_stdin(cli: Cli, world: Sandbox, case: int, words: list[str]) -> None:
    assert cli("reply", case, *words, stdin="Ja, größer.\n".encode()).code == 0
    assert world.journal.sent[0]["text"] == "Ja, größer."


def test_a_text_that_is_not_utf8_is_not_sent(cli: Cli, world: Sandbox, case: int) -> None:
    for answer in (cli("reply", case, stdin=b"gr\xfcn"), cli("reply", case, "gr\udcfcn")):
        assert answer.code == 2
        assert "not UTF-8" in answer.err
    assert world.journal.sent == []


def test_done_closes_the_case_once_the_reply_is_sent(cli: Cli, case: int) -> None:
    assert cli("reply", case, "Yes.", "--done").code == 0
    assert state(cli, case) == "done"


def test_a_thread_can_be_named(cli: Cli, world: Sandbox, case: int) -> None:
    world.play(MENTION)
    cli("fetch")
    first, second = (thread["id"] for thread in cli("show", case, "--json").record["threads"])
    assert cli("reply", case, "here", "--via", second, "--json").code == 0
    shown = cli("show", case, "--json").record["timeline"]
    assert [m["thread"] for m in shown if m["direction"] == "out"] == [second]
    assert first != second
    assert cli("reply", case, "there", "--via", 99).code == 1


@pytest.mark.parametrize("text", ["  ", "x" * 300])
def test_a_reply_that_a_check_forbids(cli: Cli, world: Sandbox, case: int, text: str) -> None:
    answer = cli("reply", case, text, "--json")
    assert (answer.code, answer.error["code"]) == (2, "blocked")
    assert world.journal.sent == []
    assert cli("outbox", "--all", "--json").records == []


def test_no_such_case(cli: Cli, case: int) -> None:
    for words in (
        ["reply", 99, "x"],
        ["note", 99, "x"],
        ["done", 99],
        ["reopen", 99],
        ["outbox", "retry", 9],
    ):
        answer = cli(*words, "--json")
        assert (answer.code, answer.error["code"]) == (1, "not_found")


def test_a_platform_that_is_away_is_certain_and_the_reply_is_withdrawn(
    cli: Cli, world: Sandbox, case: int
) -> None:
    world.stop()
    answer = cli("reply", case, "Yes.")
    assert (answer.code, answer.out) == (3, "")
    assert "nothing was sent, and the text is kept as a draft" in answer.err
    assert [kept["state"] for kept in cli("outbox", "--all", "--json").records] == ["draft"]


def test_a_rate_limit_is_certain_and_the_text_is_kept(cli: Cli, world: Sandbox, case: int) -> None:
    world.play({"channel": "x", "kind": "fault", "fault": "rate_limit", "on": True})
    answer = cli("reply", case, "Yes.", "--json")
    assert (answer.code, answer.out, answer.error["code"]) == (3, "", "rate_limited")
    [kept] = cli("outbox", "--all", "--json").records
    assert (kept["state"], kept["text"]) == ("draft", "Yes.")
    assert cli("outbox", "--json").records == []
    world.play({"channel": "x", "kind": "fault", "fault": "rate_limit", "on": False})
    cli("fetch")
    assert world.journal.sent == []
    assert state(cli, case) == "waiting"


def test_what_may_have_arrived_is_not_to_be_repeated(cli: Cli, world: Sandbox, case: int) -> None:
    world.play({"channel": "x", "kind": "fault", "fault": "accepted_then_dropped", "on": True, "times": 1})
    answer = cli("reply", case, "Yes.", "--json")
    assert (answer.code, answer.record["state"], answer.error["code"]) == (5, "unknown", "unknown")
    assert len(world.journal.sent) == 1
    [listed] = cli("outbox", "--json").records
    assert listed["state"] == "unknown"
    assert "unknown" in cli("outbox").out


def test_a_refusal_for_good_is_withdrawn(cli: Cli, world: Sandbox, case: int) -> None:
    assert cli("reply", case, "Yes.").code == 0
    # X takes no text twice.
    answer = cli("reply", case, "Yes.", "--force", "--json")
    assert (answer.code, answer.error["code"]) == (4, "refused")
    assert cli("outbox", "--json").records == []


def test_without_waiting_it_is_left_to_the_worker(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("reply", case, "Yes.", "--no-wait", "--json")
    assert (answer.code, answer.record["state"]) == (0, "queued")
    [queued] = cli("outbox", "--json").records
    assert queued["id"] == answer.record["reply"]
    assert cli("fetch").code == 0
    assert len(world.journal.sent) == 1


def test_who_holds_no_secret_leaves_it_queued(cli: Cli, world: Sandbox, case: int) -> None:
    (world.directory / "secrets" / "shop").unlink()
    answer = cli("reply", case, "Yes.", "--json")
    assert (answer.code, answer.record["state"], answer.error["code"]) == (5, "queued", "queued")
    assert "no worker runs" in answer.error["message"]
    assert "inbox-tui fetch --follow" in answer.error["hint"]


def test_a_queued_reply_can_be_cancelled_and_a_cancelled_one_not(cli: Cli, case: int) -> None:
    number = cli("reply", case, "Yes.", "--no-wait", "--json").record["reply"]
    assert cli("outbox", "cancel", number, "--json").record["state"] == "draft"
    assert cli("outbox", "cancel", number).code == 1
    assert cli("outbox", "retry", number).code == 1


def test_an_unknown_one_can_be_sent_once_more_by_decision(cli: Cli, world: Sandbox, case: int) -> None:
    world.play({"channel": "x", "kind": "fault", "fault": "accepted_then_dropped", "on": True, "times": 1})
    number = cli("reply", case, "Yes.", "--json").record["reply"]
    answer = cli("outbox", "retry", number)
    assert answer.code == 0
    assert "No worker runs" in answer.err


def test_a_note_moves_no_clock(cli: Cli, case: int) -> None:
    before = cli("list", "--json").record["waiting_since"]
    note = cli("note", case, "asked the workshop", "--json").record
    assert (note["kind"], note["text"], note["thread"]) == ("note", "asked the workshop", None)
    assert cli("note", case, stdin=b"second").out == f"Noted in case {case}.\n"
    assert cli("note", case, "  ").code == 2
    assert cli("list", "--json").record["waiting_since"] == before


def test_done_and_reopen(cli: Cli, case: int) -> None:
    assert cli("done", case, "--json").record["waiting_since"] is None
    assert cli("done", case).code == 1
    assert cli("reopen", case).out == f"Case {case} is waiting.\n"
    assert cli("reopen", case, "--json").error["code"] == "nothing_to_do"


def test_an_agent_acts_under_the_name_given(cli: Cli, case: int) -> None:
    note = cli("--agent", "ada", "note", case, "mine", "--json").record
    assert note["author"]["name"] == "ada"
