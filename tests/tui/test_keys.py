"""The table of keys."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from textual.binding import Binding

import inbox_tui.tui
from inbox_tui.tui import keys
from tests.tui.driver import CONFIG, WIDE, Driver, drive
from tests.tui.fake import story

TABLES = (*(table for _, table in keys.GROUPS), keys.HELP)
ALL = [binding for table in TABLES for binding in table]


def test_ids_are_unique() -> None:
    ids = [binding.id for binding in ALL]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("binding", ALL, ids=lambda binding: str(binding.id))
def test_every_key_has_an_id_and_words_and_needs_no_alt(binding: Binding) -> None:
    assert binding.id
    assert binding.tooltip
    assert "alt" not in binding.key


def test_no_key_means_two_things_in_one_place() -> None:
    for table in (keys.MOVE + keys.INBOX, keys.COMPOSER, keys.MOVE + keys.TROUBLES, keys.MOVE + keys.CHOOSER):
        taken = [key for binding in table for key in binding.key.split(",")]
        assert len(taken) == len(set(taken))


def test_the_bottom_line_names_only_keys_that_exist() -> None:
    ids = {binding.id for binding in ALL}
    assert {*keys.IN_QUEUE, *keys.IN_CASE, *keys.WHILE_WRITING} <= ids


def test_keys_are_written_as_on_the_keyboard() -> None:
    assert [keys.key_name(key) for key in ("exclamation_mark", "ctrl+s", "ctrl+up", "G", "escape", "f1")] == [
        "!", "Ctrl+S", "Ctrl+↑", "G", "Esc", "F1",
    ]  # fmt: skip


def test_the_help_tells_every_key_those_of_the_place_first() -> None:
    async def steps(d: Driver) -> None:
        await d.press("question_mark")
        await d.see("Keys in the queue")
        shown, elsewhere = d.text().split("Elsewhere")
        here = [binding for _, bindings in keys.AT_THE_INBOX for binding in bindings]
        for binding in ALL:
            if binding.description and ".view" not in str(binding.id):
                assert str(binding.tooltip) in (shown if binding in here else elsewhere)
        assert "1 – 9" in shown
        await d.press("question_mark", "enter")
        await d.see("waits 4 d 4 h")
        await d.press("question_mark")
        await d.see("Keys in a case")
        await d.press("q")
        await d.see("Hajo Brandt")

    drive(story(), steps, (100, 180))


@pytest.mark.parametrize("width", [40, 80])
def test_the_help_says_all_of_it_in_a_narrow_terminal(width: int) -> None:
    """A sentence goes on in the next line; none is cut."""

    async def steps(d: Driver) -> None:
        await d.press("question_mark")
        await d.see("Keys in the queue")
        told = " ".join(" ".join(row.split()) for row in d.rows())
        for binding in ALL:
            if binding.description and ".view" not in str(binding.id):
                assert all(word in told for word in str(binding.tooltip).split())
        assert "…" not in d.text()

    drive(story(), steps, (width, 600))


def test_the_help_explains_each_mark_of_a_row() -> None:
    async def steps(d: Driver) -> None:
        await d.press("question_mark")
        await d.see("Keys in the queue")
        rows = {row.split("  ")[2]: row for row in d.rows() if row.startswith("    ")}
        assert "within an hour" in rows[". ! !!"] and "not sent" in rows["✗"]

    drive(story(), steps, (100, 180))


@pytest.mark.parametrize(
    ("way", "place", "first"),
    [
        (["exclamation_mark"], "Keys among the troubles", "Queue the reply again"),
        (["enter", "v"], "Keys in the full text", "Back to the case"),
        (["enter", "R"], "Keys in this choice", "Reply on this thread"),
    ],
)
def test_the_keys_of_a_small_screen_are_told_there(way: list[str], place: str, first: str) -> None:
    async def steps(d: Driver) -> None:
        for key in way:
            await d.press(key)
            await d.settle()
        await d.press("question_mark")
        await d.see(place)
        told = d.text()
        assert told.index(first) < told.index("Marks")
        await d.press("escape")
        await d.until(lambda: place not in d.text())
        assert len(d.app.screen_stack) == 2

    drive(story(), steps)


def test_the_help_names_the_keys_that_the_configuration_gives() -> None:
    async def steps(d: Driver) -> None:
        await d.press("question_mark")
        await d.see("Ctrl+G", "Nothing more is owed")
        row = next(row for row in d.rows() if "Nothing more is owed" in row)
        assert row.split()[0] == "d" and row.split()[1] == "Ctrl+G"

    drive(story(), steps, (100, 60), replace(CONFIG, keys={"inbox.done": "d,ctrl+g"}))


def test_hints_name_the_keys_that_the_configuration_gives() -> None:
    async def steps(d: Driver) -> None:
        await d.press("e")
        await d.see("done · F9 undoes")
        await d.press("2")
        await d.see("You have no case.", "z takes one; 3 shows")

    given = {"inbox.undo": "f9", "inbox.assign": "z"}
    drive(story(), steps, WIDE, replace(CONFIG, keys=given))


def test_no_hint_names_a_key_by_itself() -> None:
    """A key that the configuration gave to something else would be told wrongly."""
    letters = {binding.key for binding in ALL if len(binding.key) == 1} | {"Ctrl+S", "Ctrl+E"}
    told = "|".join(sorted(map(re.escape, letters)))
    hint = re.compile(rf"(^|[·;,.] )({told}) (again |in the inbox )?[a-z]+s( |$|\.)")
    # The tour of the demo knows what keys there are.
    rooms = [room for room in Path(inbox_tui.tui.__path__[0]).rglob("*.py") if room.name != "tour.py"]
    found = [(room.name, text) for room in rooms for text in _texts(room) if hint.search(text)]
    assert found == []


def _texts(room: Path) -> list[str]:
    """All that a module says on screen."""
    nodes = [*ast.walk(ast.parse(room.read_text("utf-8")))]
    docs = [node.value for node in nodes if isinstance(node, ast.Expr)]
    constants = [node for node in nodes if isinstance(node, ast.Constant) and node not in docs]
    return [node.value for node in constants if isinstance(node.value, str)]


def test_a_key_can_be_rebound_by_its_id() -> None:
    async def steps(d: Driver) -> None:
        d.app.set_keymap({"inbox.done": "d"})
        await d.press("e")
        await d.settle()
        assert not [call for call in fake.calls if call.startswith("done")]
        await d.press("d")
        await d.see("Hajo Brandt: done")
        d.inbox._name_keys()
        await d.press("escape")
        await d.see("d done")

    fake = story()
    drive(fake, steps)
