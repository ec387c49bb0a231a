"""What an agent writes beyond a plain reply: files with it, copies, mails of his own, templates, hiding.

Each act is one transaction. What goes out goes through the outbox: `Inbox.reply` queues a draft that was made
here, with all that belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from inbox_tui.casework import signing, writing
from inbox_tui.casework.writing import Letter
from inbox_tui.casework.zone import local_zone
from inbox_tui.desk import checks, quoting
from inbox_tui.desk.templates import fill
from inbox_tui.errors import InboxError, NotFound, UsageError
from inbox_tui.inbox import addressing, choosing, confining
from inbox_tui.inbox.files import Files, outgoing
from inbox_tui.model import (
    Attached,
    Author,
    Filled,
    Message,
    OutgoingFile,
    Reply,
    ReplyKind,
    Template,
    Thread,
)
from inbox_tui.store import accounts, files, messages, replies, threads
from inbox_tui.text import clean, snippet

if TYPE_CHECKING:
    from inbox_tui.config import Config
    from inbox_tui.inbox.door import Inbox
    from inbox_tui.store.driver import Connection
    from inbox_tui.store.engine import Store

LONGEST_SUBJECT = 300


class Writing:
    """Reached as `Inbox.writing`."""

    def __init__(self, inbox: Inbox, store: Store, config: Config, now: Callable[[], int]) -> None:
        self._inbox = inbox
        self._store = store
        self._config = config
        self._now = now

    # -- what goes with a draft

    def draft_reply(
        self, case: int, thread: int | None = None, text: str = "", seen: int | None = None
    ) -> Reply:
        """A draft to put files to; it may be empty still. seen: as for `Inbox.reply`. Raises NotFound."""
        with self._store.write("draft") as db:
            target = choosing.thread_of(db, case, thread, self._now())
            draft = replies.insert(
                db,
                case=case,
                thread=target.id,
                account=replies.account_of(db, target.id),
                agent=self._inbox.agent,
                text=text,
                seen=messages.last_of_case(db, case) if seen is None else seen,
                now=self._now(),
            )
        return self._inbox.reply_by_id(draft)

    def attach(self, draft: int, path: Path) -> Attached:
        """Put a file to a draft: a copy of it is kept. Raises UsageError, NothingToDo, NotFound."""
        with self._store.reading() as db:
            known = writing.draft(db, draft)
            self._fits(db, known, [])
            limit = self._thread(db, known.thread).capabilities.max_files_bytes
        file = outgoing(confining.within(self._config, path), limit)
        with self._store.write("attach") as db:
            self._fits(db, writing.draft(db, draft), [file])
            return files.add(db, draft, file)

    def _thread(self, db: Connection, thread: int) -> Thread:
        found = threads.get(db, thread)
        if found is None:
            raise NotFound(f"there is no thread {thread}")
        return found

    def _fits(self, db: Connection, draft: Reply, more: Sequence[OutgoingFile]) -> None:
        """Raises UsageError where the draft's thread does not take these files beside those it has."""
        thread = self._thread(db, draft.thread)
        new = [Attached(0, file.name, file.media_type, len(file.content)) for file in more]
        why = checks.too_large(thread, [*draft.files, *new])
        if not why and not thread.capabilities.max_files_bytes:
            why = f"{thread.channel} takes no files"
        if why:
            hint = "send less at once" if thread.capabilities.copies else "send it by mail"
            unknown = thread.channel == addressing.KIND and not thread.capabilities.copies
            raise UsageError(why, "the account was never reached: inbox-tui fetch" if unknown else hint)

    def detach(self, draft: int, number: int) -> None:
        """Take a file off a draft. Raises NotFound, NothingToDo."""
        with self._store.write("detach") as db:
            writing.draft(db, draft)
            if not files.remove(db, draft, number):
                raise NotFound(f"reply {draft} has no file {number}")

    def files(self, draft: int) -> tuple[Attached, ...]:
        """The files of a reply."""
        with self._store.reading() as db:
            return files.of_reply(db, draft)

    def set_cc(self, draft: int, addresses: str) -> tuple[str, ...]:
        """Who gets it, too: addresses with commas between; empty: nobody. Raises UsageError."""
        found = addressing.several(addresses)
        with self._store.write("cc") as db:
            known = writing.draft(db, draft)
            if found and not self._thread(db, known.thread).capabilities.copies:
                raise UsageError(f"{known.channel} knows no copies to others", "use a thread of mail")
            replies.set_cc(db, draft, found, self._now())
        return found

    def set_promise(self, draft: int, until: int | None) -> None:
        """By when this reply says that the customer hears from us: then it is no answer. None: it is one.

        Raises UsageError for a time that has passed, NothingToDo, NotFound.
        """
        if until is not None:
            self._inbox.triage.check_promise(until)
        with self._store.write("promise") as db:
            writing.draft(db, draft)
            replies.set_promise(db, draft, until, self._now())

    def set_subject(self, draft: int, subject: str) -> str:
        """The subject of this mail; empty: that of the thread. Raises NothingToDo, NotFound."""
        kept = clean(subject, multiline=False, limit=LONGEST_SUBJECT).strip()
        with self._store.write("subject") as db:
            writing.draft(db, draft)
            replies.set_subject(db, draft, kept, self._now())
        return kept

    def kept(self) -> int:
        """How many drafts of mine there are, in all cases."""
        with self._store.reading() as db:
            return replies.kept(db, self._inbox.agent)

    def discard(self, draft: int) -> None:
        """Throw a draft away, with its files, and with a case that was opened for it alone."""
        with self._store.write("discard") as db:
            writing.discard(db, draft, self._now())

    # -- mails of our own

    def draft_mail(
        self,
        to: str,
        subject: str,
        text: str = "",
        *,
        account: str | None = None,
        cc: str = "",
        case: int | None = None,
    ) -> Reply:
        """A draft of a mail that begins a thread: in this case, or (None) in a new one of whom it goes to.

        account: whose mail it is; None: the case's, or the only one. Raises UsageError, NotFound.
        """
        return self._begin(ReplyKind.MAIL, to, subject, text, account, cc, case, [])

    def new_mail(
        self,
        to: str,
        subject: str,
        text: str,
        *,
        account: str | None = None,
        cc: str = "",
        files: Sequence[Path] = (),
        case: int | None = None,
        countdown: bool = False,
    ) -> Reply:
        """Queue a mail that begins a thread. Raises UsageError, NotFound, ReplyBlocked."""
        draft = self.draft_mail(to, subject, text, account=account, cc=cc, case=case)
        return self._queue(draft, files, countdown)

    def draft_forward(
        self,
        case: int,
        to: str,
        text: str = "",
        *,
        thread: int | None = None,
        cc: str = "",
        account: str | None = None,
        with_files: bool = True,
    ) -> Reply:
        """A draft that hands a case on, what was said in it quoted below the text.

        thread: only what was said there; None: in all threads with the customer. Raises UsageError, NotFound.
        """
        found = self._inbox.case(case)
        own = [t.id for t in found.threads if t.with_customer]
        wanted = frozenset([thread] if thread is not None else own)
        if thread is not None and thread not in {t.id for t in found.threads}:
            raise NotFound(f"case {case} has no thread {thread}", f"inbox-tui show {case} lists them")
        said = quoting.to_quote(found.timeline, wanted)
        zone = local_zone(self._now())
        subject = f"Fwd: {found.row.subject}".strip()
        body = quoting.quoted(said, lambda at: _moment(datetime.fromtimestamp(at / 1000, zone)), "we")
        enclosed = self._received(said) if with_files else []
        text = f"{text.rstrip()}\n\n{body}\n" if body else text
        return self._begin(ReplyKind.FORWARD, to, subject, text, account, cc, case, enclosed)

    def forward(
        self,
        case: int,
        to: str,
        text: str,
        *,
        thread: int | None = None,
        cc: str = "",
        account: str | None = None,
        files: Sequence[Path] = (),
        with_files: bool = True,
        countdown: bool = False,
    ) -> Reply:
        """Queue a mail that hands a case on. Its answers come back into the case."""
        draft = self.draft_forward(
            case, to, text, thread=thread, cc=cc, account=account, with_files=with_files
        )
        return self._queue(draft, files, countdown)

    def _received(self, said: Sequence[Message]) -> list[OutgoingFile]:
        """The files that customers sent with these messages."""
        received = Files(self._store, self._config)
        return [
            OutgoingFile(file.name, file.media_type, received.content(message.id, place))
            for message in said
            for place, file in enumerate(message.attachments)
        ]

    def _begin(
        self,
        kind: ReplyKind,
        to: str,
        subject: str,
        text: str,
        account: str | None,
        cc: str,
        case: int | None,
        enclosed: Sequence[OutgoingFile],
    ) -> Reply:
        who, copies = addressing.one(to), addressing.several(cc)
        subject = clean(subject, multiline=False, limit=LONGEST_SUBJECT).strip()
        if not subject:
            raise UsageError("the mail has no subject", "give it one")
        with self._store.write("mail") as db:
            name, channel = addressing.account(db, self._config, account, case)
            if who.value in addressing.own(self._config, name):
                raise UsageError(f"{who.value} is an address of your own", "write to somebody else")
            number = accounts.ensure(db, name, channel)
            letter = Letter(kind, channel, number, who, subject, text, copies)
            draft = writing.begin(db, letter, case, self._inbox.agent, self._now())
            if enclosed:
                self._fits(db, writing.draft(db, draft), enclosed)
            for file in enclosed:
                files.add(db, draft, file)
        return self._inbox.reply_by_id(draft)

    def _queue(self, draft: Reply, enclosed: Sequence[Path], countdown: bool) -> Reply:
        """Off it goes; where something speaks against it, nothing is left of it."""
        try:
            for path in enclosed:
                self.attach(draft.id, path)
            return self._inbox.reply(
                draft.case, draft.text, thread=draft.thread, countdown=countdown, draft=draft.id
            )
        except InboxError:
            self.discard(draft.id)
            raise

    # -- comments

    def hide(self, message: int, *, yes: bool = True) -> Reply:
        """Hide a comment from others, or (no) show it again: queued, done by the worker.

        Raises NotFound, UsageError where it cannot be hidden, NothingToDo where it is already.
        """
        with self._store.write("hide") as db:
            found = messages.get(db, message)
            thread = threads.get(db, found.thread) if found and found.thread is not None else None
            if found is None:
                raise NotFound(f"there is no message {message}", "inbox-tui show CASE --json numbers them")
            if thread is None:
                raise UsageError(f"message {message} cannot be hidden", "it is no comment of somebody else")
            key = signing.new_key(accounts.secret(db), f"hide {message}")
            reply = writing.hide(
                db, found, thread, yes=yes, key=key, agent=self._inbox.agent, now=self._now()
            )
        return self._inbox.reply_by_id(reply)

    # -- templates

    def templates(self, channel: str | None = None) -> tuple[Template, ...]:
        """The templates for a channel, its own first; None: all. Raises ConfigError."""
        if not self._config.templates:
            return ()
        from inbox_tui.config.templates import template

        named = self._config.templates
        found = [template(one) for one in named if channel in (None, one.channel) or not one.channel]
        return tuple(sorted(found, key=lambda one: (not one.channel, one.name)) if channel else found)

    def fill(self, template: str, case: int, thread: int | None = None) -> Filled:
        """A template with what is known of this case. Raises NotFound, ConfigError."""
        found = next((one for one in self.templates() if one.name == template), None)
        if found is None:
            known = ", ".join(one.name for one in self._config.templates) or "none"
            raise NotFound(f'there is no template "{snippet(template, 60)}"', f"templates are: {known}")
        with self._store.reading() as db:
            target = choosing.thread_of(db, case, thread, self._now())
        values = self._values(case, target)
        text, missing = fill(found.text, values)
        subject, also = fill(found.subject, values)
        return Filled(text, subject, tuple(dict.fromkeys([*missing, *also])))

    def _values(self, case: int, thread: Thread) -> dict[str, str]:
        row = self._inbox.rows([case])[case]
        person = Author("", None, row.person.name) if thread.with_customer else thread.customer
        name = person.name if person.name != person.value and "@" not in person.name else ""
        settings = self._config.accounts.get(thread.account)
        return {
            "person.name": name,
            "person.first_name": name.split()[0] if name.split() else "",
            "person.handle": thread.customer.handle,
            "case.id": str(case),
            "case.subject": row.subject,
            "agent.name": self._inbox.agent,
            "account.name": getattr(settings, "display_name", "") or thread.account,
            "account.address": getattr(settings, "address", "") or getattr(settings, "handle", ""),
        }


def _moment(at: datetime) -> str:
    """For whoever reads it elsewhere: the same in every language."""
    return f"{at:%Y-%m-%d %H:%M}"
