"""``list``, ``show``, ``accounts``, ``doctor`` on what real clients fetched from the sandbox."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import datetime
from pathlib import Path

from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store import accounts
from inbox_tui.store.engine import Store
from tests.cli.conftest import Cli

CLOCK_FIELDS = ["promised", "promise_broken", "contacts", "ending", "supporters"]
CASE_FIELDS = [
    "type",
    "id",
    "state",
    "person",
    "channels",
    "subject",
    "snippet",
    "messages",
    "waiting_since",
    "due",
    "overdue",
    "assignee",
    "tags",
    "snoozed_until",
    "snoozed",
    "priority",
    "automatic",
    "spam",
]
MESSAGE_FIELDS = [
    "type",
    "id",
    "case",
    "thread",
    "channel",
    "account",
    "direction",
    "kind",
    "author",
    "text",
    "sent_at",
    "public",
    "permalink",
    "state",
    "hidden",
    "cc",
    "unparsed",
    "unanswered",
]


def somebody_writes(world: Sandbox) -> None:
    mail = {"channel": "email", "kind": "mail", "from": "petra@kurz.example", "name": "Petra Kurz"}
    world.play({**mail, "subject": "Rechnung", "text": "Wo bleibt die Rechnung?"})
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    world.play({"channel": "facebook", "kind": "post", "from": "Ali Demir", "text": "Danke!"})


def test_a_case_has_the_fields_of_the_contract_in_json(cli: Cli, world: Sandbox) -> None:
    somebody_writes(world)
    cli("fetch")
    records = cli("list", "--json").records
    assert len(records) == 3
    assert all(list(record) == [*CASE_FIELDS, *CLOCK_FIELDS] for record in records)
    [case] = [record for record in records if record["channels"] == ["email"]]
    assert case["person"]["name"] == "Petra Kurz"
    assert isinstance(case["id"], int)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", case["waiting_since"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", case["due"])
    assert (case["overdue"], case["assignee"], case["tags"]) == (False, None, [])
    assert (case["contacts"], case["promised"], case["ending"]) == (1, None, None)


def test_the_longest_wait_comes_first_whatever_the_limit(cli: Cli, world: Sandbox) -> None:
    for number in range(205):
        world.play({"channel": "facebook", "kind": "post", "from": f"Customer {number}", "text": "Hello?"})
    cli("fetch")
    waits = [record["waiting_since"] for record in cli("list", "--limit", 0, "--json").records]
    assert len(waits) == 205
    assert waits == sorted(waits)
    assert len(cli("list", "--limit", 203, "--json").records) == 203


def test_a_channel_narrows_a_view(cli: Cli, world: Sandbox) -> None:
    somebody_writes(world)
    cli("fetch")
    for view in ("waiting", "all"):
        [only] = cli("list", "--view", view, "--channel", "facebook", "--json").records
        assert only["channels"] == ["facebook"]
    answer = cli("list", "--channel", "fax")
    assert (answer.code, answer.out) == (2, "")
    assert "email, facebook, x" in answer.err


def test_the_table_is_aligned_and_whole_where_nobody_looks(cli: Cli, world: Sandbox) -> None:
    long = "@shop " + "word " * 60
    world.play({"channel": "x", "kind": "mention", "from": "@yuki", "name": "田中ゆき", "text": long})
    world.play({"channel": "x", "kind": "mention", "from": "@bo", "name": "Bo", "text": "@shop L?"})
    cli("fetch")
    head, *rows = cli("list").out.splitlines()
    assert head.split() == ["case", "waits", "on", "from", "about"]
    assert "\t" not in "".join(rows)
    assert {row.index(" x ") for row in rows} == {head.index(" on ")}


def test_an_empty_view_says_so_beside_the_data(cli: Cli) -> None:
    cli("fetch")
    answer = cli("list")
    assert (answer.code, answer.out, answer.err) == (0, "", "Nobody waits.\n")
    assert cli("list", "--json").out == cli("list", "--json").err == ""


def test_show_tells_threads_and_timeline_oldest_first(cli: Cli, world: Sandbox) -> None:
    post = world.play({"channel": "facebook", "kind": "our_post", "text": "New phones are in!"})
    world.play({"channel": "facebook", "kind": "comment", "from": "Sven", "text": "Price?", "post": post})
    cli("fetch")
    [case] = cli("list", "--json").records
    cli("note", case["id"], "ask the shop")
    found = cli("show", case["id"], "--json").record
    assert list(found) == [*CASE_FIELDS, *CLOCK_FIELDS, "threads", "timeline", "supported_by", "handoffs"]
    assert [list(thread) for thread in found["threads"]] == [
        [
            *("id", "channel", "account", "public", "permalink", "customer", "can_reply", "why_not"),
            *("reply_until", "can_reply_privately", "private_until", "supporter"),
        ]
    ]
    assert all(list(message) == MESSAGE_FIELDS for message in found["timeline"])
    assert [m["kind"] for m in found["timeline"]] == ["post", "message", "note"]
    assert found["timeline"][0]["case"] is None
    assert [m["unanswered"] for m in found["timeline"]] == [1, None, None]
    assert "(public, our post, 1 unanswered under it)" in cli("show", case["id"]).out
    assert found["timeline"][2]["thread"] is None
    times = [datetime.fromisoformat(m["sent_at"]) for m in found["timeline"]]
    assert times == sorted(times)


def test_show_in_words(cli: Cli, world: Sandbox) -> None:
    somebody_writes(world)
    cli("fetch")
    [case] = cli("list", "--channel", "email", "--json").records
    out = cli("show", case["id"]).out
    assert out.startswith(f"Case {case['id']}  Petra Kurz  waiting for ")
    assert "email mail  private  with petra@kurz.example" in out
    assert "Petra Kurz petra@kurz.example  (private, owed)\n  Wo bleibt die Rechnung?" in out


def test_a_case_that_is_not_there(cli: Cli) -> None:
    cli("fetch")
    answer = cli("show", 7, "--json")
    assert (answer.code, answer.out, answer.error["code"]) == (1, "", "not_found")


def test_a_store_that_is_not_there_is_not_made_by_looking(cli: Cli, world: Sandbox) -> None:
    answer = cli("list")
    assert answer.code == 1
    assert "inbox-tui fetch" in answer.err
    assert not world.store_path.exists()


def test_accounts_before_and_after_the_first_fetch(cli: Cli) -> None:
    *before, worker = cli("accounts", "--json").records
    assert [a["complete_until"] for a in before] == [None] * 3
    assert worker == {"type": "worker", "running": False, "pid": None, "host": None, "heartbeat": None}
    cli("fetch")
    *after, _ = cli("accounts", "--json").records
    assert {a["name"] for a in after} == {"shop", "page", "mail"}
    assert all(a["complete_until"] and a["last_success"] and a["error"] is None for a in after)
    assert "inbox-tui fetch --follow" in cli("accounts").out


def test_an_account_that_fails_says_since_when_and_what_to_do(cli: Cli, world: Sandbox) -> None:
    world.play({"channel": "x", "kind": "fault", "fault": "unauthorized", "on": True})
    answer = cli("fetch", "--json")
    assert answer.code == 3
    faults = {record["account"]: record["error"] for record in answer.records}
    assert faults["page"] is None
    assert faults["shop"]["code"] == "login"
    [shop] = [a for a in cli("accounts", "--json").records if a.get("name") == "shop"]
    assert shop["error"]["code"] == "login"
    assert shop["error_since"]
    assert cli("fetch", "--account", "page").code == 0
    assert cli("fetch", "--account", "fax").code == 1


def test_doctor_names_what_is_wrong_and_its_mend(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    secret = world.directory / "secrets" / "mail"
    secret.chmod(0o644)
    answer = cli("doctor", "--json")
    assert answer.code == 1
    wrong = {record["code"]: record for record in answer.records if not record["ok"]}
    assert wrong["secret"]["hint"] == f"chmod 600 {secret}"
    assert set(wrong) == {"secret"}
    assert secret.read_text().strip() not in answer.out
    assert "MEND  account mail" in cli("doctor").out


def test_a_reply_that_nobody_sends_is_a_finding(cli: Cli, world: Sandbox) -> None:
    somebody_writes(world)
    cli("fetch")
    assert cli("doctor").code == 0
    cli("reply", "1", "hello", "--no-wait")
    wrong = {record["code"]: record for record in cli("doctor", "--json").records if not record["ok"]}
    assert wrong["worker"]["message"].endswith("1 not sent")


def test_doctor_ends_with_the_configuration_where_that_is_wrong(cli: Cli, world: Sandbox) -> None:
    world.config_path.write_text("[accounts.x]\nchannel = 'fax'\n")
    [only] = cli("doctor", "--json").records
    assert (only["code"], only["ok"]) == ("config", False)
    assert cli("list").code == 2


def test_doctor_rebuilds_clocks_and_finds_them_right(cli: Cli, world: Sandbox) -> None:
    somebody_writes(world)
    cli("fetch")
    facts = {record["code"]: record for record in cli("doctor", "--rebuild", "--json").records}
    assert facts["clock"]["ok"]


def test_files_are_listed_and_saved(cli: Cli, world: Sandbox, tmp_path: Path) -> None:
    raw = (
        "From: Petra <petra@kurz.example>\r\nTo: help@shop.example\r\nSubject: Bill\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nsee there\r\n--b\r\n'
        'Content-Type: application/pdf; name="bill.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        "Content-Disposition: attachment\r\n\r\naGVsbG8=\r\n--b--\r\n"
    )
    world.play({"channel": "email", "kind": "mail", "raw": raw})
    cli("fetch")
    case = cli("list", "--json").record["id"]
    listed = cli("files", case, "--json").record
    assert (listed["name"], listed["size"], listed["path"]) == ("bill.pdf", 5, None)
    assert "bill.pdf" in cli("files", case).out
    path = Path(cli("files", case, "--save", str(tmp_path / "in"), "--json").record["path"])
    assert path.read_bytes() == b"hello"
    assert cli("files", case, "--number", 2).code == 1
    assert cli("files", 999).code == 1


def test_a_gap_is_told_with_its_mend_until_somebody_has_looked(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    with closing(Store(world.store_path)) as store, store.write("gap") as db:
        accounts.store_cursor(
            db,
            1,
            {},
            complete_until=None,
            history_done=True,
            gap=(1_790_000_000_000, 1_790_003_600_000),
            unparsed=1,
        )
        [(name,)] = db.execute("SELECT name FROM accounts WHERE id = 1").fetchall()
    mend = f"look there, then: inbox-tui accounts --gap-seen {name}"
    assert mend in cli("accounts").out
    [finding] = [each for each in cli("doctor", "--offline", "--json").records if not each["ok"]]
    assert "did not hand out what came between" in finding["message"] and finding["hint"] == mend
    assert cli("accounts", "--gap-seen", name).code == 0
    # A mail that could not be read is kept, and nothing that doctor could mend.
    assert cli("doctor", "--offline").code == 0
    assert cli("accounts", "--gap-seen", name).code == 1


def test_what_is_spent_stands_beside_what_may_be(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    shown = cli("accounts").out
    assert re.search(r"^shop .* \$0\.\d+ of \$2\.00 ", shown, re.MULTILINE)
    assert re.search(r"^mail .* - ", shown, re.MULTILINE)
    found = {each["name"]: each for each in cli("accounts", "--json").records if each["type"] == "account"}
    assert found["shop"]["budget_per_day_usd"] == 2.0 and found["mail"]["budget_per_day_usd"] is None


def test_an_empty_saved_view_is_called_by_its_name(cli: Cli, world: Sandbox) -> None:
    cli("fetch")
    world.config_path.write_text(world.config_path.read_text() + '\n[views.refunds]\nquery = "refund"\n')
    assert cli("list", "--view", "refunds").err == "No case in refunds.\n"


def test_objects_have_the_fields_that_are_documented(cli: Cli, world: Sandbox) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text("utf-8")
    shapes = dict(re.findall(r"^(reply|account|hook|worker|fetched|finding) +(\{.*\})$", page, re.MULTILINE))
    world.config_path.write_text(world.config_path.read_text() + '\n[hooks]\non_sent = ["true"]\n')
    world.play({"channel": "x", "kind": "mention", "from": "@lena", "name": "Lena", "text": "@shop and L?"})
    answers = [cli("fetch", "--json"), cli("reply", 1, "@lena it does", "--no-wait", "--json")]
    answers += [cli(*words, "--json") for words in (("outbox",), ("accounts",), ("doctor", "--offline"))]
    printed = {each["type"]: each for answer in answers for each in answer.records}
    assert len(shapes) == 6
    for kind, shape in shapes.items():
        assert list(printed[kind]) == list(json.loads(shape)), kind
