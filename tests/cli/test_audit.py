"""Who did what, and when; agents who may only read; whose the files of a team are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inbox_tui.bootstrap import open_inbox
from inbox_tui.cli import ownership
from inbox_tui.config import Config, DeskConfig
from inbox_tui.errors import StoreReadOnly
from inbox_tui.model import Priority
from inbox_tui.store import cases
from inbox_tui.store.engine import Store
from tests.casework.world import NOW, World, dump, fresh_store, mail, post
from tests.cli.conftest import Cli, bare

__all__ = ["bare"]
Act = Callable[[World], object]
ACTS: dict[str, Act] = {
    "reply": lambda w: w.inbox.reply(1, "Sorry!"),
    "take back": lambda w: (w.inbox.reply(1, "Sorry!"), w.inbox.take_back()),
    "note": lambda w: w.inbox.note(1, "A note"),
    "done": lambda w: w.inbox.done(1),
    "reopen": lambda w: (w.inbox.done(1), w.inbox.reopen(1)),
    "fetch": lambda w: w.inbox.fetch_now(),
    "assign": lambda w: w.inbox.triage.assign([1], "anna"),
    "tag": lambda w: w.inbox.triage.tag([1], ["vip"]),
    "priority": lambda w: w.inbox.triage.priority([1], Priority.HIGH),
    "snooze": lambda w: w.inbox.triage.snooze([1], w.inbox.now() + 999_999),
    "promise": lambda w: w.inbox.triage.promise([1], w.inbox.now() + 999_999),
    "spam": lambda w: w.inbox.triage.spam([1], yes=True),
    "undo": lambda w: (w.inbox.triage.tag([1], ["vip"]), w.inbox.triage.undo()),
    "merge": lambda w: w.inbox.people.merge([1, 2]),
    "call": lambda w: w.inbox.people.call("+49431123456", "Asks", answered=True),
    "goodwill": lambda w: w.inbox.people.goodwill(1, "10 EUR", "waited"),
    "erase": lambda w: w.inbox.keeping.erase(w.inbox.case(1).row.person.id),
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Two customers who wait."""
    one = World(fresh_store(tmp_path / "inbox.db"))
    one.take("shop", post("1", "ada", NOW, "hello?"))
    one.take("mail", mail(1, "bo@x.example", NOW))
    yield one
    one.store.close()


@pytest.mark.parametrize("name", ACTS)
def test_every_act_stands_in_the_log_with_who_and_when(world: World, name: str) -> None:
    before = len(world.inbox.keeping.log(agent="lena", limit=0))
    world.now += 77
    ACTS[name](world)
    mine = world.inbox.keeping.log(agent="lena", limit=0)[before:]
    assert mine and {one.at for one in mine} == {NOW + 77}


@pytest.mark.parametrize("name", ["reply", "note", "done", "fetch", "assign", "goodwill", "erase"])
def test_what_cannot_be_written_down_is_not_done(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_log(*_: object, **__: object) -> int:
        raise RuntimeError("no log")

    monkeypatch.setattr(cases, "log", no_log)
    before = dump(world.store)
    with pytest.raises(RuntimeError, match="no log"):
        ACTS[name](world)
    assert dump(world.store) == before


def reading(world: World) -> World:
    config: Config = replace(world.config, desk=DeskConfig(read_only=("intern",)), agent="intern")
    world.inbox = open_inbox(config)
    return world


@pytest.mark.parametrize("name", ACTS)
def test_an_agent_who_may_only_read_changes_nothing(world: World, name: str) -> None:
    before = dump(world.store)
    reading(world)
    with pytest.raises(StoreReadOnly, match="agent intern may only read") as caught:
        ACTS[name](world)
    assert "read_only in [desk]" in caught.value.hint
    assert dump(world.store) == before


def test_who_may_only_read_sees_everything(world: World) -> None:
    reading(world)
    assert [row.id for row in world.inbox.page("waiting")] == [1, 2]
    assert world.inbox.case(1).timeline and world.inbox.overview().waiting == 2
    assert world.inbox.shift.here()


def test_the_command_line_prints_the_log_and_obeys_who_may_only_read(
    world: World, tmp_path: Path, bare: Cli
) -> None:
    config = tmp_path / "c.toml"
    config.write_text('store = "inbox.db"\n[desk]\nread_only = ["intern"]\n')
    at = ("--config", config)
    assert bare(*at, "--agent", "anna", "note", 1, "Hello").code == 0
    [line] = bare(*at, "log", "--by", "anna", "--json").records
    assert (line["type"], line["actor"], line["case"], line["kind"]) == ("event", "anna", 1, "note")
    assert "anna  case 1  note" in bare(*at, "log").out
    assert bare(*at, "log", 2, "--by", "anna").out == ""
    for words in (("note", 1, "Hello"), ("done", 1), ("restore", tmp_path / "x.db"), ("fetch", "--json")):
        answer = bare(*at, "--agent", "intern", *words)
        assert answer.code in (1, 2), words
    answer = bare(*at, "--agent", "intern", "done", 1, "--json")
    assert answer.error["code"] == "store_read_only"
    assert bare(*at, "--agent", "intern", "list").code == 0


# -- whose the files are


def wrong(config: Config) -> list[str]:
    return [fact.code for fact in ownership.files(config) if not fact.ok]


def test_the_files_of_one_user_are_his_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    store = Store(home / "inbox.db")
    config = Config(path=None, store=store.path, agent="lena")
    assert wrong(config) == []
    for name in ("inbox.db", "inbox.db-wal", "inbox.db.lock"):
        (home / name).touch()
        (home / name).chmod(0o640)
        assert wrong(config) == ["store_files"], name
        (home / name).chmod(0o600)
    home.chmod(0o777)
    assert wrong(config) == ["store_folder"]
    store.close()


def test_the_files_of_a_team_are_the_groups_and_nobody_elses(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o2770)
    store = Store(home / "inbox.db")
    config = Config(path=None, store=store.path, agent="lena")
    assert wrong(config) == []
    for mode in (0o600, 0o664):
        store.path.chmod(mode)
        assert wrong(config) == ["store_files"]
    store.path.chmod(0o660)
    for mode in (0o2775, 0o2750):
        home.chmod(mode)
        assert wrong(config) == ["store_folder"]
    store.close()


def test_who_runs_the_worker_of_a_team_is_no_agent_of_it(tmp_path: Path) -> None:
    store = tmp_path / "home" / "inbox.db"
    store.parent.mkdir()
    owner = store.parent.stat().st_uid
    assert not ownership.of_an_agent(store, owner + 1), "nobody shares it"
    store.parent.chmod(0o2770)
    assert ownership.of_an_agent(store, owner + 1)
    assert not ownership.of_an_agent(store, owner)


def test_a_log_that_others_may_read_is_found(tmp_path: Path) -> None:
    from inbox_tui.config import LogConfig

    log = tmp_path / "inbox.log"
    log.touch(mode=0o600)
    config = Config(path=None, store=tmp_path / "no" / "s.db", agent="l", log=LogConfig(file=str(log)))
    assert wrong(config) == []
    log.chmod(0o644)
    assert wrong(config) == ["private"]
