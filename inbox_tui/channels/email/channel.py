"""The e-mail channel: the parts put together."""

from __future__ import annotations

import time
from collections.abc import Iterator

from inbox_tui.channels.base import Cursor, Examined, Lack, Page
from inbox_tui.channels.email import smtp
from inbox_tui.channels.email.compose import compose, copies, message_id, recipient
from inbox_tui.channels.email.idle import Ear
from inbox_tui.channels.email.imap import Mailbox
from inbox_tui.channels.email.limits import MailReader
from inbox_tui.channels.email.reading import Reading
from inbox_tui.channels.email.records import Ours
from inbox_tui.channels.email.wire import checked
from inbox_tui.config import EmailAccount
from inbox_tui.credentials import Secret
from inbox_tui.model import Capabilities, LengthRule, Outgoing, Receipt, ReplyKind


class EmailChannel:
    """A mailbox. The connection to read it is kept between fetches; each mail is sent over one of its own."""

    def __init__(self, account: EmailAccount, secret: Secret) -> None:
        self.account: EmailAccount = account
        self.can = Capabilities(
            public=False,
            length_rule=LengthRule.NONE,
            subjects=True,
            files_copy=True,
            # Where we file the copy ourselves, its absence from Sent says nothing about the mail.
            settles=not account.sent_copy,
            max_files_bytes=account.max_files_bytes,
            copies=True,
        )
        self._secret = secret
        self._mailbox = Mailbox(account, secret)
        self._ear = Ear(self._mailbox, account.folders[0] if account.folders else "INBOX")
        self._reader = MailReader(_ours(account))

    def fetch(self, cursor: Cursor, now: int) -> Iterator[Page]:
        """See `base.Channel` and `reading`."""
        self._reader.start()
        self._mailbox.connect()
        yield from Reading(self.account, self._mailbox, self._reader, cursor, now).pages()

    def wait(self, timeout: float) -> bool:
        """See `base.Listener`."""
        return self._ear.wait(timeout)

    def send(self, reply: Outgoing) -> Receipt:
        """Hand the mail to the SMTP server. The receipt is its 250."""
        now = time.time_ns() // 1_000_000
        own_id = message_id(self.account, reply)
        to = (recipient(reply), *copies(reply))
        mail = compose(self.account, reply, now)
        smtp.deliver(self.account, self._secret, to, mail, returns=reply.kind is not ReplyKind.ACK)
        return Receipt(external_id=own_id, sent_at=now, mail_message_id=own_id)

    def try_sending(self) -> None:
        """Log in at the SMTP server."""
        smtp.greet(self.account, self._secret)

    def examine(self) -> Examined:
        """See `base.Examiner`."""
        self._mailbox.connect()
        missing = [folder for folder in self.account.folders if not self._mailbox.exists(folder)]
        mend = f"in [accounts.{self.account.name}]"
        lacks = [Lack(f"there is no folder {folder}", f"correct folders {mend}") for folder in missing]
        if self.account.sent_folder and self._mailbox.sent_folder() is None and not self.account.sent_copy:
            lacks.append(
                Lack(f"there is no folder {self.account.sent_folder}", f"correct sent_folder {mend}")
            )
        self.try_sending()
        return Examined(tuple(lacks))

    def find_sent(self, reply: Outgoing) -> Receipt | None:
        """Look for the reply's Message-ID in the Sent folder."""
        own_id = message_id(self.account, reply)
        self._mailbox.connect()
        sent = self._mailbox.sent_folder()
        if sent is None:
            return None
        self._mailbox.select(sent)
        found = sorted(self._with_message_id(own_id))
        if not found:
            return None
        facts = self._mailbox.sizes(found[:1]).get(found[0])
        at = reply.queued_at if facts is None or facts.at is None else facts.at
        return Receipt(external_id=own_id, sent_at=at, mail_message_id=own_id)

    def file_copy(self, reply: Outgoing) -> None:
        """Put the very mail into Sent where the provider does not, then mark the answered one."""
        self._mailbox.connect()
        if self.account.sent_copy and self.account.sent_folder:
            self._put_copy(reply)
        if reply.kind is not ReplyKind.ACK:
            self._mark_answered(reply)

    def close(self) -> None:
        """Hang up and end the reader's process."""
        self._mailbox.close()
        self._reader.close()

    def _put_copy(self, reply: Outgoing) -> None:
        sent = self._mailbox.sent_folder()
        if sent is None:
            sent = self.account.sent_folder
            self._mailbox.create(sent)
        self._mailbox.select(sent)
        if not self._with_message_id(message_id(self.account, reply)):
            at = reply.queued_at if reply.sent_at is None else reply.sent_at
            self._mailbox.append(sent, compose(self.account, reply, at), at)

    def _mark_answered(self, reply: Outgoing) -> None:
        folder, _, place = reply.in_reply_to.rpartition("/")[0].rpartition("/")
        uid = reply.in_reply_to.rpartition("/")[2]
        if not folder or not uid.isdecimal() or not self._mailbox.exists(folder):
            return  # it was not answered by this channel, or its folder is gone: there is nothing to mark
        selected = self._mailbox.select(folder, write=True)
        if str(selected.uidvalidity) == place:
            found = {int(uid)}
        elif reply.mail_in_reply_to:
            found = self._with_message_id(reply.mail_in_reply_to)
        else:
            found = set()
        for one in sorted(found)[:5]:
            self._mailbox.mark_answered(one)

    def _with_message_id(self, value: str) -> set[int]:
        """UIDs in the open folder; none for an id that no search can carry."""
        if not value.isascii():
            return set()
        return self._mailbox.search(["HEADER", "Message-ID", checked(value, "a Message-ID")])


def _ours(account: EmailAccount) -> Ours:
    return Ours(
        addresses=frozenset(one.lower() for one in (account.address, *account.aliases)),
        web_forms=frozenset(one.lower() for one in account.web_forms),
        authserv_id=account.authserv_id.lower(),
    )
