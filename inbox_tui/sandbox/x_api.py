"""X's API v2 as its clients meet it: routes, logins, rate limits, paging, refusals. State is `x_world`'s.

Answers come in the dialect of the question: `tweet.fields` brings `referenced_tweets`, `post.fields` brings
`referenced_posts`; a question that shows neither, and every write, is answered in the older one. Direct
messages are `x_direct_api`'s, media and streams are not here. Sources: X's API reference (docs.x.com),
tweepy's parameters.
"""

from __future__ import annotations

import re
import ssl
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from inbox_tui.sandbox import x_direct_api
from inbox_tui.sandbox.faults import Faults
from inbox_tui.sandbox.https import Answer, HttpsServer, Request
from inbox_tui.sandbox.x_shapes import XError, invalid, missing, problem, read_shape, words
from inbox_tui.sandbox.x_world import Account, Post, Refusal, User, WriteRefused, XWorld

WINDOW: Final = 15 * 60 * 1000
"""Milliseconds of a rate-limit window; it opens with its first request."""

MENTIONS_REACH: Final = 800
OWN_REACH: Final = 3200
SEARCH_REACH: Final = 7 * 24 * 3600 * 1000
"""Milliseconds that a recent search looks back."""

_REFUSED: Final[Mapping[Refusal, str]] = {
    Refusal.DUPLICATE: "You are not allowed to create a Tweet with duplicate content.",
    Refusal.MISSING: "You attempted to reply to a Tweet that is deleted or not visible to you.",
    Refusal.NOT_MENTIONED: "You can only reply to or quote posts where you are mentioned or are the author.",
    Refusal.NEVER_MENTIONED: (
        "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged"
        " by the author of the post you are replying to."
    ),
}
"""What a 403 says."""

_UNFIT: Final[Mapping[Refusal, str]] = {
    Refusal.EMPTY: "$.text: must be at least 1 characters long",
    Refusal.TOO_LONG: (
        "Your Tweet text is too long. For more information on how Twitter determines text length see"
        " https://github.com/twitter/twitter-text."
    ),
    Refusal.INVALID: "Your Tweet text contains invalid characters.",
}
"""What a 400 says."""

_FORBIDDEN: Final = (
    "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."
)

_OAUTH: Final = re.compile(r'(\w+)="([^"]*)"')
_ID: Final = re.compile(r"[0-9]{1,19}")
_PAGING: Final = words(
    "start_time end_time since_id until_id max_results pagination_token expansions user.fields tweet.fields "
    "post.fields media.fields place.fields poll.fields"
)
_LOOKUP: Final = frozenset(name for name in _PAGING if name == "expansions" or name.endswith(".fields"))


@dataclass(frozen=True, slots=True)
class _Call:
    """One authenticated request on its way through a route."""

    request: Request
    account: Account
    id: str
    """The id in the path; empty where there is none."""


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    limit: int
    """Requests per user and window."""
    parameters: frozenset[str]
    answer: Callable[[XServer, _Call], Answer]


