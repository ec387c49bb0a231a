"""A whole sandbox in a directory: what it writes, what it plays, what it leaves behind."""

from __future__ import annotations

import json
import smtplib
import ssl
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from imapclient import IMAPClient

from inbox_tui.sandbox.journal import Follower, Journal, encode
from inbox_tui.sandbox.runner import Sandbox

NOW = 1_790_000_000_000


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "box", scenario="empty", now=lambda: NOW) as running:
        yield running


def until(true: Callable[[], object]) -> None:
    """Wait for another thread; the deadline is only there so that a failure ends."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def config_of(sandbox: Sandbox) -> dict[str, Any]:
    return tomllib.loads(sandbox.config_path.read_text("utf-8"))


def test_the_directory_is_ready_for_use(tmp_path: Path) -> None:
    box = Sandbox(tmp_path / "box", scenario="empty")
    ready = json.loads(box.start().as_json())
    try:
        config = config_of(box)
        accounts = config["accounts"]
        assert ready["type"] == "ready"
        assert ready["config"] == str(tmp_path / "box" / "config.toml")
        assert ready["store"] == str(tmp_path / "box" / config["store"])
        assert accounts["shop"]["api_url"] == f"https://127.0.0.1:{ready['ports']['x']}"
        assert accounts["page"]["api_url"] == f"https://127.0.0.1:{ready['ports']['facebook']}"
        assert accounts["mail"]["imap_port"] == ready["ports"]["imap"]
        assert accounts["mail"]["smtp_port"] == ready["ports"]["smtp"]
        for name in ("secrets/shop", "secrets/page", "secrets/mail"):
            assert (box.directory / name).stat().st_mode & 0o777 == 0o600
        assert (box.directory / "incoming.jsonl").exists()
    finally:
        box.stop()


def test_every_account_of_the_config_can_log_in(sandbox: Sandbox) -> None:
    accounts = config_of(sandbox)["accounts"]
    ca = str(sandbox.directory / "ca.pem")
    page, shop, mail = accounts["page"], accounts["shop"], accounts["mail"]

    def secret(name: str) -> str:
        return (sandbox.directory / name).read_text().strip()

    bearer = {"Authorization": f"Bearer {secret(page['token_file'])}"}
    feed = requests.get(f"{page['api_url']}/{page['page_id']}/feed", headers=bearer, verify=ca, timeout=5)
    assert (feed.status_code, feed.json()["data"]) == (200, [])
    bearer = {"Authorization": f"Bearer {secret(shop['token_file'])}"}
    me = requests.get(f"{shop['api_url']}/2/users/me", headers=bearer, verify=ca, timeout=5)
    assert "@" + me.json()["data"]["username"] == shop["handle"]
    tls = ssl.create_default_context(cafile=ca)
    client = IMAPClient(mail["imap_host"], mail["imap_port"], ssl=True, ssl_context=tls, timeout=5)
    client.login(mail["username"], secret(mail["password_file"]))
    assert client.folder_exists(mail["sent_folder"])
    client.logout()


def test_starttls_can_be_asked_for(tmp_path: Path) -> None:
    box = Sandbox(tmp_path, scenario="empty", smtp_security="starttls")
    ready = box.start()
    try:
        mail = config_of(box)["accounts"]["mail"]
        assert (mail["smtp_security"], mail["smtp_port"]) == ("starttls", ready.ports["smtp_starttls"])
    finally:
        box.stop()


def test_a_sent_mail_stands_in_the_journal_and_in_the_file(sandbox: Sandbox) -> None:
    mail = config_of(sandbox)["accounts"]["mail"]
    password = (sandbox.directory / mail["password_file"]).read_text().strip()
    tls = ssl.create_default_context(cafile=str(sandbox.directory / "ca.pem"))
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = mail["address"], "hajo@brandt.example", "Re: SIM"
    reply.set_content("Frei. Grüße")
    client = smtplib.SMTP_SSL(mail["smtp_host"], mail["smtp_port"], context=tls, timeout=5)
    client.login(mail["username"], password)
    client.send_message(reply)
    client.quit()
    assert lines(sandbox.directory / "sent.jsonl") == sandbox.journal.sent
    assert sandbox.journal.sent[0]["text"] == "Frei. Grüße"
    assert sandbox.journal.sent[0]["at"] == "2026-09-21T14:13:20Z"


def test_acts_make_what_they_say(sandbox: Sandbox) -> None:
    post = sandbox.play({"channel": "x", "kind": "our_post", "text": "New phones are in!"})
    mention = {"channel": "x", "kind": "mention", "from": "@hajo", "name": "Hajo", "text": "@shop hello?"}
    answer = sandbox.play({**mention, "in_reply_to": post, "at": "2026-09-20T10:00:00+02:00"})
    found = sandbox.x.find(answer)
    assert found is not None
    assert (found.in_reply_to, found.created_at) == (post, 1_789_891_200_000)

    ours = sandbox.play({"channel": "facebook", "kind": "our_post", "text": "New phones are in!"})
    said = {"channel": "facebook", "kind": "comment", "from": "Hajo B.", "text": "Anybody?", "at": NOW - 5000}
    comment = sandbox.play({**said, "post": ours})
    under = sandbox.play({**said, "post": ours, "parent": comment, "text": "Hello?"})
    parent = sandbox.graph.find_comment(under).parent
    assert parent is not None
    assert (parent.id, parent.created) == (comment, NOW - 5000)
    visitor = sandbox.play({"channel": "facebook", "kind": "post", "from": "Hajo B.", "text": "Anybody?"})
    assert sandbox.graph.find_post(visitor).author.name == "Hajo B."

    first = sandbox.play(
        {"channel": "email", "kind": "mail", "from": "hajo@brandt.example", "name": "Hajo Bränd",
         "subject": "SIM", "text": "Is it off?\n", "in_reply_to": "<0@shop.example>", "at": None}
    )  # fmt: skip
    raw = sandbox.mail.mailbox("mail")[0][2]
    assert f"Message-ID: {first}\r\n".encode() in raw
    assert b"In-Reply-To: <0@shop.example>\r\n" in raw
    assert b"To: help@shop.example\r\n" in raw
    sandbox.play({"channel": "email", "kind": "our_mail", "to": "hajo@brandt.example", "text": "Yes."})
    assert b"From: help@shop.example\r\n" in sandbox.mail.mailbox("mail", "Sent")[0][2]


@pytest.mark.parametrize(
    ("fields", "stored"),
    [
        ({"raw": "A: ä\n\nb"}, "A: ä\n\nb".encode()),
        ({"raw": "A: \xe4\n\nb", "encoding": "latin-1"}, b"A: \xe4\n\nb"),
        ({"raw": "A: \udcff\r\n"}, b"A: \xff\r\n"),
        ({"raw": b"\x00\xff"}, b"\x00\xff"),
    ],
)
def test_a_raw_mail_is_delivered_as_it_is(sandbox: Sandbox, fields: dict[str, object], stored: bytes) -> None:
    assert sandbox.play({"channel": "email", "kind": "mail", **fields}) == "1", "no Message-ID: its UID"
    assert sandbox.mail.mailbox("mail")[0][2] == stored


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ({"channel": "x", "kind": "mail"}, "no kind 'mail' on channel 'x'; there are: x mention"),
        ({"channel": "fax", "kind": "post"}, "there is no kind"),
        ({"channel": "x", "kind": "mention", "from": "@hajo"}, "the field 'text' is missing"),
        ({"channel": "x", "kind": "mention", "from": "@hajo", "text": "a", "txt": "b"}, "no field 'txt'"),
        ({"channel": "x", "kind": "mention", "from": "@hajo", "text": 4}, "text is 4; it must be text"),
        ({"channel": "x", "kind": "mention", "from": "@no such", "text": "a"}, "cannot be a handle"),
        ({"channel": "x", "kind": "mention", "from": "@a", "text": "a", "in_reply_to": 7}, "no post 7"),
        ({"channel": "x", "kind": "our_post", "text": "a", "at": "yesterday"}, "at is 'yesterday'"),
        ({"channel": "x", "kind": "our_post", "text": "a", "at": "2026-01-01T00:00:00"}, "such as"),
        ({"channel": "x", "kind": "our_post", "text": "a", "at": True}, "at is True"),
        (
            {"channel": "facebook", "kind": "comment", "from": "A", "text": "a", "post": "1"},
            "no post or comment",
        ),
        ({"channel": "facebook", "kind": "post", "from": "A", "text": "a", "private": 1}, "true or false"),
        ({"channel": "email", "kind": "mail", "text": "a"}, "give 'from'"),
        ({"channel": "email", "kind": "our_mail", "text": "a"}, "give 'to'"),
        (
            {"channel": "email", "kind": "mail", "from": "a@b.example", "subject": "a\r\nBcc: c"},
            "whole in 'raw'",
        ),
        ({"channel": "email", "kind": "mail", "from": "no address"}, "whole in 'raw'"),
        ({"channel": "email", "kind": "mail", "raw": "é", "encoding": "utf-7"}, "utf-8 or latin-1"),
        (
            {"channel": "email", "kind": "mail", "raw": "€", "encoding": "latin-1"},
            "cannot be written as latin-1",
        ),
        ({"channel": "x", "kind": "fault", "fault": "cut", "size": 3}, "no field 'size'"),
        ({"channel": "x", "kind": "fault", "fault": "flood"}, "no fault 'flood'"),
    ],
)
def test_an_act_that_makes_no_sense_says_what_to_write(
    sandbox: Sandbox, act: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        sandbox.play(act)
    assert sandbox.graph.feed() == []
    assert sandbox.mail.mailbox("mail") == []


def test_lines_of_incoming_are_played_and_bad_ones_answered(sandbox: Sandbox) -> None:
    with (sandbox.directory / "incoming.jsonl").open("ab") as incoming:
        incoming.write(b'{"channel":"email","kind":"mail","raw":"one"}\nnonsense\n[1]\n\n')
        incoming.write(b'{"channel":"x","kind":"shout"}\n{"channel":"email","kind":"ma')
        incoming.flush()
        until(lambda: len(lines(sandbox.directory / "errors.jsonl")) == 3)
        assert [raw for _, _, raw in sandbox.mail.mailbox("mail")] == [b"one"]
        incoming.write(b'il","raw":"two"}\n{"channel":"email","kind":"fault","fault":"imap_bye"}\n')
        incoming.flush()
        until(sandbox.faults.active)
    assert [raw for _, _, raw in sandbox.mail.mailbox("mail")] == [b"one", b"two"]
    told = lines(sandbox.directory / "errors.jsonl")
    assert [one["line"] for one in told] == [2, 3, 5]
    assert "this is no JSON" in told[0]["message"]
    assert "must be a JSON object" in told[1]["message"]
    assert "no kind 'shout'" in told[2]["message"]
    assert told[0]["text"] == "nonsense"


@given(st.lists(st.text(max_size=5)), st.data())
def test_no_cut_of_the_file_loses_or_doubles_a_line(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("lines")
    whole = b"".join(encode({"text": text}) for text in texts)
    played: list[object] = []
    follower = Follower(directory / "in", directory / "errors", lambda act: played.append(act["text"]))
    at = 0
    while at < len(whole):
        step = data.draw(st.integers(1, len(whole) - at))
        follower.take(whole[at : at + step])
        at += step
    follower.stop()
    assert played == texts


def test_a_journal_tells_its_listeners_and_goes_on_in_the_file(tmp_path: Path) -> None:
    heard: list[object] = []
    for number in (1, 2):
        journal = Journal(tmp_path / "sent.jsonl")
        journal.listen(heard.append)
        journal.append({"id": number, "text": "a\nb\udcff"})
        journal.close()
    assert [one["id"] for one in lines(tmp_path / "sent.jsonl")] == [1, 2]
    assert [one["id"] for one in heard if isinstance(one, dict)] == [1, 2]


def test_a_config_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('store = "mine.db"\n')
    with pytest.raises(FileExistsError, match="not written by a sandbox"):
        Sandbox(tmp_path, scenario="empty")
    assert (tmp_path / "config.toml").read_text() == 'store = "mine.db"\n'


def test_a_directory_can_be_used_again(tmp_path: Path) -> None:
    secrets = []
    for _ in range(2):
        with Sandbox(tmp_path, scenario="empty") as box:
            secrets.append((box.directory / "secrets" / "mail").read_text())
    assert secrets[0] != secrets[1]


def test_the_story_and_a_load_are_told(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "story") as box:
        assert b"hajo@brandt.example" in b"".join(raw for _, _, raw in box.mail.mailbox("mail"))
        assert box.x.user_called("@hajo") is not None
    with Sandbox(tmp_path / "load", scenario="load", load=30) as box:
        shop = box.x.user_called("@shop")
        assert shop is not None
        mentions, mails = box.x.mentions_of(shop.id, 100), box.mail.mailbox("mail")
        assert mentions
        assert mails
        assert box.graph.feed()


def test_nothing_is_left_running(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    box = Sandbox(tmp_path, scenario="empty", lively=True)
    box.start()
    assert set(threading.enumerate()) > threads
    box.stop()
    box.stop()
    assert set(threading.enumerate()) == threads


def test_a_failed_start_leaves_nothing_running(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    box = Sandbox(tmp_path, scenario="empty")
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(OSError):
        box.start()
    assert set(threading.enumerate()) == threads
