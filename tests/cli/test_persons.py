"""Persons, merges, calls and reports from a script, over the real clients."""

from __future__ import annotations

import pytest

from inbox_tui.sandbox.runner import Sandbox
from tests.cli.conftest import Cli


@pytest.fixture
def cases(cli: Cli, world: Sandbox) -> list[int]:
    """A mail and a post of one man, who says so."""
    said = "@shop you have my mail from hajo@brandt.example, please look"
    world.play(
        {
            "channel": "email",
            "kind": "mail",
            "from": "hajo@brandt.example",
            "name": "Hajo Brandt",
            "subject": "SIM lock",
            "text": "Is it off?",
        }
    )
    world.play({"channel": "x", "kind": "mention", "from": "@hajo", "name": "Hajo", "text": said})
    cli("fetch")
    found = {record["channels"][0]: record["id"] for record in cli("list", "--json").records}
    return [found["email"], found["x"]]


def test_a_fetch_proposes_and_accepting_makes_one_case(cli: Cli, cases: list[int]) -> None:
    (proposal,) = cli("person", "proposals", "--json").records
    assert (proposal["type"], set(proposal["cases"])) == ("proposal", set(cases))
    assert proposal["evidence"][0]["value"] == "hajo@brandt.example"
    assert "hajo@brandt.example" in cli("person", "proposals").out
    joined = cli("person", "accept", proposal["id"], "--json").record
    assert [record["id"] for record in cli("list", "--json").records] == [joined["case"]]
    assert cli("person", "accept", proposal["id"], "--json").error["code"] == "nothing_to_do"


def test_declined_is_declined(cli: Cli, cases: list[int]) -> None:
    (proposal,) = cli("person", "proposals", "--json").records
    assert cli("person", "decline", proposal["id"], "--json").record["act"] == "decline"
    assert cli("person", "proposals", "--json").out == ""
    assert len(cli("list", "--json").records) == len(cases)


def test_merge_leads_on_and_is_undone_by_its_number(cli: Cli, cases: list[int]) -> None:
    first, second = cases
    told = cli("merge", first, second)
    assert f"Case {first} took in case {second}." in told.out
    assert "Their persons are one, too" in told.out
    assert cli("show", second, "--json").record["id"] == first
    assert cli("note", second, "seen", "--json").record["case"] == first
    act = next(one["act"] for one in cli("history", first, "--json").records if one["act"])
    assert cli("undo", "--act", act).code == 0
    assert cli("show", second, "--json").record["id"] == second
    assert cli("undo", "--act", act, "--json").error["code"] == "nothing_to_do"
    assert cli("merge", first, 99, "--json").error["code"] == "not_found"


def test_split_takes_a_thread_away(cli: Cli, cases: list[int]) -> None:
    cli("merge", *cases)
    threads = cli("show", cases[0], "--json").record["threads"]
    on_x = next(one["id"] for one in threads if one["channel"] == "x")
    made = cli("split", cases[0], "--thread", on_x, "--json").record["case"]
    assert cli("show", made, "--json").record["channels"] == ["x"]
    assert cli("split", cases[0]).code == 2


def test_a_person_is_shown_merged_and_split(cli: Cli, cases: list[int]) -> None:
    persons = [cli("show", case, "--json").record["person"]["id"] for case in cases]
    assert cli("person", "merge", *persons, "--json").record["person"] == persons[0]
    page = cli("person", "show", persons[1], "--json").record
    assert (page["id"], len(page["identities"]), len(page["cases"])) == (persons[0], 2, 2)
    assert "@hajo" in cli("person", "show", persons[0]).out
    on_x = next(one["id"] for one in page["identities"] if one["identity"].startswith("x:"))
    made = cli("person", "split", persons[0], "--identity", on_x, "--json").record["person"]
    assert cli("show", cases[1], "--json").record["person"]["id"] == made
    assert cli("person", "find", "hajo", "brandt", "--json").record["id"] == persons[0]
    assert cli("person", "show").code == 2
    assert cli("person", "show", "x").code == 2


def test_a_call_and_goodwill_stand_in_the_report(cli: Cli, cases: list[int]) -> None:
    call = cli("call", "Hajo Brandt", "asks again", "--answered", "--json").record
    assert (call["kind"], call["case"], call["channel"]) == ("call", cases[0], "phone")
    assert cli("goodwill", cases[0], "10 EUR", "a day late", "--json").record["amount"] == "10 EUR"
    report = cli("report", cases[0], "--json").record
    assert report["waits"][0]["ended_by"] == "called"
    assert report["goodwill"][0]["reason"] == "a day late"
    assert "10 EUR" in cli("report", cases[0]).out
    assert cli("call", "x", "y", "--answered", "--not-answered").code == 2


def test_a_supporter_is_named_and_made_a_case_of_his_own(cli: Cli, world: Sandbox) -> None:
    first = world.play(
        {"channel": "x", "kind": "mention", "from": "@hajo", "name": "Hajo", "text": "@shop anybody?"}
    )
    answer = {"text": "@shop please answer @hajo", "in_reply_to": first}
    world.play({"channel": "x", "kind": "mention", "from": "@mirja", "name": "Mirja", **answer})
    world.play({"channel": "facebook", "kind": "post", "from": "Hajo B.", "text": "Anybody?"})
    cli("fetch")
    (case,) = (one for one in cli("list", "--json").records if one["channels"] == ["x"])
    assert (case["messages"], case["supporters"]) == (2, 1)
    (mirja,) = cli("show", case["id"], "--json").record["supported_by"]
    assert f"On the customer's behalf writes Mirja (person {mirja['id']})" in cli("show", case["id"]).out
    assert f"supports case {case['id']}" in cli("person", "show", mirja["id"]).out
    thread = cli("show", case["id"], "--json").record["threads"][0]["id"]
    both = cli("split", case["id"], "--thread", thread, "--supporter", mirja["id"], "--json")
    assert both.error["code"] == "usage"
    done = cli("split", case["id"], "--supporter", mirja["id"], "--json").record
    assert (done["act"], cli("show", done["case"], "--json").record["person"]) == ("own matter", mirja)
    assert cli("undo").code == 0
    assert cli("show", case["id"], "--json").record["supporters"] == 1


def test_what_happened_is_told_in_words(cli: Cli, cases: list[int]) -> None:
    first, second = cases
    cli("merge", first, second)
    cli("promise", first, "in 3d")
    said = cli("report", first).out
    assert f"  took in case {second}" in said and "  promised an answer" in said
    assert "  promised an answer" in cli("history", first).out and "promised an answer" in cli("log").out
