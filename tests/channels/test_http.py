"""The session of a channel: limits, TLS, and what each way to fail is called."""

from __future__ import annotations

import http.client
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from inbox_tui.channels import http as line
from inbox_tui.channels.http import Session, checked_token
from inbox_tui.config import FacebookAccount
from inbox_tui.credentials import Secret
from inbox_tui.errors import (
    BadAnswer,
    ChannelError,
    ConfigError,
    CredentialError,
    LoginNeeded,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Temporary,
)
from inbox_tui.sandbox.certs import Certificates, make_certificates
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.https import Answer, HttpsServer, Request

TOKEN = "token-0123456789abcdef"


class World:
    """A server that answers what it is told, and sessions with it."""

    def __init__(self, certificates: Certificates, ca_file: Path) -> None:
        self.certificates = certificates
        self.ca_file = ca_file
        self.faults = Faults()
        self.answer: Callable[[Request], Answer] = lambda request: Answer(200, {"path": request.path})
        self.asked: list[Request] = []
        self.server = HttpsServer(
            self._handle, channel="facebook", faults=self.faults, tls=certificates.server
        )
        self.sessions: list[Session] = []

    def _handle(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answer(request)

    def session(self, url: str = "", ca_file: str | None = None) -> Session:
        account = FacebookAccount(
            name="page",
            channel="facebook",
            page_id="1",
            ca_file=str(self.ca_file) if ca_file is None else ca_file,
        )

        def check(response: requests.Response, write: bool) -> ChannelError | None:
            return made.usual(response.status_code, made.words(response.text), write)

        made = Session(account, url or self.server.url, (Secret(TOKEN),), check)
        made.headers["Authorization"] = f"Bearer {TOKEN}"
        self.sessions.append(made)
        return made

    def fault(self, name: str, **more: object) -> None:
        self.faults.switch({"channel": "facebook", "fault": name, **more})


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return make_certificates()


@pytest.fixture
def world(tmp_path: Path, certificates: Certificates) -> Iterator[World]:
    certificates.write_ca(tmp_path / "ca.pem")
    made = World(certificates, tmp_path / "ca.pem")
    with made.server:
        yield made
        for session in made.sessions:
            session.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_whatever_host_is_named_the_request_goes_to_ours(world: World) -> None:
    answer = world.session(f"{world.server.url}/v26.0/").get("https://elsewhere.example/a?b=c")
    assert answer.json() == {"path": "/v26.0/a"}
    assert world.asked[0].query == {"b": "c"}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(world: World, status: int) -> None:
    world.answer = lambda request: Answer(status, None, {"Location": "https://elsewhere.example/"})
    with pytest.raises(BadAnswer, match="points elsewhere"):
        world.session().get("/a")
    with pytest.raises(Refused):
        world.session().post("/a", data={"b": "c"})
    assert len(world.asked) == 2


def test_neither_proxies_nor_netrc_nor_ca_of_the_environment_count(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    world.session().get("/a")
    assert world.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_certificate_of_somebody_else_is_named_with_its_mend(world: World) -> None:
    for method in ("GET", "POST"):
        with pytest.raises(Temporary, match="certificate is not trusted") as untrusted:
            world.session(ca_file="").request(method, "/a", data={"text": "words"})
        assert "ca_file of [accounts.page]" in untrusted.value.hint
    assert world.asked == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_delivered_nothing(world: World, method: str) -> None:
    with pytest.raises(Temporary, match="refused"):
        world.session(f"https://127.0.0.1:{free_port()}").request(method, "/a", data={"text": "words"})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_tls_that_fails_delivered_nothing(world: World, method: str) -> None:
    with HttpsServer(world._handle, channel="facebook", faults=world.faults) as plain:
        url = plain.url.replace("http:", "https:")
        with pytest.raises(Temporary, match="TLS failed"):
            world.session(url).request(method, "/a", data={"text": "words"})
    assert world.asked == []


def test_an_unknown_host_delivered_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(Temporary, match="no such host"):
        world.session("https://nowhere.example").post("/a", data={"text": "words"})


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (400, BadAnswer, Refused),
        (401, LoginNeeded, LoginNeeded),
        (404, BadAnswer, Refused),
        (408, Temporary, Temporary),
        (429, RateLimited, RateLimited),
        (500, Temporary, OutcomeUnknown),
        (503, Temporary, OutcomeUnknown),
    ],
)
def test_a_status_has_its_error(
    world: World, status: int, read: type[ChannelError], write: type[ChannelError]
) -> None:
    world.answer = lambda request: Answer(status, {"detail": f"no: {TOKEN}\x1b[2J"})
    for error, act in ((read, world.session().get), (write, world.session().post)):
        with pytest.raises(error) as raised:
            act("/a?page=secret-page", data={"text": "words"})
        assert type(raised.value) is error
        said = f"{raised.value} {raised.value.hint}"
        assert TOKEN not in said and "\x1b" not in said and "secret-page" not in said


@pytest.mark.parametrize("fault", [{"name": "accepted_then_dropped"}, {"name": "cut"}, {"name": "html_503"}])
def test_a_write_that_breaks_after_it_was_sent_is_unknown(world: World, fault: dict[str, Any]) -> None:
    world.fault(**fault, times=1)
    with pytest.raises(OutcomeUnknown):
        world.session().post("/a", data={"text": "words"})