class XServer:
    """X's API over one world, from `start()` to `stop()`."""

    def __init__(self, world: XWorld, faults: Faults, tls: ssl.SSLContext | None = None) -> None:
        self.world = world
        self.faults = faults
        self._http = HttpsServer(self._answer, channel="x", faults=faults, tls=tls)
        self._meter = _Meter()
        self.url: str = self._http.url
        self.port: int = self._http.port
        self.failures: deque[BaseException] = self._http.failures
        """Faults of the sandbox itself."""

    def start(self) -> None:
        """Begin to answer."""
        self._http.start()

    def stop(self) -> None:
        """Close every connection and wait for every thread."""
        self._http.stop()

    def __enter__(self) -> XServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answer(self, request: Request) -> Answer:
        try:
            for route in _ROUTES:
                matched = route.path.fullmatch(request.path)
                if matched is not None and request.method == route.method:
                    return self._run(route, request, matched)
            raise problem(404, "Not Found")
        except XError as error:
            return error.answer

    def _run(self, route: _Route, request: Request, matched: re.Match[str]) -> Answer:
        account = self._login(request)
        headers = self._count(route, request, account)
        call = _Call(request, account, matched.groupdict().get("id", ""))
        try:
            if self.faults.take("x", "forbidden", request.target):
                raise problem(403, _FORBIDDEN, title="Forbidden")
            for name, value in request.query.items():
                if name not in route.parameters:
                    known = ",".join(sorted(route.parameters))
                    raise invalid(name, value, f"The query parameter [{name}] is not one of [{known}]")
            if call.id and not _ID.fullmatch(call.id):
                raise invalid("id", call.id, f"The `id` query parameter value [{call.id}] is not valid")
            answer = route.answer(self, call)
        except XError as error:
            answer = error.answer
        return Answer(answer.status, answer.body, {**headers, **answer.headers})

    def _login(self, request: Request) -> Account:
        """The account of an OAuth 2.0 user token, or of an OAuth 1.0a token that comes with a signature."""
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        token = ""
        if scheme.lower() == "bearer":
            token = rest.strip()
        elif scheme.lower() == "oauth":
            given = dict(_OAUTH.findall(rest))
            token = given.get("oauth_token", "") if given.get("oauth_signature") else ""
        account = self.world.account_of(token, oauth1=scheme.lower() == "oauth")
        if account is None or self.faults.take("x", "unauthorized", request.target):
            raise problem(401, "Unauthorized")
        return account

    def _count(self, route: _Route, request: Request, account: Account) -> dict[str, str]:
        """One request more of this user on this route: its rate-limit headers, or 429."""
        now = self.world.now()
        fault = self.faults.take("x", "rate_limit", request.target)
        if fault is not None:
            said: dict[str, str] = {}
            if fault.reset is not None:
                said = _limit_headers(route.limit, 0, now + fault.reset * 1000)
            raise problem(429, "Too Many Requests", headers=said)
        used, reset = self._meter.count((account.user.id, route.path.pattern, route.method), now)
        headers = _limit_headers(route.limit, max(0, route.limit - used), reset)
        if used > route.limit:
            raise problem(429, "Too Many Requests", headers=headers)
        return headers

    # Routes

    def _direct(self, call: _Call) -> Answer:
        return x_direct_api.events(self.world, call.account, call.request, call.id or None)

    def _send_direct(self, call: _Call) -> Answer:
        return x_direct_api.create(self.world, call.account, call.request, call.id)

    def _me(self, call: _Call) -> Answer:
        shape = read_shape(call.request.query)
        return Answer(200, {"data": shape.user(self.world, call.account.user)})

    def _mentions(self, call: _Call) -> Answer:
        user = self._user(call)
        return self._page(call, self.world.mentions_of(user.id, MENTIONS_REACH), least=5)

    def _timeline(self, call: _Call) -> Answer:
        user = self._user(call)
        posts = self.world.posts_by(user.id, OWN_REACH)
        if "replies" in call.request.query.get("exclude", "").split(","):
            posts = [post for post in posts if post.in_reply_to is None]
        return self._page(call, posts, least=5)

    def _search(self, call: _Call) -> Answer:
        query = call.request.query.get("query", "")
        wanted = re.fullmatch(r"\s*conversation_id:([0-9]{1,19})\s*", query)
        if wanted is None:
            raise invalid("query", query, "This X understands conversation_id:ID and no other query")
        posts = self.world.conversation(wanted[1], self.world.now() - SEARCH_REACH)
        return self._page(call, posts, least=10)

    def _lookup(self, call: _Call) -> Answer:
        ids = call.request.query.get("ids", "")
        wanted = list(dict.fromkeys(ids.split(",")))
        if len(wanted) > 100:
            said = f"The number of values in the `ids` query parameter list [{len(wanted)}] is not 1 to 100"
            raise invalid("ids", ids, said)
        for one in wanted:
            if not _ID.fullmatch(one):
                raise invalid(
                    "ids", ids, f"The `ids` query parameter value [{one}] does not match ^[0-9]{{1,19}}$"
                )
        shape = read_shape(call.request.query)
        found = {one: self.world.find(one) for one in wanted}
        posts = [post for post in found.values() if post is not None]
        gone = [shape.gone(one, "ids") for one, post in found.items() if post is None]
        return Answer(200, shape.listing(self.world, posts, errors=gone))

    def _one(self, call: _Call) -> Answer:
        shape = read_shape(call.request.query)
        post = self.world.find(call.id)
        if post is None:
            return Answer(200, {"errors": [shape.gone(call.id, "id")]})
        body = shape.listing(self.world, [post])
        return Answer(200, {**body, "data": shape.post(self.world, post)})

    def _create(self, call: _Call) -> Answer:
        text, in_reply_to, quoted, skip = _read_post(call.request)
        try:
            made = self.world.write(call.account, text, in_reply_to, quoted, skip)
        except WriteRefused as refused:
            if refused.reason in _UNFIT:
                raise invalid("text", text, _UNFIT[refused.reason]) from refused
            raise problem(403, _REFUSED[refused.reason], title="Forbidden") from refused
        return Answer(201, {"data": read_shape({}).post(self.world, made)})

    def _user(self, call: _Call) -> User:
        user = self.world.user(call.id)
        if user is None:
            body = {"errors": [missing("user", call.id, "id", f"Could not find user with id: [{call.id}].")]}
            raise XError(Answer(200, body))
        return user

    def _page(self, call: _Call, posts: Sequence[Post], *, least: int) -> Answer:
        """A page of what a list reaches, newest first."""
        query = call.request.query
        shape = read_shape(query)
        size = _read_size(query, least)
        since, until = _read_id(query, "since_id"), _read_id(query, "until_id")
        begin, end = _read_time(query, "start_time"), _read_time(query, "end_time")
        before = _read_token(query)
        fitting = [
            post
            for post in posts
            if (since is None or int(post.id) > since)
            and (until is None or int(post.id) < until)
            and (before is None or int(post.id) < before)
            and (begin is None or post.created_at >= begin)
            and (end is None or post.created_at < end)
        ]
        page = fitting[:size]
        meta: dict[str, object] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(fitting) > size:
            meta["next_token"] = _token(page[-1])
        return Answer(200, {**shape.listing(self.world, page), "meta": meta})


