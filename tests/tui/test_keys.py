"""The table of keys."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from inbox_tui.tui import keys
from tests.tui.driver import Driver, drive
from tests.tui.fake import story

TABLES = (keys.MOVE, keys.INBOX, keys.COMPOSER, keys.TROUBLES, keys.CHOOSER, keys.FULL, keys.HELP)
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
    assert [keys.key_name(key) for key in ("exclamation_mark", "ctrl+s", "ctrl+up", "G", "escape")] == [
        "!", "Ctrl+S", "Ctrl+↑", "G", "Esc",
    ]  # fmt: skip


def test_the_help_tells_every_key() -> None:
    async def steps(d: Driver) -> None:
        await d.press("question_mark")
        await d.see("Keys")
        shown = d.text()
        for binding in (*keys.MOVE, *keys.INBOX, *keys.COMPOSER, *keys.TROUBLES):
            if binding.description and ".view" not in str(binding.id):
                assert binding.tooltip in shown
        assert "1 – 9" in shown
        await d.press("q")
        await d.see("Hajo Brandt")

    drive(story(), steps, (100, 90))


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
