"""What a Graph API caller may ask, read from query and body: pure functions, and the refusal they raise.

They know the platform's parameters (fields, limit, since, until, after) and none of its paths.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from inbox_tui.sandbox.graph_world import Comment, Post, place
from inbox_tui.sandbox.https import Answer, Request

LIMIT_DEFAULT: Final = 25
LIMIT_MAX: Final = 100

Wanted = Sequence[tuple[str, tuple[str, ...]]]
"""Fields asked for, each with the parts wanted of it; no part named means all."""

_FIELD = re.compile(r"([a-z_]+)(?:\{([a-z_,\s]*)\})?")
_Thing = TypeVar("_Thing", Post, Comment)


class GraphError(Exception):
    """A refusal in the platform's own shape."""

    def __init__(
        self,
        code: int,
        message: str,
        status: int = 400,
        kind: str = "OAuthException",
        subcode: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, object] = {"message": message, "type": kind, "code": code}
        if subcode is not None:
            self.body["error_subcode"] = subcode
        self.body["fbtrace_id"] = "ASandboxTrace"

    def answer(self, headers: Mapping[str, str]) -> Answer:
        """As it goes out."""
        return Answer(self.status, {"error": self.body}, headers)


def read_fields(query: Mapping[str, str], default: Sequence[str], known: Sequence[str], node: str) -> Wanted:
    """What ``fields`` asks for, or the default where it asks for nothing."""
    asked = query.get("fields", "")
    if not asked.strip():
        return [(name, ()) for name in default]
    wanted: list[tuple[str, tuple[str, ...]]] = []
    for part in re.split(r",(?![^{]*\})", asked):
        match = _FIELD.fullmatch(part.strip())
        if match is None:
            raise GraphError(2500, f"Syntax error: {part.strip()!r} in the parameter fields")
        if match[1] not in known:
            raise GraphError(
                100, f"(#100) Tried accessing nonexisting field ({match[1]}) on node type ({node})"
            )
        parts = tuple(one.strip() for one in (match[2] or "").split(",") if one.strip())
        wanted.append((match[1], parts))
    return wanted


def pick(known: Mapping[str, object], wanted: Wanted) -> dict[str, object]:
    """Of all that is known the part that was asked for; the id comes always."""
    picked: dict[str, object] = {}
    for name, parts in wanted:
        value = known.get(name)
        if value is None:
            continue
        if parts and isinstance(value, dict):
            value = {key: inner for key, inner in value.items() if key in parts or key == "id"}
        picked[name] = value
    picked["id"] = known["id"]
    return picked


def read_limit(query: Mapping[str, str]) -> int:
    """Items a page, 1 to LIMIT_MAX; more is an error, as the feed documents it."""
    asked = query.get("limit", str(LIMIT_DEFAULT))
    if not (asked.isascii() and asked.isdigit()) or len(asked) > 9 or int(asked) == 0:
        raise GraphError(100, "(#100) Param limit must be a positive integer")
    if int(asked) > LIMIT_MAX:
        raise GraphError(100, f"(#100) Param limit must be at most {LIMIT_MAX}")
    return int(asked)


def read_choice(query: Mapping[str, str], name: str, known: tuple[str, str]) -> str:
    """One of two words; the first where none is given."""
    asked = query.get(name, known[0])
    if asked not in known:
        raise GraphError(100, f"(#100) Param {name} must be one of {{{', '.join(known)}}}")
    return asked


def between(
    things: Sequence[_Thing], query: Mapping[str, str], moment: Callable[[_Thing], int]
) -> list[_Thing]:
    """Those whose ``moment`` (milliseconds) lies in ``since`` to ``until``, both included."""
    since = read_seconds(query, "since")
    until = read_seconds(query, "until")
    return [
        one
        for one in things
        if (since is None or moment(one) // 1000 >= since) and (until is None or moment(one) // 1000 <= until)
    ]


def read_seconds(query: Mapping[str, str], name: str) -> int | None:
    """A bound in Unix seconds; the platform takes digits, or a date as people write it."""
    asked = query.get(name)
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit() and len(asked) <= 11:
        return int(asked)
    try:
        moment = datetime.fromisoformat(asked)
    except ValueError:
        raise GraphError(100, f"(#100) Param {name} must be a Unix timestamp or a date") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def cursor(thing: Post | Comment) -> str:
    """Where a page ended, opaque to the caller."""
    created, number = place(thing)
    return base64.urlsafe_b64encode(f"{created}:{number}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int, int]:
    """The place a cursor stands for."""
    try:
        created, _, number = (
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii").partition(":")
        )
        return int(created), int(number)
    except ValueError:
        raise GraphError(100, "(#100) Invalid cursors values: after") from None


def read_body(request: Request) -> dict[str, Any]:
    """The fields of a write, form-encoded or JSON."""
    try:
        if request.headers.get("content-type", "").startswith("application/json"):
            read = request.json()
            if not isinstance(read, dict):
                raise GraphError(100, "(#100) The body must be a JSON object")
            return read
        return dict(request.form())
    except ValueError:
        raise GraphError(100, "(#100) The body cannot be read") from None
