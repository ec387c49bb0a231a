"""Writing more than a text, on a real store: templates, files, copies, mails of our own; and what came."""

from __future__ import annotations

import stat
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from inbox_tui.config.records import TemplateConfig
from inbox_tui.errors import UsageError
from inbox_tui.inbox import Inbox
from inbox_tui.model import Attachment, MailFacts, Reply, ReplyKind, ReplyState
from inbox_tui.store import accounts
from inbox_tui.tui import editor, opening, paths
from tests.casework.world import CAN, NOW, World, comment, mail, post, temporary_world
from tests.tui.driver import Driver
from tests.tui.fake import MINUTE
from tests.tui.terminal import in_terminal
from tests.tui.test_real_store import drive_world

TEMPLATES = (
    TemplateConfig(name="sorry", text="Dear {person.first_name}, sorry for the wait in case {case.id}."),
    TemplateConfig(name="parcel", text="Parcel {order.number} has left.", language="en", channel="email"),
    TemplateConfig(name="on X only", text="Look here.", channel="x"),
)
DEAR = {"link_price": 200_000}


@contextmanager
def desk() -> Iterator[World]:
    """A world whose mail takes files and copies, whose page hides, and which has templates."""
    with temporary_world() as world:
        more: dict[str, dict[str, Any]] = {
            "mail": {"max_files_bytes": 1000, "copies": True},
            "shop": DEAR,
            "page": {"hides": True},
        }
        with world.store.write("can") as db:
            for name, can in more.items():
                accounts.set_capabilities(db, world.accounts[name], replace(CAN[name], **can))
        world.config = replace(world.config, templates=TEMPLATES)
        world.inbox = Inbox(world.store, world.config, lambda: world.now)
        yield world


def asked(world: World, text: str = "Where is it?") -> int:
    """A case of Bo's by mail."""
    world.take("mail", mail(1, "bo@ex.example", NOW - 40 * MINUTE, text, subject="My parcel"))
    return world.case_of("INBOX/1/1")


def drafts(world: World) -> list[Reply]:
    return [reply for reply in world.inbox.outbox(all=True) if reply.state is ReplyState.DRAFT]


def on(world: World, steps: Callable[[Driver], Awaitable[None]]) -> None:
    drive_world(world, steps)


# -- with a reply


def test_a_template_is_found_by_some_of_its_letters_and_filled() -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("r")
        await d.see("reply by mail to bo@ex.example".capitalize())
        await d.press("ctrl+t")
        await d.see("Dear {person.first_name}, sorry", "en · email · Parcel")
        assert "Look here." not in d.text()
        await d.type("sry")
        await d.until(lambda: "Parcel {order.number}" not in d.text())
        await d.press("enter")
        await d.see(f"Dear Bo, sorry for the wait in case {case}.")
        await d.type(" Bye.")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    with desk() as world:
        case = asked(world)
        on(world, steps)
        (reply,) = world.inbox.outbox()
        assert reply.text == f"Dear Bo, sorry for the wait in case {case}. Bye."


def test_a_place_that_nothing_is_known_for_stops_the_sending() -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("r", "ctrl+t")
        await d.see("Template")
        await d.type("parcel")
        await d.press("enter")
        await d.see("Nothing is known for {order.number}")
        for _ in range(2):
            await d.press("ctrl+s")
            await d.see("still to be filled in: {order.number}")
        assert world.inbox.outbox() == ()

    with desk() as world:
        asked(world)
        on(world, steps)


def test_files_and_copies_go_with_a_mail(tmp_path: Path) -> None:
    (tmp_path / "offers").mkdir()
    (tmp_path / "offers" / "offer.txt").write_bytes(b"cheap")
    (tmp_path / "offers" / "huge.bin").write_bytes(bytes(1001))

    async def attach(d: Driver, name: str) -> None:
        await d.press("ctrl+a")
        await d.see("Attach")
        if d.inbox._prompt is not None and not d.inbox._prompt.line.value:
            await d.type(f"{tmp_path}/off")
            await d.see("folder")
            await d.press("enter")
        await d.see("1 kB")
        await d.type(name)
        await d.until(lambda: d.text().count(".txt") + d.text().count(".bin") == 1)
        await d.press("enter")

    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("r")
        await attach(d, "huge")
        await d.see("huge.bin: 1.0 kB, at most 1.0 kB can be sent")
        await d.press("escape")
        await attach(d, "offer")
        await d.see("+ offer.txt 5 B")
        await d.press("ctrl+o")
        await d.type("cc@ex.example, nonsense")
        await d.press("enter")
        await d.see('"nonsense" is no address')
        await d.press("ctrl+o")
        await d.type("cc@ex.example")
        await d.press("enter")
        await d.see("Cc cc@ex.example")
        await d.press("ctrl+n", "space", "2", "enter")
        await d.see("Subject My parcel 2")
        await d.press("ctrl+a")
        await d.see("- 1 offer.txt", "take it off")
        await d.press("escape")
        await d.type("See there.")
        await d.press("ctrl+s")
        await d.see("sending in 8 s", "Cc cc@ex.example", "attached offer.txt")

    with desk() as world:
        asked(world)
        on(world, steps)
        (reply,) = world.inbox.outbox()
        assert (reply.text, reply.cc, reply.subject) == ("See there.", ("cc@ex.example",), "My parcel 2")
        assert [(file.name, file.size) for file in reply.files] == [("offer.txt", 5)]


