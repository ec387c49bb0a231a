"""``write``, ``forward``, ``hide``, ``templates``, and what goes along with ``reply``."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli

MAIL = {"channel": "email", "kind": "mail", "from": "hajo@brandt.example", "name": "Hajo Brandt"}
TEMPLATES = """
[templates.thanks]
text = "Dear {person.first_name},\\n{case.subject}: thanks. {agent.name}"
[templates.x-only]
text = "Thanks!"
channel = "x"
[templates.gone]
file = "gone.txt"
language = "de"
"""


@pytest.fixture
def case(cli: Cli, world: Sandbox) -> int:
    """A case that waits, by mail."""
    world.play({**MAIL, "subject": "AB-1", "text": "Where is it?"})
    cli("fetch")
    found: int = cli("list", "--json").record["id"]
    return found


def configure(world: Sandbox, more: str) -> None:
    world.config_path.write_text(world.config_path.read_text("utf-8") + more, "utf-8")


def test_a_reply_takes_files_and_copies_along(cli: Cli, world: Sandbox, case: int, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.txt"):
        (tmp_path / name).write_bytes(name.encode() * 999)
    files = [word for name in ("a.pdf", "b.txt") for word in ("--attach", tmp_path / name)]
    answer = cli(
        "reply",
        case,
        "There.",
        *map(str, files),
        "--cc",
        "mia@sales.example",
        "--cc",
        "jo@sales.example",
        "--json",
    )
    assert (answer.code, answer.record["state"]) == (0, "sent")
    [sent] = world.journal.sent
    assert sent["to"] == "hajo@brandt.example, mia@sales.example, jo@sales.example"
    assert [(file["name"], file["sha256"]) for file in sent["files"]] == [  # type: ignore[attr-defined]
        (name, sha256(name.encode() * 999).hexdigest()) for name in ("a.pdf", "b.txt")
    ]
    [reply] = cli("outbox", "--all", "--json").records
    assert [file["name"] for file in reply["files"]] == ["a.pdf", "b.txt"]
    assert reply["cc"] == ["mia@sales.example", "jo@sales.example"]
    for refused in (("--attach", str(tmp_path / "none")), ("--cc", "mia")):
        assert cli("reply", case, "Again.", *refused).code == 2
    assert len(cli("outbox", "--all", "--json").records) == 1, "no draft is left"


def test_a_mail_of_ones_own(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("write", "It left.", "--to", "Mia <mia@sales.example>", "--subject", "Your order", "--json")
    assert (answer.code, answer.record["state"]) == (0, "sent")
    assert answer.record["case"] != case
    [sent] = world.journal.sent
    assert (sent["to"], sent["subject"]) == ("mia@sales.example", "Your order")
    within = cli("write", "-", "--to", "mia@sales.example", "--subject", "S", "--case", case, stdin=b"x")
    assert within.code == 0 and len(cli("show", case, "--json").record["threads"]) == 2
    for words in (["x"], ["x", "--to", "mia@x.example"], ["x", "--to", "mia", "--subject", "S"]):
        assert cli("write", *words).code == 2


def test_a_case_is_handed_on_and_goes_on_waiting(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("forward", case, "Can you?", "--to", "sales@supplier.example", "--json")
    assert (answer.code, answer.record["case"]) == (0, case)
    [sent] = world.journal.sent
    assert sent["subject"] == "Fwd: AB-1" and "> Where is it?" in str(sent["text"])
    shown = cli("show", case, "--json").record
    assert shown["state"] == "waiting"
    assert [thread["customer"] for thread in shown["threads"]] == [True, False]
    assert cli("forward", case, "x").code == 2
    assert cli("forward", 99, "x", "--to", "a@x.example").code == 1


def test_a_template_is_filled_or_nothing_is_sent(cli: Cli, world: Sandbox, case: int) -> None:
    configure(world, TEMPLATES)
    (world.directory / "gone.txt").write_text("Hallo {person.name}!\n", "utf-8")
    ours = ("thanks", "x-only", "gone")
    listed = {one["name"]: one for one in cli("templates", "--json").records}
    assert tuple(name for name in listed if name in ours) == ours
    assert listed["gone"]["text"] == "Hallo {person.name}!"
    for_mail = [one["name"] for one in cli("templates", "--channel", "email", "--json").records]
    assert [name for name in for_mail if name in ours] == ["gone", "thanks"]
    assert "thanks" in cli("templates").out
    filled = cli("--agent", "Lena", "templates", "thanks", "--case", case)
    assert filled.out == "Dear Hajo,\nAB-1: thanks. Lena\n"
    assert cli("--agent", "Lena", "reply", case, "--template", "thanks").code == 0
    assert world.journal.sent[0]["text"] == "Dear Hajo,\nAB-1: thanks. Lena\n\n-- \nYour team at Shop Example"
    assert cli("reply", case, "text", "--template", "thanks").code == 2
    assert cli("reply", case, "--template", "none").code == 1
    world.play({**MAIL, "from": "nobody@x.example", "name": "", "subject": "S", "text": "?"})
    cli("fetch")
    other = cli("list", "--json").record["id"]
    answer = cli("reply", other, "--template", "thanks", "--json")
    assert (answer.code, answer.error["code"]) == (2, "blocked")
    assert "{person.first_name}" in answer.error["message"]
    answer = cli("templates", "thanks", "--case", other, "--json")
    assert (answer.code, answer.record["missing"]) == (2, ["person.first_name"])
    (world.directory / "gone.txt").unlink()
    assert "there is no such file" in cli("templates").err


@pytest.mark.parametrize("wrong", ['text = ""', 'text = "a"\nfile = "b"', 'txt = "a"', "text = 1"])
def test_a_template_that_is_none(cli: Cli, world: Sandbox, wrong: str) -> None:
    configure(world, f"\n[templates.a]\n{wrong}\n")
    answer = cli("templates")
    assert answer.code == 2 and "templates.a" in answer.err


def test_a_comment_is_hidden_and_shown_again(cli: Cli, world: Sandbox) -> None:
    post = world.play({"channel": "facebook", "kind": "our_post", "text": "New!"})
    made = world.play({"channel": "facebook", "kind": "comment", "from": "Eve", "text": "buy", "post": post})
    cli("fetch")
    timeline = cli("show", 1, "--json").record["timeline"]
    [message] = [one["id"] for one in timeline if one["text"] == "buy"]
    assert cli("hide", message).out == "The comment is hidden.\n"
    assert world.graph.find_comment(made).hidden
    assert [one["hidden"] for one in cli("show", 1, "--json").record["timeline"] if one["id"] == message] == [
        True
    ]
    assert cli("hide", message).code == 1
    assert cli("hide", message, "--no").out == "The comment is shown again.\n"
    assert not world.graph.find_comment(made).hidden
    world.play({"channel": "facebook", "kind": "fault", "fault": "unauthorized", "on": True})
    answer = cli("hide", message, "--json")
    assert (answer.code, answer.error["code"]) == (3, "login")
    assert cli("outbox", "--json").records == []


def test_a_comment_is_answered_privately_once(cli: Cli, world: Sandbox) -> None:
    post = world.play({"channel": "facebook", "kind": "our_post", "text": "News"})
    world.play({"channel": "facebook", "kind": "comment", "from": "Hajo", "post": post, "text": "Help?"})
    cli("fetch", "--quiet")
    [row] = cli("list", "--json").records
    [thread] = cli("show", row["id"], "--json").record["threads"]
    assert (thread["can_reply"], thread["can_reply_privately"]) == (True, True)
    assert "--private" in cli("show", row["id"]).out
    answer = cli("reply", row["id"], "Your number, please?", "--private")
    assert (answer.code, answer.out.startswith("Sent privately to Hajo on facebook")) == (0, True)
    assert [line["kind"] for line in world.journal.sent] == ["private_reply"]
    again = cli("reply", row["id"], "Once more", "--private", "--json")
    assert again.code == 2 and again.error["code"] == "blocked"
    [line, talk] = cli("show", row["id"], "--json").record["threads"]
    assert (line["can_reply_privately"], talk["can_reply"]) == (False, False)
    assert "after the customer has written" in talk["why_not"]


def test_a_private_answer_takes_no_files(cli: Cli, world: Sandbox, case: int) -> None:
    answer = cli("reply", case, "Hello", "--private", "--attach", world.config_path)
    assert answer.code == 2 and "takes no files" in answer.err
