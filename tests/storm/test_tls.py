"""No secret goes to a server that is not the right one: each fault of TLS on each protocol."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests
import trustme

from inbox_tui.channels.email import open_channel
from inbox_tui.channels.http import Session
from inbox_tui.config import EmailAccount, FacebookAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import ChannelError
from tests.storm import trap
from tests.storm.conftest import Storm
from tests.storm.trap import Talk, listening

SECRET = "canary-5ecret-0123456789"
Client = Callable[[int, str], None]


@dataclass(frozen=True)
class Certificates:
    """What a server may show: one good certificate and some that are not."""

    ca_file: str
    shown: dict[str, ssl.SSLContext]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    ours, other = trustme.CA(), trustme.CA()
    ca_file = tmp_path_factory.mktemp("tls") / "ca.pem"
    ca_file.write_bytes(ours.cert_pem.bytes())
    past = datetime.now(UTC) - timedelta(days=1)
    shown = {
        "good": _context(ours.issue_cert("127.0.0.1")),
        "another authority": _context(other.issue_cert("127.0.0.1")),
        "another host": _context(ours.issue_cert("mail.evil.example", "127.0.0.2")),
        "expired": _context(
            ours.issue_cert("127.0.0.1", not_before=past - timedelta(days=9), not_after=past)
        ),
        "not valid yet": _context(ours.issue_cert("127.0.0.1", not_before=past + timedelta(days=9))),
        "TLS 1.1": _old(ours.issue_cert("127.0.0.1")),
    }
    return Certificates(str(ca_file), shown)


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def _old(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = _context(certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _email(port: int, ca_file: str, security: str) -> EmailAccount:
    return EmailAccount(
        name="mail",
        channel="email",
        address="help@shop.example",
        imap_host="127.0.0.1",
        imap_port=port,
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
        ca_file=ca_file,
    )


def read_mail(port: int, ca_file: str) -> None:
    with closing(open_channel(_email(port, ca_file, "tls"), Secret(SECRET))) as channel:
        next(iter(channel.fetch({}, 0)), None)


def send_tls(port: int, ca_file: str) -> None:
    with closing(open_channel(_email(port, ca_file, "tls"), Secret(SECRET))) as channel:
        channel.try_sending()


def send_starttls(port: int, ca_file: str) -> None:
    with closing(open_channel(_email(port, ca_file, "starttls"), Secret(SECRET))) as channel:
        channel.try_sending()


def ask_https(port: int, ca_file: str) -> None:
    account = FacebookAccount(name="page", channel="facebook", page_id="1", ca_file=ca_file)

    def check(response: requests.Response, write: bool) -> ChannelError | None:
        return None

    with closing(Session(account, f"https://127.0.0.1:{port}", (Secret(SECRET),), check)) as session:
        session.headers["Authorization"] = f"Bearer {SECRET}"
        session.get("/me")


PROTOCOLS: dict[str, tuple[Client, Talk, bool]] = {
    "IMAP": (read_mail, trap.imap, True),
    "SMTP": (send_tls, trap.smtp, True),
    "SMTP by STARTTLS": (send_starttls, trap.smtp_starttls, False),
    "HTTPS": (ask_https, trap.http, True),
}
BAD = ("another authority", "another host", "expired", "not valid yet", "TLS 1.1")
DOWNGRADES: dict[str, tuple[Client, Talk]] = {
    "IMAP in the clear": (read_mail, trap.imap),
    "SMTP in the clear": (send_tls, trap.smtp),
    "HTTP in the clear": (ask_https, trap.http),
    "STARTTLS stripped": (send_starttls, trap.smtp),
    "STARTTLS pretended": (send_starttls, trap.smtp_pretends),
    "STARTTLS refused": (send_starttls, trap.smtp_refuses),
}


def _cases() -> Iterator[tuple[str, str, Client, Talk, bool]]:
    for protocol, (client, talk, at_once) in PROTOCOLS.items():
        yield from ((protocol, shown, client, talk, at_once) for shown in BAD)
    for name, (client, talk) in DOWNGRADES.items():
        yield name, "", client, talk, False


def test_a_server_that_is_not_the_right_one_gets_no_secret(storm: Storm, certificates: Certificates) -> None:
    refused = 0
    for protocol, shown, client, talk, at_once in _cases():
        with listening(talk, certificates.shown.get(shown), at_once=at_once) as server:
            where = f"{protocol}, {shown or 'no TLS'}"
            with pytest.raises(ChannelError) as caught:
                client(server.port, certificates.ca_file)
            said = f"{caught.value.message} {caught.value.hint}"
            assert not server.knows(SECRET), where
            assert SECRET not in said
            assert caught.value.hint, where
            assert f"127.0.0.1:{server.port}" in said, f"{where}: it is not said which server: {said}"
            refused += 1
    storm.note(
        f"{refused} servers that are not the right one, on {len(PROTOCOLS)} protocols: all refused, 0 secrets"
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_right_server_gets_it(certificates: Certificates, protocol: str) -> None:
    """Else nothing that is said of the others would mean anything."""
    client, talk, at_once = PROTOCOLS[protocol]
    with listening(talk, certificates.shown["good"], at_once=at_once) as server:
        try:
            client(server.port, certificates.ca_file)
        except ChannelError:
            pass  # it is a poor mail server
        assert server.knows(SECRET)