def test_an_answer_that_is_cut_is_a_bad_answer_on_reading(world: World) -> None:
    world.fault("cut", bytes=3, times=1)
    with pytest.raises(BadAnswer, match="broke off"):
        world.session().get("/a")


def test_a_refusal_whose_body_is_cut_is_a_refusal(world: World) -> None:
    world.answer = lambda request: Answer(403, {"detail": "no"})
    world.fault("cut", times=1)
    with pytest.raises(Refused):
        world.session().post("/a", data={"text": "words"})


def test_an_answer_without_end_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LARGEST", 1 << 20)
    world.answer = lambda request: Answer(200, "x" * (3 << 20))
    with pytest.raises(BadAnswer, match="larger than 1 MiB"):
        world.session().get("/a")
    monkeypatch.setattr(line, "LARGEST", 8 << 20)
    monkeypatch.setattr(line, "WHOLE_SECONDS", -1.0)
    with pytest.raises(BadAnswer, match="took longer"):
        world.session().get("/a")


class Silent:
    """Takes connections and lets them wait; reads what comes."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.taken: list[socket.socket] = []
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.thread.start()

    def _take(self) -> None:
        try:
            while True:
                self.taken.append(self.socket.accept()[0])
        except OSError:
            return

    def close(self) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for one in self.taken:
            one.close()


def test_silence_ends_a_request(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "READ_SECONDS", 0.2)
    silent = Silent()
    try:
        with pytest.raises(Temporary, match="no answer in time"):
            world.session(silent.url).get("/a")
        with pytest.raises(OutcomeUnknown, match="no answer in time"):
            world.session(silent.url).post("/a", data={"text": "words"})
    finally:
        silent.close()


class Stuttering(Silent):
    """Breaks off within the headers of each answer."""

    def _take(self) -> None:
        try:
            while True:
                one = self.socket.accept()[0]
                asked = b""
                # Head and body come apart; whoever closes with some of it unread resets the connection.
                while not asked.endswith(b"words"):
                    asked += one.recv(1 << 16)
                one.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCon")
                one.close()
        except OSError:
            return


def test_an_answer_that_breaks_off_in_its_headers_is_empty_and_makes_no_noise(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    stuttering = Stuttering()
    try:
        answer = world.session(stuttering.url).post("/a", data={"text": "words"})
    finally:
        stuttering.close()
    assert answer.content == b""
    assert caplog.records == []


def test_every_request_has_time_limits() -> None:
    assert (line.CONNECT_SECONDS, line.READ_SECONDS) == (5.0, 30.0)


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.example",
        "ftp://127.0.0.1",
        "graph.example",
        "https://",
        "https://u@h.example",
        "https://h:x",
        "",
    ],
)
def test_an_unfit_api_url_is_named(world: World, url: str) -> None:
    account = FacebookAccount(name="page", channel="facebook", page_id="1")
    with pytest.raises(ConfigError, match=r"\[accounts.page\] api_url"):
        Session(account, url, (), lambda response, write: None)


def test_plain_http_is_for_loopback_alone(world: World) -> None:
    with HttpsServer(world._handle, channel="facebook", faults=world.faults) as plain:
        assert world.session(plain.url).get("/a").json() == {"path": "/a"}


def test_a_missing_ca_file_is_named(world: World) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        world.session(ca_file="/nowhere/ca.pem")


@pytest.mark.parametrize("token", ["two words", "umläut", "line\nbreak", "\x00"])
def test_a_token_that_fits_no_header_is_not_shown(token: str) -> None:
    account = FacebookAccount(name="page", channel="facebook", page_id="1")
    with pytest.raises(CredentialError) as error:
        checked_token(account, token)
    assert token not in f"{error.value} {error.value.hint}"


def test_a_cookie_is_not_kept(world: World) -> None:
    world.answer = lambda request: Answer(200, {}, {"Set-Cookie": "a=b"})
    session = world.session()
    session.get("/a")
    session.get("/a")
    assert "cookie" not in world.asked[1].headers


def test_no_log_holds_the_token_even_at_debug(
    world: World, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    import tweepy

    session = world.session()
    for name in (None, "tweepy", "tweepy.client", "urllib3.connectionpool", "requests_oauthlib"):
        caplog.set_level(logging.DEBUG, logger=name)
    client = tweepy.Client(bearer_token=TOKEN, return_type=dict)
    client.session.close()
    client.session = session
    logging.getLogger("somebody").debug("logging works")
    assert client.get_me(user_auth=False) == {"path": "/2/users/me"}
    assert "logging works" in caplog.text
    assert TOKEN not in caplog.text
    out, err = capfd.readouterr()
    assert TOKEN not in out + err
    assert http.client.HTTPConnection.debuglevel == 0


def test_a_traceback_does_not_carry_the_request(world: World) -> None:
    with pytest.raises(Temporary) as error:
        world.session(f"https://127.0.0.1:{free_port()}").get("/a")
    assert error.value.__cause__ is None and error.value.__suppress_context__
