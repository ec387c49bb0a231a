"""Stands between a channel and its platform, lets the platform accept, and spoils its answer.

It speaks TLS to both sides, so that the answer can be broken off at any of its own bytes.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inbox_tui.sandbox.runner import Sandbox

WAYS = ("cut", "reset", "silence")
"""The connection is closed, reset, or says nothing more."""
_LENGTH = re.compile(rb"^content-length: (\d+)", re.IGNORECASE | re.MULTILINE)
_ENOUGH = 1 << 16


@dataclass
class Plan:
    """What becomes of the next answer to a write."""

    way: str
    """One of WAYS, or whole."""
    offset: int
    """Bytes of the answer that get through."""
    answer: bytes = b""
    """What the platform answered: it has accepted by then."""


class Proxy:
    """Between one port and whoever speaks to it."""

    def __init__(self, box: Sandbox, port: int) -> None:
        self._tls = box._certificates.server
        self._trust = ssl.create_default_context(cafile=str(box.directory / "ca.pem"))
        self._upstream = port
        self._plan: Plan | None = None
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def arm(self, way: str, offset: int) -> Plan:
        """Spoil the answer to the next write, once."""
        self._plan = Plan(way, offset)
        return self._plan

    def disarm(self) -> None:
        """Let everything through again."""
        self._plan = None

    def close(self) -> None:
        """Hang up."""
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._accepting, *self._threads):
            thread.join(10)

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(threading.Thread(target=self._serve, args=(raw,), daemon=True))
            self._threads[-1].start()

    def _serve(self, raw: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            raw.settimeout(30)
            client = stack.enter_context(self._tls.wrap_socket(raw, server_side=True))
            plain = socket.create_connection(("127.0.0.1", self._upstream), 30)
            upstream = stack.enter_context(self._trust.wrap_socket(plain, server_hostname="127.0.0.1"))
            self._relay(client, upstream)

    def _relay(self, client: ssl.SSLSocket, upstream: ssl.SSLSocket) -> None:
        """Pass on both ways, until somebody hangs up or the plan is carried out."""
        asked, plan = b"", None
        while not self._stopped.is_set():
            for one in _readable(client, upstream):
                data = _read(one)
                if data is None:
                    continue
                if not data:
                    return
                if one is client:
                    asked = (asked + data)[-_ENOUGH:]
                    if self._plan is not None and _is_write(asked):
                        plan, self._plan = self._plan, None
                    upstream.sendall(data)
                elif plan is None:
                    client.sendall(data)
                else:
                    plan.answer += data
                    if _is_whole(plan.answer):
                        self._spoil(client, plan)
                        return

    def _spoil(self, client: ssl.SSLSocket, plan: Plan) -> None:
        through = plan.answer if plan.way == "whole" else plan.answer[: plan.offset]
        if through:
            client.sendall(through)
        if plan.way == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif plan.way == "silence":
            # Until the other side has had enough of it.
            with contextlib.suppress(OSError):
                while client.recv(_ENOUGH):
                    pass


def _readable(*sockets: ssl.SSLSocket) -> list[ssl.SSLSocket]:
    return [one for one in sockets if one.pending()] or select.select(sockets, [], [], 0.2)[0]


def _read(one: ssl.SSLSocket) -> bytes | None:
    """What came; None where it was TLS's own: to wait for more would hold up the other side."""
    one.settimeout(0)
    try:
        return one.recv(_ENOUGH)
    except ssl.SSLWantReadError:
        return None
    finally:
        one.settimeout(30)


def _is_write(asked: bytes) -> bool:
    """Whether something was asked to be sent: by HTTP, or the end of a mail."""
    return (
        asked.startswith(b"POST ")
        or b"\r\nPOST " in asked
        or b"}POST " in asked
        or asked.endswith(b"\r\n.\r\n")
    )


def _is_whole(answer: bytes) -> bool:
    """Whether an answer of HTTP or a line of SMTP is complete."""
    if not answer.startswith(b"HTTP/"):
        return answer.endswith(b"\r\n")
    head, end, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    return bool(end) and (length is None or len(body) >= int(length[1]))


@contextlib.contextmanager
def proxies(box: Sandbox) -> Iterator[dict[str, Proxy]]:
    """One before each server that is written to; the configuration leads to them."""
    ports = {"x": box._x_server.port, "facebook": box._ports()["facebook"], "smtp": box.mail.smtp_port}
    found = {name: Proxy(box, port) for name, port in ports.items()}
    try:
        _lead_to(box.config_path, {ports[name]: one.port for name, one in found.items()})
        yield found
    finally:
        for one in found.values():
            one.close()


def _lead_to(config: Path, ports: dict[int, int]) -> None:
    text = config.read_text("utf-8")
    for old, new in ports.items():
        text = re.sub(rf"(smtp_port = |:){old}\b", rf"\g<1>{new}", text)
    config.write_text(text, "utf-8")
