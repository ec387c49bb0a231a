"""The inbox screen as far as it handles what came: files, links, and comments that others should not see."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.desk.links import links
from inbox_tui.errors import UsageError
from inbox_tui.model import Case, Direction, Message, ReceivedFile, Reply
from inbox_tui.text import name_or, snippet
from inbox_tui.tui import keys, opening, words
from inbox_tui.tui.screens.handing import HandingScreen
from inbox_tui.tui.suggest import Option, matching

if TYPE_CHECKING:
    from inbox_tui.tui.screens.links import Wanted

DOWNLOADS = "~/Downloads"
_SAVE, _OPEN = "save", "open"


class ReceivedScreen(HandingScreen):
    """The screen with files and links that came. Nothing opens by itself."""

    def on_mount(self) -> None:
        self._looked_at: list[Path] = []

    def on_unmount(self) -> None:
        """What was opened to be looked at does not stay behind."""
        for folder in self._looked_at:
            shutil.rmtree(folder, ignore_errors=True)

    # --- files

    def action_files(self) -> None:
        """Choose a file of the case; it is saved, or opened where that is what the agent wants."""
        case = self._target()
        if case is None:
            return

        def choose(found: tuple[ReceivedFile, ...]) -> None:
            if not found:
                self.status.tell("No file came with this case.")
                return
            shown = {f"{f.number} {name_or(f.file.name, '(no name)')}": f for f in found}
            options = [Option(name, f"{words.size(f.file.size)}, {_from(f)}") for name, f in shown.items()]
            self.ask("File", matching(options), lambda name: self._do_with(shown.get(name)))

        self.status.clear()
        self.act(lambda: self.inbox.files.of_case(case), choose)

    def _do_with(self, file: ReceivedFile | None) -> None:
        if file is None:
            return
        if self.config.kiosk or not opening.is_harmless(file.file.name):
            # What might run is only ever saved.
            self._ask_folder(file)
            return

        def do(what: str) -> None:
            if what == _OPEN:
                self.act(lambda: self._look_at(file), lambda name: self.status.tell(f"Opened {name}"))
            elif what == _SAVE:
                self._ask_folder(file)

        options = [
            Option(_SAVE, "in a folder"),
            Option(_OPEN, "with the program that this machine has for it"),
        ]
        self.ask("What to do with it", matching(options), do)

    def _ask_folder(self, file: ReceivedFile) -> None:
        def save(folder: str) -> None:
            to = Path(folder)
            self.act(
                lambda: self.inbox.files.save(file, to if self.config.kiosk else to.expanduser()),
                lambda path: self.status.tell(f"Saved {path}"),
            )

        usual = "." if self.config.kiosk else DOWNLOADS
        self.ask_path("Into folder", save, usual, folders=True, instead=True)

    def _look_at(self, file: ReceivedFile) -> str:
        """Beside the loop: the name under which it was opened."""
        folder = opening.private_folder()
        self._looked_at.append(folder)
        path = self.inbox.files.save(file, folder)
        if not opening.is_harmless(path.name):
            raise UsageError(f"{path.name} might run by itself", f"{keys.told('inbox.files')} saves it")
        opening.open_outside(str(path))
        return path.name

    # --- links

    def action_links(self) -> None:
        """Show the links of the case in full; one may be opened then."""
        case = self._target()
        if case is not None:
            self.status.clear()
            self.act(lambda: self.inbox.case(case), self._show_links)

    def _show_links(self, case: Case) -> None:
        from inbox_tui.tui.screens.links import LinksScreen

        found = links(case.timeline)
        if not found:
            self.status.tell("No link that could be opened stands in this case.")
            return
        self.app.push_screen(LinksScreen(case, found, self.inbox.now()), self._link_wanted)

    def _link_wanted(self, wanted: Wanted | None) -> None:
        if wanted is None:
            return
        url = wanted.url
        if wanted.copy:
            self.app.copy_to_clipboard(url)
            self.status.tell(f"Copied {url}")
        elif self.config.kiosk:
            self.status.complain(
                "No link opens here.", f"{keys.told('inbox.links')}, then {keys.told('links.copy')} copies it"
            )
        else:
            self.act(lambda: opening.open_outside(url), lambda _: self.status.tell(f"Opened {url}"))

    # --- comments

    def action_hide(self) -> None:
        """Hide a comment from others, or show it again."""
        case = self._target()
        if case is not None:
            self.status.clear()
            self.act(lambda: self.inbox.case(case), self._choose_comment)

    def _choose_comment(self, case: Case) -> None:
        hiding = {thread.id for thread in case.threads if thread.capabilities.hides}
        found = [m for m in case.timeline if m.thread in hiding and m.direction is Direction.IN]
        if not found:
            self.status.complain(
                "No comment of this case can be hidden.", "comments on a Facebook page can be"
            )
            return
        shown = {f"{number} {_act_on(one)}": one for number, one in enumerate(reversed(found), 1)}
        options = [Option(name, _said(one)) for name, one in shown.items()]
        self.ask("Comment", matching(options), lambda name: self._hide(shown.get(name)))

    def _hide(self, message: Message | None) -> None:
        if message is not None:
            self.act(
                lambda: self.inbox.writing.hide(message.id, yes=not message.hidden),
                self._hiding,
            )

    def _hiding(self, reply: Reply) -> None:
        self._mine[reply.id] = reply
        self._count()
        self.refresh_all()


def _from(file: ReceivedFile) -> str:
    return f"from {name_or(file.author.name, name_or(file.author.handle, 'unknown'))}"


def _act_on(message: Message) -> str:
    return "show again" if message.hidden else "hide"


def _said(message: Message) -> str:
    return f"{words.author_name(message)}: {snippet(message.text, 80)}"
