"""Files of customers: byte for byte, under harmless names, never over or through what is there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from inbox_tui.channels.email.body import attachments
from inbox_tui.channels.email.mime import walk
from inbox_tui.errors import NotFound, UsageError
from inbox_tui.tui.app import InboxApp
from tests.casework.world import NOW, World, fresh_store, mail, post
from tests.tui.driver import CONFIG, SMALL, Driver

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    store = fresh_store(tmp_path / "inbox.db")
    yield World(store)
    store.close()


def letter(world: World, *names: str) -> int:
    """A mail with files of these names; its case."""
    made = EmailMessage()
    made.set_content("see there")
    for name in names:
        made.add_attachment(CONTENT, maintype="application", subtype="pdf", filename=name)
    raw = made.as_bytes()
    came = mail(1, "a@x.example", NOW)
    assert came.mail is not None
    listed = attachments(raw, walk(raw)[1])
    world.take("mail", replace(came, mail=replace(came.mail, raw=raw), attachments=listed))
    return world.case_of(came.external_id)


def test_a_file_is_saved_byte_for_byte_and_never_over_another(world: World, tmp_path: Path) -> None:
    case = letter(world, "bill.pdf", "bill.pdf")
    first, second = world.inbox.files.of_case(case)
    folder = tmp_path / "new" / "folder"
    paths = [world.inbox.files.save(file, folder) for file in (first, second, first)]
    assert [path.name for path in paths] == ["bill.pdf", "bill-2.pdf", "bill-3.pdf"]
    assert all(path.read_bytes() == CONTENT for path in paths)
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


_NAMES = ("../../etc/passwd", "/etc/passwd", "..", ".bashrc", "-rf", "a\x1b]0;x\x07.pdf")


@pytest.mark.parametrize("name", _NAMES)
def test_no_name_leaves_the_folder(world: World, tmp_path: Path, name: str) -> None:
    case = letter(world, name)
    path = world.inbox.files.save(world.inbox.files.of_case(case)[0], tmp_path / "in")
    assert path.parent == tmp_path / "in"
    assert path.name.isprintable() and path.name[0] not in ".-"


def test_a_link_in_the_way_is_not_followed(world: World, tmp_path: Path) -> None:
    case = letter(world, "bill.pdf")
    folder, other = tmp_path / "in", tmp_path / "other"
    folder.mkdir()
    (folder / "bill.pdf").symlink_to(other)
    assert world.inbox.files.save(world.inbox.files.of_case(case)[0], folder).name == "bill-2.pdf"
    assert not other.exists()


def test_what_cannot_be_saved_says_why(world: World, tmp_path: Path) -> None:
    case = letter(world, "bill.pdf")
    [file] = world.inbox.files.of_case(case)
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UsageError, match="file"):
        world.inbox.files.save(file, tmp_path / "file")
    with world.store.write("forget") as db:
        db.execute("DELETE FROM raw_mails")
    with pytest.raises(NotFound, match="is not kept"):
        world.inbox.files.save(file, tmp_path)
    world.take("shop", post("1", "42"))
    assert world.inbox.files.of_case(world.case_of("1")) == ()


def test_a_file_is_chosen_and_saved_by_keys(world: World, tmp_path: Path) -> None:
    letter(world, "bill.pdf")

    async def go() -> None:
        app = InboxApp(world.inbox, CONFIG)
        async with app.run_test(size=SMALL) as pilot:
            d = Driver(app, pilot)
            await d.settle()
            await d.press("D")
            await d.see("File", "1 bill.pdf")
            await d.press("enter")
            await d.see("save", "open")
            await d.press("enter")
            await d.see("Into folder", "~/Downloads")
            await d.type(str(tmp_path / "in"))
            await d.press("enter")
            await d.see("Saved")

    asyncio.run(go())
    assert (tmp_path / "in" / "bill.pdf").read_bytes() == CONTENT
