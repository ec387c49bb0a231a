"""The Graph API over a GraphWorld: paths, paging, refusals and usage headers as the platform gives them.

It keeps no state of its own but the usage figures; what a write may do is the world's to say. The lists are
read as Facebook documents ``/{page}/feed`` and ``/{object}/comments``, version 26. Where the documents leave
a choice, the one taken:

- The feed comes newest first by creation, whatever was asked. Its ``since`` and ``until`` look at
  ``updated_time``, so a walk with ``since`` finds an old post that has a new comment, at its old place.
- ``since`` and ``until`` of comments look at ``created_time``, the only time a comment has.
- All four count whole seconds and include the bound.
- A token in the URL is refused: the platform takes it, and our client must never send it there.
"""

from __future__ import annotations

import json
import re
import ssl
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeVar
from urllib.parse import urlencode

from inbox_tui.sandbox import messenger_api
from inbox_tui.sandbox.faults import Fault, Faults
from inbox_tui.sandbox.graph_params import (
    GraphError,
    Wanted,
    between,
    cursor,
    pick,
    read_body,
    read_choice,
    read_cursor,
    read_fields,
    read_limit,
)
from inbox_tui.sandbox.graph_world import (
    BadMessage,
    Comment,
    DuplicateMessage,
    GraphWorld,
    Person,
    Post,
    UnknownObject,
    place,
)
from inbox_tui.sandbox.https import Answer, HttpsServer, Request

VERSION: Final = "v26.0"
_VERSIONED = re.compile(r"^/v\d+\.\d+(?=/)")
_Thing = TypeVar("_Thing", Post, Comment)


