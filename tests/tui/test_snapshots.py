"""How every screen looks: in three sizes, dark, light and without colours.

`pytest --snapshot-update tests/tui/test_snapshots.py` accepts a new look; look at it first (see `looks`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.widgets import Input, TextArea

from inbox_tui.casework import handoff
from inbox_tui.config import Config
from inbox_tui.errors import StoreLocked
from inbox_tui.inbox import Inbox
from inbox_tui.model import Destination, Priority, ReplyState
from inbox_tui.tui import themes
from inbox_tui.tui.app import InboxApp
from tests.casework.test_handoff import dm, hand_off
from tests.casework.world import NOW as TODAY
from tests.casework.world import comment, mail, post
from tests.tui.driver import CONFIG, Driver
from tests.tui.fake import HOUR, MINUTE, NOW, FakeInbox, door, story, well
from tests.tui.looks import Look, TextFile, look, written
from tests.tui.test_mailing import desk, letter

Steps = Callable[[Driver], Awaitable[None]]
Opened = tuple[Inbox, Config]
CLOSED = "X takes no direct messages to this customer: he has closed them to you"
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x50": (200, 50)}


class Scene(NamedTuple):
    """A desk, and what is pressed there."""

    desk: Callable[[], AbstractContextManager[Opened]]
    steps: Steps
    tour: bool = False


def of(make: Callable[[], FakeInbox]) -> Callable[[], AbstractContextManager[Opened]]:
    """A desk in memory."""

    @contextmanager
    def opened() -> Iterator[Opened]:
        yield door(make()), CONFIG

    return opened


@contextmanager
def real() -> Iterator[Opened]:
    """A desk with a store of its own: for what is searched, attached and begun."""
    with desk() as world:
        world.take("mail", letter(1, "photo.jpg", b"picture"))
        world.take(
            "shop", post("1", "ada", TODAY - 9 * HOUR, "@shop my parcel is late: https://parcels.example/1")
        )
        world.take("page", comment("1", "eve", TODAY - 26 * HOUR, "Kann ich das Paket zurückgeben? 📦"))
        world.take(
            "mail", mail(2, "yamada@ex.example", TODAY - MINUTE, "荷物はどこですか。", subject="parcel 荷物")
        )
        yield world.inbox, world.config


@contextmanager
def handed() -> Iterator[Opened]:
    """A desk whose customer was sent on once already, and takes no direct messages."""
    with pytest.MonkeyPatch.context() as patch, desk() as world:
        patch.setattr(handoff, "new_code", lambda: "H-K73M9-Q2TXB")
        world.take("shop", post("1", "ada", TODAY - 9 * HOUR, "@shop my parcel is late: A-2231"))
        hand_off(world, world.case_of("1"), Destination.MESSENGER)
        world.now += 3 * HOUR
        patch.setattr(handoff, "new_code", lambda: "H-BDF24-G68HJ")
        world.take("shop", dm("3", "ada", TODAY - 8 * HOUR, "hello?", can_reply=False, why_not=CLOSED))
        world.take("page", comment("2", "eve", TODAY - HOUR, "Kann ich das Paket zurückgeben? 📦"))
        yield world.inbox, world.config


# -- desks


def troubled() -> FakeInbox:
    fake = story()
    fake.accounts = (
        well("shop", "x", error="X does not accept the token any more", error_code="login",
             hint="renew the token, then f fetches", error_since=NOW - HOUR),
        well("page", "facebook"),
        well("mail", "email", complete_until=NOW - HOUR),
    )  # fmt: skip
    fake.replies[501] = fake._reply(501, 1, "The lock is gone since Friday.", ReplyState.UNKNOWN)
    return fake


def stopped() -> FakeInbox:
    fake = story()
    fake.running = False
    fake.accounts = (well("shop", "x"), well("mail", "email", complete_until=NOW - HOUR))
    return fake


def locked() -> FakeInbox:
    fake = FakeInbox()
    fake.broken = StoreLocked("the store is locked by fetch (pid 4711)", "wait, or end that process")
    return fake


def sorted_out() -> FakeInbox:
    """Cases that bear all that an agent can say of them."""
    fake = story()
    fake.triage.assign([12], "anna")
    fake.triage.tag([12, 20], ["refund", "vip"])
    fake.triage.priority([20], Priority.URGENT)
    fake.triage.snooze([21], NOW + 18 * HOUR)
    return fake


# -- what is pressed


async def nothing(d: Driver) -> None:
    await d.settle()


def keys(*pressed: str, see: str) -> Steps:
    async def steps(d: Driver) -> None:
        await d.press(*pressed)
        await d.see(see)

    return steps


async def put(d: Driver, text: str) -> None:
    """All at once: a key takes the pilot longer than a screen."""
    line = d.app.focused
    assert isinstance(line, Input | TextArea)
    if isinstance(line, Input):
        line.value = text
        line.cursor_position = len(text)
    else:
        line.insert(text)
    await d.settle()


async def reading(d: Driver) -> None:
    await d.press("enter")
    await d.see("My phone says")
    await d.press("G")


async def writing(d: Driver) -> None:
    await d.press("r")
    await d.see("to @hajo")
    await put(d, "Sorry for the wait, Hajo.")
    await d.see("draft")


async def sending(d: Driver) -> None:
    await d.press("r")
    await put(d, "Sorry")
    await d.press("ctrl+s")
    await d.see("sending in 8 s")


async def searching(d: Driver) -> None:
    await d.press("slash")
    await put(d, "parcel is")
    await d.see("parcel is:")
    await d.until(lambda: d.inbox.view.endswith("parcel is"))
    await d.settle()
    await d.until(lambda: d.inbox.narrow or _marked(d))


def _marked(d: Driver) -> bool:
    """The case beside the list shows what was found."""
    sheet = d.inbox.timeline.sheet
    return sheet is not None and sheet.case.row.id == d.inbox.queue.case and bool(sheet.marked)


async def mailing(d: Driver) -> None:
    await d.press("C")
    await d.see("Mail to")
    await put(d, "new@person.example")
    await d.press("enter")
    await d.see("Subject")
    await put(d, "An offer")
    await d.press("enter")
    await d.see("New mail to new@person.example")
    await put(d, "Good morning,")


async def attaching(d: Driver) -> None:
    await d.press("G", "r")
    await d.see("to yamada@ex.example")
    await d.press("ctrl+a")
    await d.see("photo.jpg")


async def saving(d: Driver) -> None:
    await d.press("j", "j", "D")
    await d.see("1 photo.jpg")
    await d.press("enter", "enter")
    await d.see("Into folder")


async def handing_off(d: Driver) -> None:
    await d.press("H")
    await d.see("go on?")


async def asking_to_go_on(d: Driver) -> None:
    await handing_off(d)
    await d.press("enter")
    await d.see("asks him to go on by", "he was asked to go on")


async def marking(d: Driver) -> None:
    await d.press("x", "x", "b")
    await d.see("Snooze until")


SCENES = {
    "queue": Scene(of(story), nothing),
    "queue sorted": Scene(of(sorted_out), nothing),
    "case": Scene(of(story), reading),
    "composer": Scene(of(story), writing),
    "countdown": Scene(of(story), sending),
    "full text": Scene(of(story), keys("v", see="full text")),
    "thread": Scene(of(story), keys("R", see="write to")),
    "help": Scene(of(story), keys("question_mark", see="Keys in the queue")),
    "palette": Scene(of(story), keys("ctrl+p", see="Act")),
    "marked": Scene(of(story), marking),
    "troubles": Scene(of(troubled), keys("exclamation_mark", see="not sent")),
    "stopped": Scene(of(stopped), nothing),
    "locked": Scene(of(locked), nothing),
    "empty": Scene(of(FakeInbox), nothing),
    "tour": Scene(of(story), nothing, tour=True),
    "search": Scene(real, searching),
    "mailing": Scene(real, mailing),
    "files": Scene(real, attaching),
    "save": Scene(real, saving),
    "hand-off": Scene(handed, handing_off),
    "hand-off written": Scene(handed, asking_to_go_on),
    "links": Scene(real, keys("j", "o", see="Links in the case")),
}


@pytest.fixture(autouse=True)
def _still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cursor blinks, and the agent's home holds what it holds here."""
    for kind in (Input, TextArea):
        monkeypatch.setattr(kind, "cursor_blink", False)
    home = tmp_path / "home"
    (home / "Downloads").mkdir(parents=True)
    (home / "bills").mkdir()
    (home / "photo.jpg").write_bytes(bytes(4096))
    monkeypatch.setenv("HOME", str(home))


