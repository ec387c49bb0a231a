"""The faults: when they are on and whom they strike, and what the faults of the line do to a real client."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.sandbox.certs import make_certificates
from inbox_tui.sandbox.faults import KNOWN, Fault, Faults
from inbox_tui.sandbox.https import MAX_BODY, Answer, HttpsServer, Request


def switch(faults: Faults, name: str, channel: str = "x", **more: object) -> None:
    faults.switch({"kind": "fault", "channel": channel, "fault": name, "on": True, **more})


# The register


def test_a_fault_strikes_until_it_is_switched_off() -> None:
    faults = Faults()
    switch(faults, "unauthorized")
    for _ in range(5):
        assert faults.take("x", "unauthorized") == Fault("x", "unauthorized")
    switch(faults, "unauthorized", on=False)
    assert faults.take("x", "unauthorized") is None
    assert faults.active() == ()


@given(times=st.integers(1, 20), asked=st.integers(0, 40))
def test_times_is_how_many_requests_it_hits(times: int, asked: int) -> None:
    faults = Faults()
    switch(faults, "cut", times=times, bytes=7)
    hits = [faults.take("x", ("slow", "cut")) for _ in range(asked)]
    assert sum(hit is not None for hit in hits) == min(times, asked)
    assert bool(faults.active()) == (asked < times)


def test_times_holds_when_many_threads_ask_at_once() -> None:
    faults = Faults()
    switch(faults, "cut", times=50)
    hits: list[Fault] = []

    def ask() -> None:
        for _ in range(40):
            hit = faults.take("x", "cut")
            if hit is not None:
                hits.append(hit)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hits) == 50


def test_a_fault_keeps_to_its_channel_and_its_path() -> None:
    faults = Faults()
    switch(faults, "rate_limit", reset=60, path="/mentions")
    assert faults.take("facebook", "rate_limit", "/mentions") is None
    assert faults.take("x", "rate_limit", "/2/tweets") is None
    hit = faults.take("x", "rate_limit", "/2/users/1/mentions?since_id=3")
    assert hit is not None
    assert hit.reset == 60


def test_switched_on_again_it_replaces_itself_and_off_without_a_path_ends_it_everywhere() -> None:
    faults = Faults()
    switch(faults, "cut", times=1)
    switch(faults, "cut", times=3, bytes=2)
    switch(faults, "cut", path="/a")
    assert [(one.times, one.path) for one in faults.active()] == [(3, None), (None, "/a")]
    switch(faults, "cut", on=False)
    assert faults.active() == ()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ({"channel": "x", "fault": "earthquake"}, "html_503"),
        ({"channel": "x", "fault": "uidvalidity"}, "rate_limit"),
        ({"channel": "email", "fault": "cut"}, "smtp_drop_after_dot"),
        ({"channel": "fax", "fault": "cut"}, "facebook"),
        ({"fault": "cut"}, "email"),
        ({"channel": "x", "fault": None}, "unauthorized"),
        ({"channel": "x", "fault": "cut", "times": 0}, "times"),
        ({"channel": "x", "fault": "cut", "times": True}, "times"),
        ({"channel": "x", "fault": "cut", "bytes": "9"}, "bytes"),
        ({"channel": "x", "fault": "rate_limit", "reset": -1}, "reset"),
        ({"channel": "x", "fault": "cut", "path": 3}, "path"),
        ({"channel": "x", "fault": "cut", "on": "yes"}, "on"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_and_says_what_is_known(
    line: dict[str, object], named: str
) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=named):
        faults.switch(line)
    assert faults.active() == ()


def test_every_known_fault_can_be_switched_on() -> None:
    faults = Faults()
    for channel, names in KNOWN.items():
        for name in names:
            switch(faults, name, channel)
            assert faults.take(channel, name) is not None


# What they do on the line


class Line:
    """A server that counts what it was asked, and a real client of it."""

    def __init__(self, *, tls: bool, ca_file: str) -> None:
        certificates = make_certificates() if tls else None
        self.seen: list[Request] = []
        self.faults = Faults()
        self.server = HttpsServer(
            self._answer,
            channel="x",
            faults=self.faults,
            tls=certificates.server if certificates else None,
        )
        self.server.drip_seconds = 0.0
        self.client = requests.Session()
        self.client.trust_env = False
        if certificates:
            with open(ca_file, "wb") as file:
                file.write(certificates.ca_pem)
            self.client.verify = ca_file

    def _answer(self, request: Request) -> Answer:
        self.seen.append(request)
        return Answer(200, {"path": request.path, "text": "ä" * 50}, {"x-seen": str(len(self.seen))})

    def send(self, method: str = "GET", path: str = "/a", data: bytes | None = None) -> requests.Response:
        return self.client.request(method, self.server.url + path, data=data, timeout=10)


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def line(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    made = Line(tls=request.param, ca_file=str(tmp_path_factory.mktemp("ca") / "ca.pem"))
    before = threading.active_count()
    with made.server, made.client:
        yield made
    assert threading.active_count() == before
    assert not made.server.failures


def test_requests_arrive_whole_over_one_connection(line: Line) -> None:
    answer = line.send("POST", "/a%20b/c?q=%C3%A4&q=z&empty=", b'{"n": 1}')
    assert answer.json() == {"path": "/a%20b/c", "text": "ä" * 50}
    assert answer.headers["x-seen"] == "1"
    seen = line.seen[0]
    assert (seen.method, seen.query, seen.json()) == ("POST", {"q": "z", "empty": ""}, {"n": 1})
    assert seen.target == "/a%20b/c?q=%C3%A4&q=z&empty="
    line.send()
    with line.server._listener.book:
        assert len(line.server._listener.connections) == 1


def test_html_503_answers_before_anything_is_done(line: Line) -> None:
    switch(line.faults, "html_503", times=1)
    answer = line.send("POST")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert line.seen == []
    assert line.send().status_code == 200


@pytest.mark.parametrize("through", [0, 10, None, 10_000])
def test_cut_breaks_off_a_body_that_promised_more(line: Line, through: int | None) -> None:
    switch(line.faults, "cut", times=1, bytes=through)
    with pytest.raises(requests.exceptions.RequestException, match="Connection broken: IncompleteRead"):
        line.send()
    assert line.send().status_code == 200


def test_slow_drips_and_arrives_whole(line: Line) -> None:
    switch(line.faults, "slow", times=1, bytes=3)
    assert line.send().json()["text"] == "ä" * 50
    assert line.faults.active() == ()


def test_accepted_then_dropped_strikes_writes_alone_and_after_they_are_done(line: Line) -> None:
    switch(line.faults, "accepted_then_dropped", times=1)
    assert line.send("GET").status_code == 200
    with pytest.raises(requests.exceptions.ConnectionError):
        line.send("POST")
    assert [request.method for request in line.seen] == ["GET", "POST"]
    assert line.send("POST").status_code == 200


def test_a_body_beyond_the_limit_is_refused(line: Line) -> None:
    assert line.send("POST", data=b"x" * (MAX_BODY + 1)).status_code == 413
    assert line.seen == []


@pytest.mark.parametrize(
    ("header", "status"),
    [("Content-Length: -1", b"400"), ("Content-Length: ten", b"400"), ("Transfer-Encoding: chunked", b"411")],
)
def test_framing_it_does_not_speak_is_refused(header: str, status: bytes) -> None:
    with (
        HttpsServer(lambda request: Answer(200), channel="x", faults=Faults()) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        client.sendall(f"POST / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
        assert client.recv(1000).startswith(b"HTTP/1.1 " + status)


def test_a_silent_handshake_holds_up_nobody_and_stop_ends_it(line: Line) -> None:
    with socket.create_connection(("127.0.0.1", line.server.port)) as silent:
        assert line.send().status_code == 200
        line.server.stop()
        silent.settimeout(10)
        assert silent.recv(1) == b""


def test_a_client_that_does_not_trust_us_does_no_harm() -> None:
    certificates = make_certificates()
    with HttpsServer(
        lambda request: Answer(200), channel="x", faults=Faults(), tls=certificates.server
    ) as server:
        with requests.Session() as client, pytest.raises(requests.exceptions.SSLError):
            client.trust_env = False
            client.get(server.url, timeout=10)
        assert not server.failures


def test_a_handler_that_fails_drops_the_connection_and_is_kept() -> None:
    def fail(request: Request) -> Answer:
        raise KeyError("our own mistake")

    with HttpsServer(fail, channel="x", faults=Faults()) as server:
        with requests.Session() as client, pytest.raises(requests.exceptions.ConnectionError):
            client.get(server.url, timeout=10)
        server.stop()
        assert [type(error) for error in server.failures] == [KeyError]


def test_json_that_cannot_be_read_is_a_value_error() -> None:
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(ValueError):
            Request("POST", "/", {}, {}, body).json()


@given(text=st.text(st.characters(codec=None, exclude_categories=()), max_size=20))
def test_whatever_text_an_answer_holds_arrives_as_it_was(text: str) -> None:
    body, content_type = Answer(200, {"text": text}).encoded()
    assert content_type.startswith("application/json")
    assert json.loads(body.decode()) == {"text": text}
