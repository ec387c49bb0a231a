"""The routes of X's API v2 for direct messages, over `x_direct`. Encrypted chats are not in it, as on X."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from inbox_tui.sandbox.https import Answer, Request
from inbox_tui.sandbox.x_direct import DirectMessage, DirectRefusal, DirectRefused
from inbox_tui.sandbox.x_shapes import Shape, invalid, problem, read_shape, words
from inbox_tui.sandbox.x_world import Account, XWorld, rfc3339

PARAMETERS: Final = words(
    "dm_event.fields event_types expansions max_results pagination_token user.fields tweet.fields "
    "media.fields"
)
_FIELDS: Final = words(
    "id text event_type created_at dm_conversation_id sender_id participant_ids referenced_tweets attachments"
)
_EXPANSIONS: Final = words("sender_id participant_ids attachments.media_keys referenced_tweets.id")
_TOKEN: Final = re.compile(r"DM([0-9]{1,19})")
_CLOSED: Final = "You do not have permission to DM one or more participants."
_UNFIT: Final[Mapping[DirectRefusal, str]] = {
    DirectRefusal.EMPTY: "$.text: must be at least 1 characters long",
    DirectRefusal.TOO_LONG: "$.text: must be at most 10000 characters long",
    DirectRefusal.UNKNOWN: "The `participant_id` is not the id of a user",
}


def events(world: XWorld, account: Account, request: Request, partner: str | None) -> Answer:
    """A page of direct messages, newest first."""
    query = request.query
    fields = _list(query, "dm_event.fields", _FIELDS)
    expansions = _list(query, "expansions", _EXPANSIONS)
    size = query.get("max_results", "100")
    if not re.fullmatch(r"[0-9]{1,3}", size) or not 1 <= int(size) <= 100:
        said = f"The `max_results` query parameter value [{size}] is not between 1 and 100"
        raise invalid("max_results", size, said)
    fitting = world.direct.seen_by(account.user.id, partner)
    if (token := query.get("pagination_token")) is not None:
        matched = _TOKEN.fullmatch(token)
        if matched is None:
            said = f"The `pagination_token` query parameter value [{token}] is not valid"
            raise invalid("pagination_token", token, said)
        fitting = [one for one in fitting if int(one.id) < int(matched[1])]
    page = fitting[: int(size)]
    meta: dict[str, object] = {"result_count": len(page)}
    if len(fitting) > len(page):
        meta["next_token"] = f"DM{page[-1].id}"
    body: dict[str, object] = {"meta": meta}
    if page:
        body["data"] = [_event(one, fields) for one in page]
    if page and "sender_id" in expansions:
        # The fields of users are asked for as with posts; those of posts mean nothing here.
        shape = read_shape({key: value for key, value in query.items() if key == "user.fields"})
        body["includes"] = {"users": _senders(world, shape, page)}
    return Answer(200, body)


def create(world: XWorld, account: Account, request: Request, recipient: str) -> Answer:
    """Write to one user."""
    try:
        body = request.json()
    except ValueError as error:
        raise problem(400, "The request body is not JSON", title="Invalid Request") from error
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise invalid("$.text", "", "$.text: a string is required")
    try:
        made = world.direct.write(account, recipient, text)
    except DirectRefused as refused:
        if refused.reason is DirectRefusal.CLOSED:
            raise problem(403, _CLOSED, title="Forbidden") from refused
        raise invalid("text", text[:40], _UNFIT[refused.reason]) from refused
    return Answer(201, {"data": {"dm_conversation_id": made.conversation_id, "dm_event_id": made.id}})


def _event(one: DirectMessage, fields: frozenset[str]) -> dict[str, object]:
    values: dict[str, object] = {
        "text": one.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "created_at": rfc3339(one.created_at),
        "dm_conversation_id": one.conversation_id,
        "sender_id": one.sender_id,
    }
    shown = {key: value for key, value in values.items() if key in fields}
    return {"id": one.id, "event_type": "MessageCreate", **shown}


def _senders(world: XWorld, shape: Shape, page: Sequence[DirectMessage]) -> list[dict[str, object]]:
    users = (world.user(one) for one in dict.fromkeys(message.sender_id for message in page))
    return [shape.user(world, user) for user in users if user is not None]


def _list(query: Mapping[str, str], name: str, known: frozenset[str]) -> frozenset[str]:
    asked = frozenset(query[name].split(",")) if name in query else frozenset[str]()
    for one in sorted(asked - known):
        said = f"The `{name}` query parameter value [{one}] is not one of [{','.join(sorted(known))}]"
        raise invalid(name, query[name], said)
    return asked