def test_a_file_can_be_taken_off(tmp_path: Path) -> None:
    async def steps(d: Driver) -> None:
        await d.see("a draft is kept")
        await d.press("r")
        await d.see("+ offer.txt")
        await d.press("ctrl+a", "enter")
        await d.until(lambda: "offer.txt" not in d.text())
        assert drafts(world)[0].files == ()

    with desk() as world:
        case = asked(world)
        (tmp_path / "offer.txt").write_bytes(b"cheap")
        draft = world.inbox.writing.draft_reply(case, text="See there.")
        world.inbox.writing.attach(draft.id, tmp_path / "offer.txt")
        on(world, steps)


def test_what_a_platform_does_not_take_is_said_at_once() -> None:
    async def steps(d: Driver) -> None:
        await d.see("@shop hello?")
        await d.press("r")
        await d.see("Reply on X to @ada")
        assert "Ctrl+A" not in d.bottom() and "Ctrl+O" not in d.bottom()
        for key, said in (
            ("ctrl+a", "x takes no files."),
            ("ctrl+o", "x knows no copies"),
            ("ctrl+n", "no subject"),
        ):
            await d.press(key)
            await d.see(said)
        await d.press("escape", "escape")
        await d.press("n", "ctrl+a")
        await d.see("A note has no files.")

    with desk() as world:
        world.take("shop", post("1", "ada", NOW - 40 * MINUTE, "@shop hello?"))
        on(world, steps)


def test_the_composer_says_what_a_link_costs() -> None:
    async def steps(d: Driver) -> None:
        await d.see("@shop hello?")
        await d.press("r")
        await d.type("Look at shop.")
        assert "$0.20" not in d.text()
        await d.type("example.com")
        await d.see("a link: $0.20 ·")
        await d.press("ctrl+s")
        await d.see("A link makes this reply cost $0.20", "Ctrl+S again")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    with desk() as world:
        world.take("shop", post("1", "ada", NOW - 40 * MINUTE, "@shop hello?"))
        on(world, steps)


# -- the editor


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_the_editor_gets_the_text_in_a_file_that_only_its_owner_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = script(tmp_path / "look", f'stat -c %a "$(dirname "$2")" > {tmp_path}/mode; printf Bye >> "$2"')
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{look} --wait")
    assert editor.edit("Hello\n\nyou 🤔") == "Hello\n\nyou 🤔\nBye"
    assert (tmp_path / "mode").read_text().strip() == "700"


