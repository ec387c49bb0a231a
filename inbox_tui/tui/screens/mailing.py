"""The inbox screen as far as more is written than a text: templates, files, copies, mails of our own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import SuspendNotSupported

from inbox_tui.errors import UsageError
from inbox_tui.inbox import confining
from inbox_tui.model import Filled, Reply, Template, Thread
from inbox_tui.text import snippet
from inbox_tui.tui import keys, paths
from inbox_tui.tui.drafts import Writing
from inbox_tui.tui.screens.persons import PersonsScreen
from inbox_tui.tui.screens.triage import NO_PROMISE, PROMISED
from inbox_tui.tui.suggest import Option, fuzzy, matching

if TYPE_CHECKING:
    from inbox_tui.tui.widgets.prompt import Prompt

_OFF = "- "
"""Stands before a file that can be taken off."""


class MailingScreen(PersonsScreen):
    """The screen with what goes with a text, and with mails that begin a thread."""

    _paths: tuple[Option, ...] = ()
    """What the path that is typed may go on with."""
    _asked_path: Prompt | None = None
    _only_folders = False
    _folder = ""
    """Where the last file was taken from."""

    # --- paths

    def ask_path(
        self,
        title: str,
        then: Callable[[str], None],
        text: str = "",
        *,
        folders: bool = False,
        instead: bool = False,
    ) -> None:
        """Ask for a path, completed while it is typed. instead: the text is only proposed."""
        self._paths, self._only_folders = (), folders
        self.ask(title, self._offer_paths, then, text=text, instead=instead)
        self._asked_path = self._prompt
        self._complete_path(text)

    def _offer_paths(self, typed: str) -> Sequence[Option]:
        if not typed and not self._only_folders:
            return [*self._enclosed(), *self._paths]
        return paths.offered(self._paths, typed)

    def _enclosed(self) -> list[Option]:
        files = self._composer.writing.files if self._composer is not None else ()
        return [Option(f"{_OFF}{file.number} {snippet(file.name, 60)}", "take it off") for file in files]

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        if event.prompt is self._prompt and event.prompt is self._asked_path:
            self._complete_path(event.text)

    @work(thread=True, exclusive=True, group="paths", exit_on_error=False)
    def _complete_path(self, typed: str) -> None:
        try:
            root = confining.root(self.config)
        except UsageError:
            return  # what is wrong is said when a path is taken
        found = paths.complete(typed, folders=self._only_folders, root=root)
        self.app.call_from_thread(self._take_paths, found)

    def _take_paths(self, found: tuple[Option, ...]) -> None:
        self._paths = found
        if self._prompt is not None and self._prompt is self._asked_path:
            self._prompt.refresh_options()

    # --- what goes with a text

    def _mailable(self, what: str) -> tuple[Writing, Thread] | None:
        """The mail that is being written; None, and why, where it is something else."""
        writing = self._composer.writing if self._composer is not None else None
        if writing is None:
            return None
        if writing.thread is None:
            self.status.complain(
                f"A note has no {what}.",
                f"{keys.told('composer.keep')}, then {keys.told('inbox.reply')} writes to the customer",
            )
            return None
        return writing, writing.thread

    def _enclose(self, writing: Writing, act: Callable[[int], object]) -> None:
        self.status.clear()
        self.act(lambda: writing.enclose(self.inbox, act), lambda _: self._enclosed_now(writing))

    def _enclosed_now(self, writing: Writing) -> None:
        if self._composer is not None and self._composer.writing is writing:
            self._composer.told()

    def action_attach(self) -> None:
        """Put a file to the mail, or take one off."""
        found = self._mailable("files")
        if found is None:
            return
        writing, thread = found
        if not thread.capabilities.max_files_bytes:
            self.status.complain(
                f"{thread.channel} takes no files.", f"{keys.told('inbox.write')} writes a mail"
            )
            return

        def take(path: str) -> None:
            if path.startswith(_OFF):
                number = int(path.removeprefix(_OFF).partition(" ")[0])
                self._enclose(writing, lambda draft: self.inbox.writing.detach(draft, number))
            elif path.endswith("/"):
                self.ask_path("Attach", take, path)
            elif path.strip():
                self._folder = path.rpartition("/")[0] + "/" if "/" in path else ""
                self._enclose(writing, lambda draft: self.inbox.writing.attach(draft, Path(path)))

        self.ask_path("Attach", take, "" if writing.files else self._folder)

    def action_copies(self) -> None:
        """Who else gets the mail."""
        found = self._mailable("copies")
        if found is None:
            return
        writing, thread = found
        if not thread.capabilities.copies:
            self.status.complain(
                f"{thread.channel} knows no copies to others.", f"{keys.told('inbox.write')} writes a mail"
            )
            return
        self.ask(
            "Cc",
            lambda _: [],
            lambda typed: self._enclose(writing, lambda draft: self.inbox.writing.set_cc(draft, typed)),
            choose=False,
            text=", ".join(writing.cc),
        )

    def action_subject(self) -> None:
        """The subject of the mail."""
        found = self._mailable("subject")
        if found is None:
            return
        writing, thread = found
        if not thread.capabilities.subjects:
            self.status.complain(f"{thread.channel} knows no subject.")
            return
        self.ask(
            "Subject",
            lambda _: [],
            lambda typed: self._enclose(writing, lambda draft: self.inbox.writing.set_subject(draft, typed)),
            choose=False,
            text=writing.subject or thread.subject,
        )

    def action_promise_in_reply(self) -> None:
        """Say by when the customer hears from us; such a reply is no answer."""
        found = self._mailable("promise")
        if found is None:
            return
        writing, _ = found

        def times() -> list[Option]:
            none = [Option(NO_PROMISE, "it is an answer")] if writing.promise is not None else []
            return [*self.offered(PROMISED), *none]

        def give(typed: str) -> None:
            triage = self.inbox.triage
            self._enclose(
                writing,
                lambda draft: self.inbox.writing.set_promise(
                    draft, None if typed == NO_PROMISE else triage.check_promise(triage.when(typed))
                ),
            )

        self.act(times, lambda options: self.ask("You will hear from us by", matching(options), give))

    # --- texts that are there already

    def action_template(self) -> None:
        """Choose a template; it is filled from the case."""
        found = self._mailable("template")
        if found is None:
            return
        writing, thread = found

        def choose(known: tuple[Template, ...]) -> None:
            if not known:
                self.status.complain("There is no template.", "configure one: [templates.NAME]")
                return
            options = [Option(one.name, _meaning(one)) for one in known]
            self.ask("Template", fuzzy(options), fill)

        def fill(name: str) -> None:
            self.act(lambda: self.inbox.writing.fill(name, writing.case, thread.id), put)

        def put(filled: Filled) -> None:
            composer = self._composer
            if composer is None or composer.writing is not writing:
                return
            composer.put_in(filled.text)
            if filled.subject and writing.draft is not None and writing.begun is not None:
                self._enclose(writing, lambda draft: self.inbox.writing.set_subject(draft, filled.subject))
            if filled.missing:
                places = ", ".join(f"{{{place}}}" for place in filled.missing)
                self.status.complain(
                    f"Nothing is known for {places}.", "fill it in: it is not sent like this"
                )

        self.act(lambda: self.inbox.writing.templates(thread.channel), choose)

    def action_editor(self) -> None:
        """Go on in the agent's own editor; the interface stands still until he comes back."""
        composer = self._composer
        if composer is None:
            return
        if self.config.kiosk:
            self.status.complain("There is no editor here.", "go on in this one")
            return
        from inbox_tui.tui import editor

        text, failed = composer.writing.text, None
        try:
            with self.app.suspend():
                # Textual comes back only from a block that ends in peace.
                try:
                    text = editor.edit(text)
                except UsageError as error:
                    failed = error
        except SuspendNotSupported:
            failed = UsageError("this terminal cannot be lent to an editor", "go on here")
        self.app.refresh(layout=True)
        if failed is not None:
            self.status.fail(failed)
        else:
            composer.put_instead(text)

    # --- mails of our own

    def action_write(self) -> None:
        """A mail to anybody: into this case where it goes to its customer, else into one of its own."""
        case = self._target()
        accounts = (
            [one.account for one in self.overview.health if one.channel == "email"] if self.overview else []
        )
        self.status.clear()
        if not accounts:
            self.status.complain("There is no account of mail.", "inbox-tui init email sets one up")
        elif len(accounts) > 1:
            options = matching([Option(name) for name in accounts])
            self.ask("From account", options, lambda name: self._write_from(name, case))
        else:
            self._write_from(accounts[0], case)

    def _write_from(self, account: str, case: int | None) -> None:
        def ask(known: tuple[Option, ...]) -> None:
            self.ask("Mail to", matching(known, free=True), subject)

        def subject(to: str) -> None:
            self.ask("Subject", lambda _: [], lambda typed: begin(to, typed), choose=False)

        def begin(to: str, subject: str) -> None:
            joined = case if to in known_here else None
            self._begin(lambda: self.inbox.writing.draft_mail(to, subject, account=account, case=joined))

        known_here: set[str] = set()

        def addresses() -> tuple[Option, ...]:
            found = self._addresses(case)
            known_here.update(one.text for one in found)
            return found

        self.act(addresses, ask)

    def _addresses(self, case: int | None) -> tuple[Option, ...]:
        """Beside the loop: where the customer of a case has mail."""
        if case is None:
            return ()
        found = self.inbox.case(case)
        name = snippet(found.row.person.name, 60)
        return tuple(
            Option(one.value, f"{name}, in this case") for one in found.identities if one.kind == "email"
        )

    def action_forward(self) -> None:
        """Hand the case on by mail."""
        case = self._target()
        if case is None:
            return

        def ask(known: tuple[Option, ...]) -> None:
            self.ask("Forward to", matching(known, free=True), lambda to: self._begin(lambda: forward(to)))

        def forward(to: str) -> Reply:
            return self.inbox.writing.draft_forward(case, to)

        def helpers() -> tuple[Option, ...]:
            aside = [thread.customer for thread in self.inbox.case(case).threads if thread.aside]
            return tuple(dict.fromkeys(Option(one.value or "", "asked before") for one in aside))

        self.status.clear()
        self.act(helpers, ask)

    def _begin(self, draft: Callable[[], Reply]) -> None:
        self.act(draft, lambda reply: self._edit(reply, fresh=True))


def _meaning(template: Template) -> str:
    first = snippet(template.text, 70)
    return " · ".join(part for part in (template.language, template.channel, first) if part)
