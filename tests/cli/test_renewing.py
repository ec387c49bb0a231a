"""A worker notices whatever is changed in its configuration, from the moment it has read it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inbox_tui.cli import renewing
from inbox_tui.cli.call import Call
from inbox_tui.cli.output import Output
from inbox_tui.cli.renewing import Renewal

ONE = """
store = "s.db"
[accounts.shop]
channel = "x"
handle = "@shop"
token_env = "SHOP_TOKEN"
"""


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("SHOP_TOKEN", "t")
    monkeypatch.setattr(renewing, "_LOOK", 0.02)
    (tmp_path / "my.toml").write_text(ONE, "utf-8")
    found = Call(Output(json=False), {"config": str(tmp_path / "my.toml"), "store": None, "agent": "anna"})
    assert list(found.config.accounts) == ["shop"]
    return found


def change(call: Call, text: str) -> None:
    assert call.config.path is not None
    call.config.path.write_text(text, "utf-8")


@contextmanager
def looking(call: Call) -> Iterator[tuple[Renewal, threading.Event]]:
    stop = threading.Event()
    renewal = Renewal(call, stop)
    renewal.begin()
    try:
        yield renewal, stop
    finally:
        stop.set()


def test_what_is_changed_before_the_looking_begins_is_noticed(call: Call) -> None:
    change(call, ONE.replace("shop]", "page]"))
    with looking(call) as (renewal, stop):
        assert stop.wait(60) and renewal.wanted


def test_a_file_that_says_the_same_ends_nothing(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    change(call, ONE + "# the same\n")
    with looking(call) as (renewal, stop):
        stop.wait(0.3)
        assert (renewal.wanted, capsys.readouterr().err) == (False, "")


def test_a_mistake_made_before_the_looking_begins_is_told(
    call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    change(call, "[accounts.")
    with looking(call) as (renewal, stop):
        said = ""
        for _ in range(600):
            stop.wait(0.1)
            said += capsys.readouterr().err
            if said.endswith("\n"):
                break
        assert "cannot be used, what was before holds" in said
        assert not renewal.wanted