class GraphServer:
    """Serves one page's world from ``start()`` to ``stop()``; also a context manager."""

    def __init__(self, world: GraphWorld, faults: Faults, tls: ssl.SSLContext | None = None) -> None:
        """``tls`` None: plain HTTP."""
        self.world = world
        self.faults = faults
        self.user_token: Callable[[str], bool] = lambda _token: False
        """Whether a token is one of somebody who runs the page: it can be changed for the page's own."""
        self.app_usage = 3
        """Percent of the app's hourly calls used up, as X-App-Usage says."""
        self.page_usage = 2
        """Percent of the page's own allowance, as X-Business-Use-Case-Usage says."""
        self.server = HttpsServer(self.handle, channel="facebook", faults=faults, tls=tls)

    @property
    def url(self) -> str:
        """Scheme, host and port; a version may follow in the path, or not."""
        return self.server.url

    def start(self) -> None:
        """Begin to answer."""
        self.server.start()

    def stop(self) -> None:
        """Stop, and wait for every thread."""
        self.server.stop()

    def __enter__(self) -> GraphServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def handle(self, request: Request) -> Answer:
        """Answer one request, refusals included."""
        try:
            self._play_fault(request)
            self._authorize(request)
            return Answer(200, self._route(request), self._usage())
        except GraphError as refusal:
            return refusal.answer(self._usage())
        except _RateLimited as limited:
            return limited.refusal.answer(self._usage(full=True, minutes=limited.minutes))

    def _play_fault(self, request: Request) -> None:
        target = f"{request.path}?{urlencode(request.query)}"
        fault = self.faults.take("facebook", ("rate_limit", "unauthorized", "forbidden"), target)
        if fault is None:
            return
        if fault.name == "forbidden":
            said = "(#200) Requires pages_messaging permission to manage the object"
            raise GraphError(200, said, status=403)
        if fault.name == "rate_limit":
            raise _RateLimited(fault)
        raise GraphError(190, "Error validating access token: Session has expired.", subcode=463)

    def _authorize(self, request: Request) -> None:
        if "access_token" in request.query:
            raise GraphError(
                190, "This sandbox refuses a token in the URL; send it as Authorization: Bearer.", subcode=467
            )
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            raise GraphError(104, "An access token is required to request this resource.")
        page = _VERSIONED.sub("", request.path).strip("/") == self.world.page.id
        if page and request.method == "GET" and self.user_token(token.strip()):
            return
        if scheme.lower() != "bearer" or token.strip() != self.world.token:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")

    def _usage(self, full: bool = False, minutes: int = 0) -> dict[str, str]:
        app = 100 if full else self.app_usage
        page = 100 if full else self.page_usage
        case = {
            "type": "pages",
            "call_count": page,
            "total_cputime": page,
            "total_time": page,
            "estimated_time_to_regain_access": minutes,
        }
        return {
            "X-App-Usage": json.dumps({"call_count": app, "total_cputime": app, "total_time": app}),
            "X-Business-Use-Case-Usage": json.dumps({self.world.page.id: [case]}),
            "facebook-api-version": VERSION,
        }

    def _route(self, request: Request) -> dict[str, object]:
        steps = _VERSIONED.sub("", request.path).strip("/").split("/")
        node = self.world.page.id if steps[0] == "me" else steps[0]
        edge = steps[1] if len(steps) == 2 else None
        if len(steps) > 2 or not node:
            raise GraphError(2500, f"Unknown path components: {request.path}")
        if request.method == "GET":
            if edge is None:
                return self._node(node, request.query)
            if edge == "feed" and node == self.world.page.id:
                return self._feed(request)
            if edge == "comments":
                return self._comments(node, request)
            if edge == "conversations" and node == self.world.page.id:
                return messenger_api.conversations(self.world, request, self.url, self._later())
            if edge == "messages":
                return messenger_api.messages(self.world, node, request, self.url)
        if request.method == "POST" and edge == "messages" and node == self.world.page.id:
            return messenger_api.send(self.world, request, self._later())
        if request.method == "POST" and edge == "comments":
            return self._reply(node, request)
        if request.method == "POST" and edge is None:
            return self._hide(node, request)
        raise GraphError(100, f"Unsupported {request.method.lower()} request: {request.path}", subcode=33)

    def _later(self) -> int:
        """Milliseconds by which the fault ``later`` lets windows run ahead."""
        hours = [one.hours or 0 for one in self.faults.active() if one.name == "later"]
        return max(hours, default=0) * 3_600_000

    def _node(self, node: str, query: Mapping[str, str]) -> dict[str, object]:
        if node == self.world.page.id:
            page = self.world.page
            known = {"id": page.id, "name": page.name, "link": f"https://facebook.example/{page.id}"}
            known["access_token"] = self.world.token
            return pick(known, read_fields(query, ("name", "id"), tuple(known), "Page"))
        try:
            return self._show_post(
                self.world.find_post(node), read_fields(query, _POST_DEFAULT, _POST, "Post")
            )
        except UnknownObject:
            pass
        try:
            comment = self.world.find_comment(node)
        except UnknownObject:
            _gone(node)
        return self._show_comment(comment, read_fields(query, _COMMENT_DEFAULT, _COMMENT, "Comment"))

    def _feed(self, request: Request) -> dict[str, object]:
        query = request.query
        wanted = read_fields(query, _POST_DEFAULT, _POST, "Post")
        limit = read_limit(query)
        posts = between(self.world.feed(), query, lambda post: post.updated)
        return self._page(posts, limit, request, True, lambda post: self._show_post(post, wanted))

    def _comments(self, node: str, request: Request) -> dict[str, object]:
        query = request.query
        wanted = read_fields(query, _COMMENT_DEFAULT, _COMMENT, "Comment")
        every_depth = read_choice(query, "filter", ("toplevel", "stream")) == "stream"
        newest_first = (
            read_choice(query, "order", ("chronological", "reverse_chronological")) != "chronological"
        )
        try:
            comments = self.world.comments(node, every_depth)
        except UnknownObject:
            _gone(node)
        if newest_first:
            comments.reverse()
        comments = between(comments, query, lambda one: one.created)
        limit = read_limit(query)
        return self._page(comments, limit, request, newest_first, lambda one: self._show_comment(one, wanted))

    def _page(
        self,
        things: Sequence[_Thing],
        limit: int,
        request: Request,
        descending: bool,
        show: Callable[[_Thing], dict[str, object]],
    ) -> dict[str, object]:
        """One page by keyset: what is written between two calls neither repeats nor skips an item."""
        begin = 0
        if "after" in request.query:
            sign = -1 if descending else 1
            after = tuple(sign * part for part in read_cursor(request.query["after"]))
            begin = bisect_left(things, True, key=lambda one: tuple(sign * p for p in place(one)) > after)
        shown = things[begin : begin + limit]
        answer: dict[str, object] = {"data": [show(one) for one in shown]}
        if shown:
            last = cursor(shown[-1])
            paging: dict[str, object] = {"cursors": {"before": cursor(shown[0]), "after": last}}
            if begin + limit < len(things):
                following = {"access_token": self.world.token, **request.query, "after": last}
                paging["next"] = f"{self.url}{request.path}?{urlencode(following)}"
            answer["paging"] = paging
        return answer

    def _reply(self, node: str, request: Request) -> dict[str, object]:
        fields = read_body(request)
        message = fields.get("message", "")
        if not isinstance(message, str):
            raise GraphError(100, "(#100) Param message must be a string")
        try:
            return {"id": self.world.reply(node, message).id}
        except UnknownObject:
            _gone(node)
        except DuplicateMessage:
            raise GraphError(506, "(#506) Duplicate status message", subcode=1455006) from None
        except BadMessage as problem:
            raise GraphError(100, f"(#100) Invalid parameter: {problem}") from None

    def _hide(self, node: str, request: Request) -> dict[str, object]:
        asked = read_body(request).get("is_hidden")
        if asked not in ("true", "false", True, False):
            raise GraphError(100, "(#100) Param is_hidden must be a boolean")
        try:
            self.world.hide_by_api(node, asked in ("true", True))
        except UnknownObject:
            _gone(node)
        except BadMessage as problem:
            raise GraphError(100, f"(#100) Invalid parameter: {problem}") from None
        return {"success": True}

    def _show_post(self, post: Post, wanted: Wanted) -> dict[str, object]:
        known: dict[str, object] = {
            "id": post.id,
            "message": post.message,
            "created_time": _graph_time(post.created),
            "updated_time": _graph_time(post.updated),
            "permalink_url": self.world.permalink(post),
            **self._author(post.author),
        }
        return pick(known, wanted)

    def _show_comment(self, one: Comment, wanted: Wanted) -> dict[str, object]:
        known: dict[str, object] = {
            "id": one.id,
            "message": one.message,
            "created_time": _graph_time(one.created),
            "permalink_url": self.world.permalink(one),
            "can_comment": True,
            "can_reply_privately": self.world.messenger.can_reply_privately(one.id, self._later()),
            "comment_count": len(one.replies),
            "is_hidden": one.hidden,
            **self._author(one.author),
        }
        if one.parent is not None:
            known["parent"] = {
                "created_time": _graph_time(one.parent.created),
                **self._author(one.parent.author),
                "message": one.parent.message,
                "id": one.parent.id,
            }
        return pick(known, wanted)

    def _author(self, author: Person) -> dict[str, object]:
        """``from``, or nothing where the platform does not say who it was; the page always sees itself."""
        shown = author == self.world.page or (self.world.may_see_people and not author.private)
        return {"from": {"name": author.name, "id": author.id}} if shown else {}


class _RateLimited(Exception):
    """The fault ``rate_limit``, on its way out."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        seconds = fault.reset
        # The platform counts the wait in minutes, and tells it for the page's own allowance alone.
        self.minutes = 0 if seconds is None else max(1, -(-seconds // 60))
        if seconds is None:
            self.refusal = GraphError(32, "(#32) Page request limit reached", status=403)
        else:
            self.refusal = GraphError(
                80001, "(#80001) There have been too many calls to this Page account.", subcode=2446079
            )


_POST: Final = ("id", "message", "from", "created_time", "updated_time", "permalink_url", "parent_id")
_POST_DEFAULT: Final = ("created_time", "message", "id")
_COMMENT: Final = (
    "id",
    "parent",
    "from",
    "message",
    "created_time",
    "permalink_url",
    "can_comment",
    "can_reply_privately",
    "comment_count",
    "is_hidden",
)
_COMMENT_DEFAULT: Final = ("created_time", "from", "message", "id")


def _gone(node: str) -> NoReturn:
    raise GraphError(
        100,
        f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation.",
        kind="GraphMethodException",
        subcode=33,
    )


def _graph_time(moment: int) -> str:
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
