"""Commands of the owner's own that are told what happened."""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from inbox_tui.channels.base import Page
from inbox_tui.config import HooksConfig
from inbox_tui.errors import Refused, Temporary
from inbox_tui.model import CaseRow, HookHealth, Message, Reply
from inbox_tui.service import hooks as hooks_module
from inbox_tui.service.hooks import Hooks
from inbox_tui.service.worker import Worker
from tests.casework.world import NOW, post
from tests.service.conftest import Office

KEEP = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read())"


def announce(hook: str, row: CaseRow, message: Message | None, reply: Reply | None) -> str:
    facts = {"hook": hook, "case": row.id, "text": message and message.text, "reply": reply and reply.state}
    return json.dumps(facts)


class Bell:
    """Hooks that write down what they are told."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.folder = folder

    def keeps(self, name: str) -> tuple[str, ...]:
        return (sys.executable, "-c", KEEP, str(self.folder / name))

    def told(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def hooks(self, stop: threading.Event | None = None, **given: Any) -> Hooks:
        config = replace(self.office.config, hooks=HooksConfig(**given))
        made = Hooks(self.office.store, config, lambda: self.office.now, announce, stop or threading.Event())
        made.begin()
        return made

    @property
    def health(self) -> HookHealth:
        [only] = self.office.inbox.watch.hooks()
        return only


@pytest.fixture
def bell(office: Office, tmp_path: Path) -> Bell:
    return Bell(office, tmp_path)


def test_each_message_is_told_once_and_nothing_of_what_was_before(office: Office, bell: Bell) -> None:
    office.take("shop", post("1", "41", NOW))
    hooks = bell.hooks(on_incoming=bell.keeps("in"))
    office.take("shop", post("2", "42", NOW), post("3", "43", NOW))
    hooks.work("on_incoming")
    hooks.work("on_incoming")
    assert [told["case"] for told in bell.told("in")] == [office.case_of("2"), office.case_of("3")]
    assert bell.told("in")[0]["text"]


def test_the_next_worker_goes_on_where_the_last_one_ended(office: Office, bell: Bell) -> None:
    bell.hooks(on_incoming=bell.keeps("in"))
    office.take("shop", post("1", "41", NOW))
    bell.hooks(on_incoming=bell.keeps("in")).work("on_incoming")
    bell.hooks(on_incoming=bell.keeps("in")).work("on_incoming")
    assert [told["case"] for told in bell.told("in")] == [office.case_of("1")]


def test_a_hook_that_was_taken_out_begins_anew(office: Office, bell: Bell) -> None:
    bell.hooks(on_incoming=bell.keeps("in"))
    bell.hooks()
    assert office.inbox.watch.hooks() == ()
    office.take("shop", post("1", "41", NOW))
    bell.hooks(on_incoming=bell.keeps("in")).work("on_incoming")
    assert bell.told("in") == []


def test_history_is_not_told(office: Office, bell: Bell) -> None:
    hooks = bell.hooks(on_incoming=bell.keeps("in"))
    office.take("shop", post("1", "41", 0))
    hooks.work("on_incoming")
    assert bell.told("in") == []


def test_sent_replies_are_told(office: Office, bell: Bell) -> None:
    hooks = bell.hooks(on_sent=bell.keeps("sent"), on_failed=bell.keeps("failed"))
    reply = office.queued(text="It is on its way.")
    hooks.work("on_sent")
    assert bell.told("sent") == []
    office.sender("shop").send(reply.id)
    for name in hooks.names:
        hooks.work(name)
    [told] = bell.told("sent")
    assert (told["case"], told["text"], told["reply"]) == (reply.case, "It is on its way.", "sent")
    assert bell.told("failed") == []


def test_failed_replies_are_told_and_those_that_go_out_again_are_not(office: Office, bell: Bell) -> None:
    hooks = bell.hooks(on_failed=bell.keeps("failed"))
    later, never = office.queued(), office.queued()
    office.platforms["shop"].faults.extend([Temporary("busy"), Refused("no")])
    for reply in (later, never):
        office.sender("shop").send(reply.id)
    hooks.work("on_failed")
    assert [told["case"] for told in bell.told("failed")] == [never.case]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('no route\\x1b[2J', file=sys.stderr); sys.exit(3)", "exit code 3: no route"),
        ("import os; os.kill(os.getpid(), 9)", "signal 9"),
    ],
)
def test_a_failure_is_kept_until_the_hook_ends_well(office: Office, bell: Bell, code: str, said: str) -> None:
    hooks = bell.hooks(on_incoming=(sys.executable, "-c", code))
    office.take("shop", post("1", "41", NOW), post("2", "42", NOW))
    hooks.work("on_incoming")
    assert bell.health.error.startswith(said)
    assert "\x1b" not in bell.health.error
    assert (bell.health.failures, bell.health.failed_at, bool(bell.health.hint)) == (2, office.now, True)
    assert office.inbox.overview().hooks == (bell.health,)
    office.take("shop", post("3", "43", NOW))
    bell.hooks(on_incoming=bell.keeps("in")).work("on_incoming")
    assert (bell.health.error, bell.health.error_since, bell.health.failures) == ("", None, 2)


def test_a_command_that_is_not_there_is_a_failure(office: Office, bell: Bell, tmp_path: Path) -> None:
    hooks = bell.hooks(on_incoming=(str(tmp_path / "none"),))
    office.take("shop", post("1", "41", NOW))
    hooks.work("on_incoming")
    assert bell.health.error == f"{tmp_path / 'none'}: No such file or directory"


def test_a_hook_that_does_not_end_is_ended_with_its_children(
    office: Office, bell: Bell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = tmp_path / "ready"
    late = SimpleNamespace(monotonic=lambda: 1e6 if ready.exists() else 0.0, sleep=time.sleep)
    monkeypatch.setattr(hooks_module, "time", late)
    os.mkfifo(tmp_path / "pipe")
    child = "import sys, time; held = open(sys.argv[1], 'w'); open(sys.argv[2], 'w'); time.sleep(600)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}, *sys.argv[1:]])"
    hooks = bell.hooks(on_incoming=(sys.executable, "-c", code, str(tmp_path / "pipe"), str(ready)))
    office.take("shop", post("1", "41", NOW))
    held = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        hooks.work("on_incoming")
        assert bell.health.error == "not done within 10 s, and ended"
        assert select.select([held], [], [], 30)[0], "somebody still holds the other end"
        assert os.read(held, 1) == b""
    finally:
        os.close(held)


def test_what_was_not_taken_before_the_end_is_told_again(
    office: Office, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks_module, "_GRACE", 0.0)
    office.now = NOW
    stop = threading.Event()

    def stopping(hook: str, row: CaseRow, message: Message | None, reply: Reply | None) -> str:
        stop.set()
        return announce(hook, row, message, reply)

    slow = (sys.executable, "-c", "import time; time.sleep(600)")
    config = replace(office.config, hooks=HooksConfig(on_incoming=slow))
    leaving = Hooks(office.store, config, lambda: office.now, stopping, stop)
    leaving.begin()
    office.take("shop", post("1", "41", NOW))
    leaving.work("on_incoming")
    assert bell.health.error == ""
    bell.hooks(on_incoming=bell.keeps("in")).work("on_incoming")
    assert len(bell.told("in")) == 1


def test_the_oldest_are_given_up_where_too_many_wait(
    office: Office, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks_module, "MOST", 2)
    hooks = bell.hooks(on_incoming=bell.keeps("in"))
    office.take("shop", *[post(str(n), f"4{n}", NOW) for n in range(5)])
    hooks.work("on_incoming")
    assert [told["case"] for told in bell.told("in")] == [office.case_of("3"), office.case_of("4")]
    assert bell.health.failures == 3


def test_secrets_are_not_handed_on(
    office: Office, bell: Bell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = replace(office.config.accounts["shop"], secret_env="SHOP_TOKEN")
    office.config = replace(office.config, accounts={**office.config.accounts, "shop": shop})
    monkeypatch.setenv("SHOP_TOKEN", "hunter2")
    monkeypatch.setenv("OTHER", "7")
    code = "import os, sys; open(sys.argv[1], 'w').write(repr(os.environ))"
    hooks = bell.hooks(on_incoming=(sys.executable, "-c", code, str(tmp_path / "seen")))
    office.take("shop", post("1", "41", NOW))
    hooks.work("on_incoming")
    seen = (tmp_path / "seen").read_text("utf-8")
    assert ("hunter2" in seen, "'OTHER': '7'" in seen) == (False, True)


def ringing(office: Office, bell: Bell) -> Worker:
    config = replace(office.config, hooks=HooksConfig(on_incoming=bell.keeps("in")))
    return Worker(
        office.store, config, office.open_channel, lambda: office.now, office.complaints.append, announce
    )


def test_a_round_tells_what_it_fetched(office: Office, bell: Bell) -> None:
    office.platforms["shop"].pages.append(Page((post("1", "42"),), {}))
    ringing(office, bell).fetch_once()
    assert [told["case"] for told in bell.told("in")] == [office.case_of("1")]


def test_the_worker_tells_while_it_runs(office: Office, bell: Bell) -> None:
    office.platforms["shop"].pages.append(Page((post("1", "42"),), {}))
    stop = threading.Event()
    running = threading.Thread(target=ringing(office, bell).run, args=(stop,))
    running.start()
    try:
        waited = threading.Event()
        for _ in range(200):
            if bell.told("in"):
                break
            waited.wait(0.05)
    finally:
        stop.set()
        running.join()
    assert len(bell.told("in")) == 1
