"""A server that is not what it should be, and writes down every byte that a client gives it."""

from __future__ import annotations

import base64
import binascii
import json
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Talk = Callable[["Line"], None]


@dataclass
class Line:
    """A connection, before or after TLS."""

    socket: socket.socket
    tls: ssl.SSLContext | None
    heard: bytearray

    def say(self, text: str) -> None:
        self.socket.sendall(text.encode() + b"\r\n")

    def hear(self) -> str:
        """A line of the client; empty where it went away."""
        line = b""
        while not line.endswith(b"\n"):
            part = self.socket.recv(1)
            if not part:
                return ""
            line += part
            self.heard += part
        return line.decode("utf-8", "replace").strip()

    def encrypt(self) -> None:
        assert self.tls is not None
        self.socket = self.tls.wrap_socket(self.socket, server_side=True)


@dataclass
class Trap:
    """Where it listens, and what it heard of all connections."""

    port: int
    heard: bytearray = field(default_factory=bytearray)

    def knows(self, secret: str) -> bool:
        """Whether the secret was among it, as it is or in base64."""
        words = re.findall(rb"[A-Za-z0-9+/=]{8,}", bytes(self.heard))
        decoded = [_decoded(word) for word in words]
        return any(secret.encode() in text for text in (bytes(self.heard), *decoded))


def _decoded(word: bytes) -> bytes:
    try:
        return base64.b64decode(word)
    except binascii.Error:
        return b""


@contextmanager
def listening(talk: Talk, tls: ssl.SSLContext | None, *, at_once: bool) -> Iterator[Trap]:
    """Serve with this certificate. at_once: TLS from the first byte; else where the talk begins it."""
    trap = Trap(0)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(10)
            line = Line(self.request, tls, trap.heard)
            try:
                if at_once:
                    line.encrypt()
                talk(line)
            except OSError:
                return  # the client does not want to talk to it: so it should be
            finally:
                line.socket.close()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        trap.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield trap
        finally:
            server.shutdown()
            thread.join()


def imap(line: Line) -> None:
    """Takes any login."""
    line.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN] ready")
    while words := line.hear():
        tag, _, rest = words.partition(" ")
        if rest.upper().startswith("CAPABILITY"):
            line.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN")
        line.say(f"{tag} OK done")


def smtp(line: Line) -> None:
    """Takes any login; offers no STARTTLS."""
    _smtp(line, offers=False)


def smtp_starttls(line: Line) -> None:
    """Offers STARTTLS, and means it."""
    _smtp(line, offers=True)


def smtp_pretends(line: Line) -> None:
    """Offers STARTTLS, says yes, and goes on in the clear."""
    _smtp(line, offers=True, begins=False)


def smtp_refuses(line: Line) -> None:
    """Offers STARTTLS, then will not."""
    _smtp(line, offers=True, answer="454 not now")


def _smtp(line: Line, *, offers: bool, begins: bool = True, answer: str = "220 go ahead") -> None:
    line.say("220 mail.example ESMTP")
    while words := line.hear().upper():
        if words.startswith("EHLO"):
            line.say(
                "250-mail.example\r\n250-AUTH PLAIN LOGIN"
                + ("\r\n250 STARTTLS" if offers else "\r\n250 8BITMIME")
            )
        elif words.startswith("STARTTLS"):
            line.say(answer)
            if begins and answer.startswith("220"):
                line.encrypt()
                offers = False
        elif words.startswith("AUTH LOGIN"):
            line.say("334 VXNlcm5hbWU6")
        else:
            line.say("235 welcome" if words.startswith("AUTH") else "250 done")


def http(line: Line) -> None:
    """Answers any request."""
    while line.hear():
        pass
    line.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


def imap_echoes(line: Line) -> None:
    """Refuses every login, and repeats it."""
    line.say("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR] ready")
    while words := line.hear():
        tag, _, rest = words.partition(" ")
        if rest.upper().startswith("CAPABILITY"):
            line.say(f"* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR\r\n{tag} OK done")
        else:
            line.say(f"{tag} NO [AUTHENTICATIONFAILED] what is {rest}?")


def smtp_echoes(line: Line) -> None:
    """Refuses every login, and repeats it."""
    line.say("220 mail.example ESMTP")
    while words := line.hear():
        if words.upper().startswith("EHLO"):
            line.say("250-mail.example\r\n250 AUTH PLAIN LOGIN")
        else:
            line.say(f"535 5.7.8 what is {words}?")


def http_echoes(line: Line) -> None:
    """Refuses every request, and repeats it."""
    said = []
    while words := line.hear():
        said.append(words)
    body = json.dumps({"error": {"message": " ".join(said), "code": 1}, "title": said[-1]})
    line.say(f"HTTP/1.1 400 Bad\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
