"""A small threaded HTTP server on loopback, with TLS or without: what the sandbox's web platforms stand on.

Owns sockets, threads, framing and the faults of the line (`faults.ANSWER_FAULTS`), so that no platform
repeats them. It knows no platform: a handler takes a `Request` and gives an `Answer`. It binds to 127.0.0.1
alone and never prints; what a handler raised is kept in `failures`.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import selectors
import socket
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from inbox_tui.sandbox.faults import Fault, Faults

MAX_BODY: Final = 1 << 20
"""Bytes of a request's body; a longer one is refused with 413."""

IDLE_SECONDS: Final = 60.0
"""How long a kept-alive connection may be silent."""

DRIP_BYTES: Final = 16
"""Bytes of a drip of a `slow` answer, where the fault does not say."""

DRIP_SECONDS: Final = 0.05
"""Pause after each drip."""

STOP_SECONDS: Final = 10.0
"""How long `stop` waits for a handler that is still at work."""

_BUSY_PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\n"
    "<body><h1>Service Unavailable</h1><p>No server is available to handle this request.</p></body></html>\n"
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a handler sees it."""

    method: str
    path: str
    """Without the query, percent-encoding as sent."""
    query: dict[str, str]
    """Decoded. A name that comes twice keeps its last value."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""
    target: str = ""
    """Path and query as sent: what a fault's `path` is looked for in."""

    def json(self) -> object:
        """The body as JSON; ValueError where it is none."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("the JSON is nested too deep") from error

    def form(self) -> dict[str, str]:
        """The body as application/x-www-form-urlencoded; ValueError where it is not UTF-8."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler answers."""

    status: int
    body: object = None
    """str goes out as HTML, None as an empty body, anything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        """The body's bytes and its content type."""
        if self.body is None:
            return b"", "text/plain; charset=utf-8"
        if isinstance(self.body, str):
            return self.body.encode(), "text/html; charset=utf-8"
        text = json.dumps(self.body, ensure_ascii=False, separators=(",", ":"))
        # A lone surrogate is legal in JSON text but has no UTF-8: escape it as JSON does.
        return text.encode("utf-8", "backslashreplace"), "application/json; charset=utf-8"


Handler = Callable[[Request], Answer]