class _Meter:
    """Requests counted per user, route and window."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str, str], tuple[int, int]] = {}

    def count(self, key: tuple[str, str, str], now: int) -> tuple[int, int]:
        """How many requests this window has seen, this one included, and when it ends (ms UTC)."""
        with self._lock:
            used, reset = self._windows.get(key, (0, 0))
            if now >= reset:
                used, reset = 0, now + WINDOW
            self._windows[key] = (used + 1, reset)
            return used + 1, reset


def _limit_headers(limit: int, remaining: int, reset: int) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(remaining),
        # Whole seconds, rounded up: a client that comes back then must find the window over.
        "x-rate-limit-reset": str(-(-reset // 1000)),
    }


def _read_size(query: Mapping[str, str], least: int) -> int:
    value = query.get("max_results", "10")
    if not _ID.fullmatch(value) or not least <= int(value) <= 100:
        said = f"The `max_results` query parameter value [{value}] is not between {least} and 100"
        raise invalid("max_results", value, said)
    return int(value)


def _read_id(query: Mapping[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    if not _ID.fullmatch(value):
        raise invalid(
            name, value, f"The `{name}` query parameter value [{value}] does not match ^[0-9]{{1,19}}$"
        )
    return int(value)


def _read_time(query: Mapping[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    try:
        if not value.endswith("Z"):
            raise ValueError("X takes UTC alone")
        at = datetime.fromisoformat(value).astimezone(UTC)
    except ValueError as error:
        said = f"The `{name}` query parameter value [{value}] is not a valid RFC3339 date-time"
        raise invalid(name, value, said) from error
    return int(at.timestamp() * 1000)


def _token(last: Post) -> str:
    return f"7140dibdnow{int(last.id):x}"


def _read_token(query: Mapping[str, str]) -> int | None:
    """The id that a page goes on below."""
    name = "next_token" if "next_token" in query else "pagination_token"
    value = query.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"7140dibdnow[0-9a-f]{1,16}", value):
        raise invalid(name, value, f"The `{name}` query parameter value [{value}] is not valid")
    return int(value.removeprefix("7140dibdnow"), 16)


def _read_post(request: Request) -> tuple[str, str | None, str | None, list[str]]:
    """Text, answered post, quoted post, and the user ids not to be named, of a post's JSON."""
    try:
        body = request.json()
    except ValueError as error:
        raise problem(400, "The request body is not JSON", title="Invalid Request") from error
    if not isinstance(body, dict):
        raise invalid("$", "", "$: an object is required")
    for key in body.keys() - {"text", "reply", "quote_tweet_id"}:
        said = f"$.{key}: is not defined in the schema and the schema does not allow additional properties"
        raise invalid(f"$.{key}", "", said)
    text, reply, quoted = body.get("text"), body.get("reply"), body.get("quote_tweet_id")
    if not isinstance(text, str):
        raise invalid("$.text", "", "$.text: a string is required")
    if quoted is not None and not (isinstance(quoted, str) and _ID.fullmatch(quoted)):
        raise invalid("$.quote_tweet_id", str(quoted), "$.quote_tweet_id: does not match ^[0-9]{1,19}$")
    if reply is None:
        return text, None, quoted, []
    answered = reply.get("in_reply_to_tweet_id") if isinstance(reply, dict) else None
    if not (isinstance(answered, str) and _ID.fullmatch(answered)):
        said = "$.reply.in_reply_to_tweet_id: is missing but it is required"
        raise invalid("$.reply", str(reply), said)
    skip = reply.get("exclude_reply_user_ids", [])
    if not (isinstance(skip, list) and all(isinstance(one, str) for one in skip)):
        raise invalid("$.reply.exclude_reply_user_ids", str(skip), "$.reply.exclude_reply_user_ids: strings")
    return text, answered, quoted, skip