@pytest.mark.parametrize(
    ("body", "said"),
    [("exit 3", "ended with 3: the text is as before"), ('printf "\\377" > "$1"', "cannot be read")],
)
def test_an_editor_that_fails_leaves_the_text_as_it_was(
    body: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", script(tmp_path / "fails", body))
    with pytest.raises(UsageError, match=said):
        editor.edit("Hello")


def test_an_editor_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    with pytest.raises(UsageError, match="/no/such/editor: No such file"):
        editor.edit("Hello")


def test_where_the_terminal_cannot_be_lent_the_text_stays() -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("r")
        await d.type("Hello")
        await d.press("ctrl+e")
        await d.see("cannot be lent to an editor", "Hello")

    with desk() as world:
        asked(world)
        on(world, steps)


def test_the_editor_has_the_terminal_and_the_text_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    # Ctrl+C in an editor reaches every process of the terminal.
    body = 'echo "I have the terminal"; kill -INT $PPID; printf "written elsewhere" >> "$1"'
    monkeypatch.setenv("EDITOR", script(tmp_path / "ed", body))
    with in_terminal("story") as terminal:
        terminal.until(b"Hajo")
        terminal.press(b"r")
        terminal.until(b"Ctrl+S")
        terminal.press(b"Hello\x05")
        shown = terminal.until(b"written elsewhere")
        # Given back as it was found, and taken again.
        assert shown.index(b"\x1b[?1049l") < shown.index(b"I have the terminal") < shown.index(b"\x1b[?1049h")


# -- mails of our own


def test_a_case_is_handed_on_with_what_was_said_in_it() -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("F")
        await d.type("sales@supplier.example")
        await d.press("enter")
        await d.see("Forward to sales@", "Subject Fwd: My parcel", "> Where is it?")
        await d.type("Have you got it?")
        await d.press("ctrl+s")
        await d.see("sending in 8 s", "to sales@supplier.example", "Have you got it?", "quoted")
        # The customer is not answered by that.
        await d.see("1 waiting")

    with desk() as world:
        case = asked(world)
        on(world, steps)
        (reply,) = world.inbox.outbox()
        assert (reply.kind, reply.case, reply.text.splitlines()[0]) == (
            ReplyKind.FORWARD,
            case,
            "Have you got it?",
        )


def test_a_forward_in_which_nothing_was_written_is_not_kept_and_another_is() -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("F")
        await d.type("sales@supplier.example")
        await d.press("enter")
        await d.see("Forward to sales")
        await d.press("escape")
        await d.see("nothing is kept")
        await d.until(lambda: drafts(world) == [])
        await d.press("F")
        await d.type("sales@supplier.example")
        await d.press("enter")
        await d.see("Forward to sales")
        await d.type("Please look")
        await d.press("escape")
        await d.see("Draft kept. R goes on with it.")
        await d.press("r")
        await d.see("Reply by mail to bo@ex.example")
        await d.press("escape", "R")
        await d.see("not the customer", "a draft is kept")
        await d.press("down", "enter")
        await d.see("Forward to sales@", "Please look")

    with desk() as world:
        asked(world)
        on(world, steps)
        (kept,) = drafts(world)
        assert kept.kind is ReplyKind.FORWARD


def test_a_mail_to_somebody_new_opens_a_case_which_goes_with_it() -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        for text in ("", "Your offer please"):
            await d.press("C")
            await d.see("Mail to")
            await d.type("new@person.example")
            await d.press("enter")
            await d.see("Subject")
            await d.type("An offer")
            await d.press("enter")
            await d.see("New mail to new@person.example", "Subject An offer")
            if not text:
                await d.press("escape")
                await d.see("nothing is kept", "Where is it?")
                await d.until(lambda: len(world.case_ids()) == 1)
        await d.type("Your offer please")
        await d.press("ctrl+s")
        await d.see("sending in 8 s", "Your offer please")

    with desk() as world:
        asked(world)
        world_knows_mail(world)
        on(world, steps)
        (reply,) = world.inbox.outbox()
        assert (reply.kind, reply.to, reply.subject) == (ReplyKind.MAIL, "new@person.example", "An offer")
        assert len(world.case_ids()) == 2


def test_a_mail_to_the_customer_of_the_case_stands_in_it() -> None:
    async def steps(d: Driver) -> None:
        await d.see("@shop hello?")
        await d.press("C")
        await d.see("bo@ex.example", "in this case")
        await d.press("enter")
        await d.type("About your parcel")
        await d.press("enter")
        await d.see("New mail to bo@ex.example")
        await d.type("It comes today.")
        await d.press("ctrl+s")
        await d.see("sending in 8 s")

    with desk() as world:
        case = asked(world, "@shop hello?")
        world_knows_mail(world)
        on(world, steps)
        (reply,) = world.inbox.outbox()
        assert reply.case == case


def world_knows_mail(world: World) -> None:
    """Only accounts that were reached are offered; this one was."""
    assert [one.account for one in world.inbox.health() if one.channel == "email"] == ["mail"]


# -- what came


def test_a_comment_is_hidden_and_shown_again() -> None:
    async def steps(d: Driver) -> None:
        await d.see("You thieves")
        await d.press("h")
        await d.see("1 hide", "You thieves")
        await d.press("enter")
        await d.see("asking Facebook …", "(hides a comment)")
        (wish,) = world.inbox.outbox()
        assert wish.kind is ReplyKind.HIDE

    with desk() as world:
        world.take("page", comment("1", "tom", NOW - 40 * MINUTE, "You thieves"))
        on(world, steps)


def test_mails_cannot_be_hidden() -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("h")
        await d.see("No comment of this case can be hidden.")

    with desk() as world:
        asked(world)
        on(world, steps)


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop that writes down what it is asked to open."""
    programs = tmp_path / "programs"
    programs.mkdir()
    opened = tmp_path / "opened"
    for name in ("xdg-open", "open"):
        script(programs / name, f'printf "%s\\n" "$1" >> {opened}.part && mv {opened}.part {opened}')
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":7")
    return opened


LONG = "https://parcels.example/track?" + "&".join(f"part{n}=0123456789" for n in range(12)) + "&end=1"


def test_a_link_is_shown_in_full_and_then_opened(desktop: Path) -> None:
    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("o")
        await d.see("Links in the case of Bo")
        shown = "".join(line.removeprefix("▌").strip() for line in d.rows())
        assert LONG in shown
        assert "https://evil.example/" in shown and "bank.example" not in shown
        assert not desktop.exists()
        await d.press("enter")
        await d.see("Opened", "https://parcels.example/track?part0")
        await d.until(desktop.exists)
        assert desktop.read_text() == f"{LONG}\n"

    with desk() as world:
        asked(world, f"It is here: <{LONG}>, not (https://bank.example@evil.example/). javascript:alert(1)")
        on(world, steps)


def test_without_a_desktop_a_link_can_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    async def steps(d: Driver) -> None:
        await d.see("My parcel")
        await d.press("o", "enter")
        await d.see("here", "y copies a link")
        await d.press("escape", "o", "y")
        await d.see("Copied https://parcels.example/")
        assert d.app.clipboard == "https://parcels.example/"

    with desk() as world:
        asked(world, "https://parcels.example/")
        on(world, steps)


def letter(uid: int, name: str, content: bytes) -> Any:
    """A mail with a file, as it came."""
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = "bo@ex.example", "help@shop.example", "My parcel"
    written.set_content("See the file.")
    written.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    known = mail(uid, "bo@ex.example", NOW - 40 * MINUTE, "See the file.", subject="My parcel")
    assert isinstance(known.mail, MailFacts)
    attached = Attachment(name, "application/octet-stream", len(content))
    return replace(known, mail=replace(known.mail, raw=bytes(written)), attachments=(attached,))


def test_a_file_is_saved_and_one_that_is_harmless_can_be_opened(desktop: Path, tmp_path: Path) -> None:
    async def steps(d: Driver) -> None:
        await d.see("attached photo.jpg")
        await d.press("D")
        await d.see("1 photo.jpg", "from Bo")
        await d.press("enter")
        await d.see("What to do with it")
        await d.press("down", "enter")
        await d.see("Opened photo.jpg")
        await d.until(desktop.exists)
        opened.append(Path(desktop.read_text().strip()))
        assert opened[0].read_bytes() == b"\x00picture"
        assert stat.S_IMODE(opened[0].parent.stat().st_mode) == 0o700
        await d.press("D", "enter", "enter")
        await d.see("Into folder")
        await d.type(f"{tmp_path}/kept")
        await d.press("enter")
        await d.see("Saved")
        assert (tmp_path / "kept" / "photo.jpg").read_bytes() == b"\x00picture"

    opened: list[Path] = []
    with desk() as world:
        world.take("mail", letter(1, "photo.jpg", b"\x00picture"))
        on(world, steps)
    # What was looked at does not stay behind.
    assert not opened[0].parent.exists()


def test_what_might_run_is_never_opened(desktop: Path) -> None:
    async def steps(d: Driver) -> None:
        await d.see("attached photo.jpg.desktop")
        await d.press("D", "enter")
        await d.see("Into folder")
        assert not desktop.exists()

    with desk() as world:
        world.take("mail", letter(1, "photo.jpg.desktop", b"[Desktop Entry]"))
        on(world, steps)


@pytest.mark.parametrize(
    "name", ["x.sh", "page.html", "drawing.svg", "noend", "a.PDF.exe", ".desktop", "macro.docm"]
)
def test_only_files_that_are_looked_at_are_harmless(name: str) -> None:
    assert not opening.is_harmless(name)
    assert opening.is_harmless("Rechnung.PDF")


def test_paths_are_completed_without_what_is_hidden_or_cannot_be_shown(tmp_path: Path) -> None:
    for name in ("bill.pdf", "bills", ".bashrc", "b\x1b[31m.txt"):
        (tmp_path / name).mkdir() if name == "bills" else (tmp_path / name).write_bytes(b"12345")
    found = [(option.text, option.meaning) for option in paths.complete(f"{tmp_path}/b")]
    assert found == [(f"{tmp_path}/bills/", "folder"), (f"{tmp_path}/bill.pdf", "5 B")]
    assert [option.text for option in paths.complete(f"{tmp_path}/.")] == [f"{tmp_path}/.bashrc"]
    assert [option.text for option in paths.complete(f"{tmp_path}/", folders=True)] == [f"{tmp_path}/bills/"]
    assert paths.complete(f"{tmp_path}/none/") == ()
    assert [option.text for option in paths.complete(f"{tmp_path}/.BASH")] == [f"{tmp_path}/.bashrc"]
    assert paths.complete("~nobody-of-this-name/") == ()