class HttpsServer:
    """Serves one handler from `start()` to `stop()`; also a context manager."""

    def __init__(
        self, handler: Handler, *, channel: str, faults: Faults, tls: ssl.SSLContext | None = None
    ) -> None:
        """`tls` None: plain HTTP. `channel` says whose faults strike here."""
        self.handler = handler
        self.channel = channel
        self.faults = faults
        self.tls = tls
        self.drip_seconds = DRIP_SECONDS
        self.stopping = threading.Event()
        self.failures: deque[BaseException] = deque(maxlen=100)
        """What handlers raised, newest last: a fault of the sandbox itself, not one it plays."""
        self._listener = _Listener(self)
        self._thread: threading.Thread | None = None
        self.port: int = self._listener.server_address[1]

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"{'http' if self.tls is None else 'https'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to answer. The port is bound since construction, so nobody is refused meanwhile."""
        if self._thread is not None or self.stopping.is_set():
            raise RuntimeError(f"the {self.channel} server on port {self.port} was started before")
        self._thread = threading.Thread(
            target=self._listener.accept_until_woken, name=f"sandbox-{self.channel}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and wait for every thread. A second call does nothing."""
        self.stopping.set()
        if self._thread is not None:
            self._listener.wake.send(b".")
            self._thread.join()
            self._thread = None
        self._listener.server_close()
        self._listener.hang_up()

    def __enter__(self) -> HttpsServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Listener(ThreadingHTTPServer):
    """Accepts, and keeps book of connections and threads so that stopping leaves none behind."""

    daemon_threads = True
    request_queue_size = 128
    timeout = 0.1
    """Seconds to look for a connection that was announced and may be gone again."""

    def __init__(self, owner: HttpsServer) -> None:
        self.owner = owner
        self.book = threading.Lock()
        self.connections: set[socket.socket] = set()
        self.threads: set[threading.Thread] = set()
        self.wake, self._woken = socket.socketpair()
        super().__init__(("127.0.0.1", 0), _Connection)

    def server_bind(self) -> None:
        # HTTPServer asks the resolver for the host's name here, which can hang; nothing needs that name.
        socket_address = self.server_address
        self.socket.bind(socket_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def accept_until_woken(self) -> None:
        """Accept until something arrives on `wake`; `serve_forever` would look at a flag all the while."""
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while all(key.fileobj is self for key, _ in selector.select()):
                self.handle_request()

    def server_close(self) -> None:
        super().server_close()
        self.wake.close()
        self._woken.close()

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self._serve, args=(request, client_address), name="sandbox-connection", daemon=True
        )
        with self.book:
            self.threads.add(thread)
            self.connections.add(request)
        thread.start()

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self.book:
                self.threads.discard(threading.current_thread())

    def swap(self, old: socket.socket, new: socket.socket) -> None:
        """TLS put another socket in the place of the accepted one."""
        with self.book:
            self.connections.discard(old)
            self.connections.add(new)

    def shutdown_request(self, request: Any) -> None:
        self.close(request)

    def close(self, connection: socket.socket) -> None:
        """End a connection; under the lock, so that `hang_up` never meets a number used anew."""
        with self.book:
            self.connections.discard(connection)
            with contextlib.suppress(OSError):  # the client may have gone already
                socket.socket.shutdown(connection, socket.SHUT_WR)
            connection.close()

    def hang_up(self) -> None:
        """Wake every handler by ending its connection, and wait for its thread."""
        with self.book:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    # The plain method: SSLSocket's own drops its TLS state under the reader's feet.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
            threads = list(self.threads)
        deadline = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def encrypt(self, connection: socket.socket, tls: ssl.SSLContext) -> ssl.SSLSocket:
        """The handshake, in the connection's own thread so that a slow one holds up nobody."""
        connection.settimeout(IDLE_SECONDS)
        encrypted = tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.swap(connection, encrypted)
        try:
            encrypted.do_handshake()
        except OSError:
            self.close(encrypted)
            raise
        return encrypted

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's signature
        # A client that hangs up or fails its handshake is its own affair; all else is a fault of ours.
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.owner.failures.append(error)


class _Refused(Exception):
    """A request that is not read to its end; carries the status of the refusal."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Connection(BaseHTTPRequestHandler):
    """One connection: TLS, then requests until somebody hangs up."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: _Listener

    def setup(self) -> None:
        tls = self.server.owner.tls
        if tls is not None:
            self.request = self.server.encrypt(self.request, tls)
        super().setup()

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.close(self.connection)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: stdout and stderr belong to the command that runs the sandbox."""

    def _handle(self) -> None:
        try:
            request = self._read()
        except _Refused as refused:
            self.close_connection = True
            status, title = refused.status, http.client.responses[refused.status]
            self._send(Answer(status, {"title": title, "detail": str(refused), "status": status}))
            return
        owner = self.server.owner
        if owner.faults.take(owner.channel, "html_503", self.path):
            self._send(Answer(503, _BUSY_PAGE))
            return
        answer = owner.handler(request)
        if request.method != "GET" and owner.faults.take(owner.channel, "accepted_then_dropped", self.path):
            self.close_connection = True
            return
        self._send(answer, owner.faults.take(owner.channel, ("cut", "slow"), self.path))

    do_GET = do_POST = do_PUT = do_DELETE = _handle

    def _read(self) -> Request:
        """The request with its body; _Refused where it will not be read."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers:
            raise _Refused(411, "send a Content-Length")
        if not (length.isascii() and length.isdigit()):
            raise _Refused(400, "Content-Length is not a number")
        if len(length) > 12 or int(length) > MAX_BODY:
            # Read on for a while: closing on unread bytes resets the connection and the answer is lost.
            self.rfile.read(min(int(length[:12]), 8 * MAX_BODY))
            raise _Refused(413, f"the body may have {MAX_BODY} bytes")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("the client hung up inside its body")
        try:
            target = urlsplit(self.path)
        except ValueError as error:
            raise _Refused(400, "the path cannot be read") from error
        return Request(
            method=self.command,
            path=target.path,
            query=dict(parse_qsl(target.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            target=self.path,
        )

    def _send(self, answer: Answer, fault: Fault | None = None) -> None:
        body, content_type = answer.encoded()
        self.send_response(answer.status)
        for name, value in {"Content-Type": content_type, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if fault is None:
            self.wfile.write(body)
        elif fault.name == "cut":
            self._send_cut(body, fault)
        else:
            self._send_slowly(body, fault)
        self.wfile.flush()

    def _send_cut(self, body: bytes, fault: Fault) -> None:
        """At least one byte of what was promised stays away, however many the fault lets through."""
        through = len(body) // 2 if fault.bytes is None else fault.bytes
        self.wfile.write(body[: max(0, min(through, len(body) - 1))])
        self.close_connection = True

    def _send_slowly(self, body: bytes, fault: Fault) -> None:
        step = fault.bytes or DRIP_BYTES
        for begin in range(0, len(body), step):
            self.wfile.write(body[begin : begin + step])
            self.wfile.flush()
            if self.server.owner.stopping.wait(self.server.owner.drip_seconds):
                self.close_connection = True
                return