_ROUTES: Final = (
    _Route("GET", re.compile("/2/users/me"), 75, _LOOKUP, XServer._me),
    _Route("GET", re.compile("/2/users/(?P<id>[^/]+)/mentions"), 300, _PAGING, XServer._mentions),
    _Route("GET", re.compile("/2/users/(?P<id>[^/]+)/tweets"), 900, _PAGING | {"exclude"}, XServer._timeline),
    _Route(
        "GET",
        re.compile("/2/tweets/search/recent"),
        300,
        _PAGING | {"query", "next_token"},
        XServer._search,
    ),
    _Route("GET", re.compile("/2/tweets"), 900, _LOOKUP | {"ids"}, XServer._lookup),
    _Route("GET", re.compile("/2/tweets/(?P<id>[^/]+)"), 900, _LOOKUP, XServer._one),
    _Route("POST", re.compile("/2/tweets"), 100, frozenset(), XServer._create),
    _Route("GET", re.compile("/2/dm_events"), 15, x_direct_api.PARAMETERS, XServer._direct),
    _Route(
        "GET",
        re.compile("/2/dm_conversations/with/(?P<id>[^/]+)/dm_events"),
        15,
        x_direct_api.PARAMETERS,
        XServer._direct,
    ),
    _Route(
        "POST",
        re.compile("/2/dm_conversations/with/(?P<id>[^/]+)/messages"),
        15,
        frozenset(),
        XServer._send_direct,
    ),
)
"""Limits: requests per user in 15 minutes, as docs.x.com lists them."""
