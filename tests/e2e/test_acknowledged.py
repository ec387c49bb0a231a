"""Two desks that both acknowledge, over real mail servers: they stop after one message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from inbox_tui.bootstrap import open_inbox, open_worker
from inbox_tui.config import Config, EmailAccount
from inbox_tui.inbox import Inbox, wall_clock
from inbox_tui.model import CaseState, Kind
from inbox_tui.sandbox.certs import Certificates, make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.mail_world import MailServer, StoredMail
from inbox_tui.service.worker import Worker

_MARKS = re.compile(rb"(?mi)^(auto-submitted|x-auto-response-suppress): .*\r?\n")
ROUNDS = 5


@dataclass
class Desk:
    """A firm with a mail server of its own."""

    address: str
    server: MailServer
    accepted: list[dict[str, object]]
    worker: Worker
    inbox: Inbox
    carried: int = field(default=0)
    """Mails of its Sent folder that have reached the other firm."""

    def work(self) -> None:
        results = self.worker.fetch_once()
        assert [one.error for one in results.values() if one.error] == []

    def mail_to(self, other: Desk, *, marks: bool) -> int:
        """Carry what was sent to the other firm; marks: with the headers that say what it is."""
        sent = self.server.mailbox("mail", "Sent")[self.carried :]
        raws = [raw if marks else _MARKS.sub(b"", raw) for _, _, raw in sent]
        if raws:
            other.server.deliver_many("mail", [StoredMail(raw) for raw in raws])
        self.carried += len(sent)
        return len(sent)


def desk(stack: ExitStack, folder: Path, name: str, certificates: Certificates) -> Desk:
    folder.mkdir()
    certificates.write_ca(folder / "ca.pem")
    (folder / "password").write_text("correct horse")
    (folder / "password").chmod(0o600)
    address, accepted = f"help@{name}.example", list[dict[str, object]]()
    server = MailServer(certificates.server, Faults(), wall_clock, accepted.append)
    server.add_account("mail", address, "correct horse")
    server.start()
    stack.callback(server.stop)
    account = EmailAccount(
        name="mail",
        channel="email",
        address=address,
        imap_host="127.0.0.1",
        imap_port=server.imap_port,
        smtp_host="127.0.0.1",
        smtp_port=server.smtp_port,
        ca_file=str(folder / "ca.pem"),
        secret_file=str(folder / "password"),
        acknowledge="all",
    )
    config = Config(path=None, store=folder / "inbox.db", agent="lena", accounts={"mail": account})
    worker = open_worker(config)
    assert worker.try_lock()
    stack.callback(worker.close)
    inbox = open_inbox(config)
    stack.callback(inbox.close)
    made = Desk(address, server, accepted, worker, inbox)
    made.work()
    return made


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    certificates = make_certificates()
    with ExitStack() as stack:
        yield tuple(desk(stack, tmp_path / name, name, certificates) for name in ("shop", "firm"))  # type: ignore[misc]


def exchange(one: Desk, other: Desk, *, marks: bool) -> int:
    """Let both work and carry their mails until long after they should be still; mails of the last round."""
    carried = 0
    for _ in range(ROUNDS):
        carried = one.mail_to(other, marks=marks)
        other.work()
        carried += other.mail_to(one, marks=marks)
        one.work()
    return carried


def written(one: Desk, other: Desk) -> None:
    """An agent of the one firm writes to the other."""
    one.inbox.writing.new_mail(other.address, "An offer", "Hello, do you have two of these for us?")
    one.work()
    assert len(one.accepted) == 1


def test_two_responders_stop_after_one_message(desks: tuple[Desk, Desk]) -> None:
    shop, firm = desks
    written(shop, firm)
    assert exchange(shop, firm, marks=True) == 0
    assert len(shop.accepted) == 1
    [acknowledgement] = firm.accepted
    assert acknowledgement["null_return_path"] is True
    assert acknowledgement["to"] == shop.address

    [row] = firm.inbox.page("waiting")
    timeline = firm.inbox.case(row.id).timeline
    assert [(one.kind, one.owed) for one in timeline] == [(Kind.MESSAGE, True), (Kind.ACK, False)]
    assert firm.inbox.outbox() == ()
    [ours] = shop.inbox.page("pending")
    assert shop.inbox.case(ours.id).row.state is CaseState.PENDING, "an acknowledgement is no answer"
    assert firm.inbox.rebuild() == shop.inbox.rebuild() == ()


def test_so_they_do_where_a_gateway_takes_the_marks_away(desks: tuple[Desk, Desk]) -> None:
    shop, firm = desks
    written(shop, firm)
    assert exchange(shop, firm, marks=False) == 0
    assert len(firm.accepted) == 1
    assert len(shop.accepted) == 2, "the mail of the agent, and one acknowledgement"