def shots(scene: Scene, size: tuple[int, int], name: str, dresses: dict[str, str]) -> dict[str, Look]:
    """Each dress (its name: the theme) of one run."""

    async def go(inbox: Inbox, config: Config) -> dict[str, Look]:
        app = InboxApp(inbox, config, tour=scene.tour)
        found = {}
        async with app.run_test(size=size) as pilot:
            d = Driver(app, pilot)
            await d.settle()
            await scene.steps(d)
            await d.settle()
            for dress, theme in dresses.items():
                app.theme = themes.name_of(theme)
                await pilot.pause()
                found[dress] = look(app, f"{name}-{size[0]}x{size[1]}-{dress}".replace(" ", "-"))
        return found

    with scene.desk() as (inbox, config):
        return asyncio.run(go(inbox, config))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENES)
def test_screen(name: str, size: str, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = SCENES[name]
    looks = shots(scene, SIZES[size], name, {"dark": "dark", "light": "light"})
    monkeypatch.setenv("NO_COLOR", "1")
    looks |= shots(scene, SIZES[size], name, {"without colours": "dark"})
    assert written(looks) == snapshot(extension_class=TextFile)


def test_no_snapshot_is_left_of_a_scene_that_is_gone() -> None:
    """syrupy knows of unused ones only where one process runs every test of this file."""
    kept = {file.stem for file in (Path(__file__).parent / "__snapshots__" / "test_snapshots").iterdir()}
    assert kept == {f"test_screen[{name}-{size}]" for name in SCENES for size in SIZES}
