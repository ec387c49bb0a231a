"""Fixtures of the e-mail channel's tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from inbox_tui.channels.email.limits import MailReader
from inbox_tui.config import EmailAccount
from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.mail_world import MailServer
from tests.channels.email.world import ADDRESS, NOW, OURS, PASSWORD, World


@pytest.fixture(scope="session")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    certificates = make_certificates()
    ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
    certificates.write_ca(ca_file)
    faults = Faults()
    accepted: list[dict[str, object]] = []
    server = MailServer(certificates.server, faults, lambda: NOW, accepted.append)
    server.add_account("mail", ADDRESS, PASSWORD)
    server.start()
    account = EmailAccount(
        name="mail",
        channel="email",
        address=ADDRESS,
        display_name="Shop, Help",
        imap_host="127.0.0.1",
        imap_port=server.imap_port,
        smtp_host="127.0.0.1",
        smtp_port=server.smtp_port,
        ca_file=str(ca_file),
        signature="Your shop\nPort 1",
    )
    yield World(server, faults, accepted, account)
    server.stop()
    assert not server.failures


@pytest.fixture
def world(mail_server: World) -> Iterator[World]:
    mail_server.accepted.clear()
    mail_server.server.clear()
    yield replace(mail_server)
    assert not mail_server.faults.active(), "the test left a fault switched on"


@pytest.fixture(scope="session")
def reader() -> Iterator[MailReader]:
    reader = MailReader(OURS)
    yield reader
    reader.close()
