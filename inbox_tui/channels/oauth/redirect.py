"""Where the browser comes back to: a listener on loopback that takes one answer and says so in the browser.

Owns the socket. What the answer means is the business of `flows`.
"""

from __future__ import annotations

import html
import socketserver
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import parse_qs, urlsplit

from inbox_tui.errors import ConfigError

LOOK_SECONDS: Final = 0.2
_LONGEST: Final = 16_384


class Redirect:
    """Listens from construction to `close`."""

    def __init__(self, account: str, port: int) -> None:
        """port 0: any free one. Raises ConfigError where it is taken."""
        try:
            self._server = _Server(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise ConfigError(
                f"account {account}: port {port} of this machine cannot be listened on: {error.strerror}",
                f"end what uses it, or set redirect_port in [accounts.{account}.oauth]",
            ) from None
        self._server.timeout = LOOK_SECONDS
        self.port: int = self._server.server_address[1]

    def look(self) -> dict[str, str] | None:
        """Wait a moment for the browser; what it brought, or None."""
        self._server.handle_request()
        return self._server.brought

    def close(self) -> None:
        """Stop listening."""
        self._server.server_close()


def parameters(address: str) -> dict[str, str] | None:
    """What an address brings back; None where it is no answer to a login."""
    try:
        found = parse_qs(urlsplit(address.strip()[:_LONGEST]).query)
    except ValueError:
        return None
    if not ("code" in found or "error" in found):
        return None
    return {name: values[0] for name, values in found.items()}


class _Server(socketserver.TCPServer):
    allow_reuse_address = True
    brought: dict[str, str] | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up is no matter: it, or another, comes again."""


class _Handler(BaseHTTPRequestHandler):
    timeout = 5
    server: _Server

    def do_GET(self) -> None:
        brought = parameters(self.path)
        if brought is None:
            self._say(404, "There is nothing here.")
            return
        self.server.brought = brought
        if "error" in brought:
            self._say(200, "The login was refused. The terminal says more; this page can be closed.")
        else:
            self._say(200, "Thank you. Go back to the terminal; this page can be closed.")

    def log_message(self, format: str, *args: object) -> None:
        """The request line holds the code: it is written nowhere."""

    def _say(self, status: int, words: str) -> None:
        page = (
            f"<!DOCTYPE html><meta charset=utf-8><title>inbox-tui</title><p>{html.escape(words)}</p>".encode()
        )
        self.send_response(status)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)
