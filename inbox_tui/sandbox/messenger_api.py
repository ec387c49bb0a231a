"""The part of the Graph API that is Messenger: conversations, their messages, sending, private answers.

State is ``messenger_world``'s. Which number each refusal has is as Meta documents it; those of private
answers (10900 answered already, 10901 too old) are from memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from inbox_tui.sandbox.graph_params import GraphError, Wanted, read_body, read_fields, read_limit
from inbox_tui.sandbox.graph_world import GraphWorld, UnknownObject
from inbox_tui.sandbox.https import Request
from inbox_tui.sandbox.messenger_world import (
    LONGEST,
    AlreadyReplied,
    Conversation,
    NoSuchPerson,
    OutsideWindow,
    Said,
    Unavailable,
)

EMBEDDED: Final = 25
"""Messages that come with a conversation."""
_CONVERSATION: Final = ("id", "updated_time", "can_reply", "participants", "messages", "link")
_MESSAGE: Final = ("id", "created_time", "from", "message", "to")
_T = TypeVar("_T", Conversation, Said)


def conversations(world: GraphWorld, request: Request, url: str, later: int) -> dict[str, object]:
    """``/{page}/conversations``: what moved last comes first; there is no time to page by."""
    query = request.query
    if query.get("platform", "messenger") != "messenger":
        raise GraphError(100, "(#100) Param platform must be messenger: this sandbox has no other")
    wanted = read_fields(query, ("id", "updated_time"), _CONVERSATION, "Conversation")
    found = world.messenger.conversations()

    def show(one: Conversation) -> dict[str, object]:
        return _conversation(world, one, wanted, f"{url}/{one.id}/messages", later)

    return _page(found, request, url, show)


def messages(world: GraphWorld, node: str, request: Request, url: str) -> dict[str, object]:
    """``/{conversation}/messages``, newest first."""
    found = world.messenger.find(node)
    if found is None:
        raise GraphError(100, f"Unsupported get request. Object with ID '{node}' does not exist", subcode=33)
    wanted = read_fields(request.query, ("id", "created_time"), _MESSAGE, "Message")
    names = tuple(name for name, _ in wanted)
    return _page(found.said[::-1], request, url, lambda one: _message(world, found, one, names))


def send(world: GraphWorld, request: Request, later: int) -> dict[str, object]:
    """``POST /{page}/messages``: to a person, or as the private answer to a comment."""
    fields = read_body(request)
    recipient, message = _object(fields, "recipient"), _object(fields, "message")
    text = message.get("text")
    if not isinstance(text, str) or not text.strip():
        raise GraphError(100, "(#100) Param message[text] must be a non-empty string")
    if len(text) > LONGEST:
        raise GraphError(100, f"(#100) Length of param message[text] must be at most {LONGEST}")
    try:
        if "comment_id" in recipient:
            person, made = world.messenger.reply_privately(str(recipient["comment_id"]), text, later=later)
            return {"recipient_id": person.id, "message_id": made.id}
        made = world.messenger.send(
            str(recipient.get("id", "")), text, as_agent=_as_agent(fields), later=later
        )
    except (OutsideWindow, AlreadyReplied, Unavailable, NoSuchPerson, UnknownObject) as refused:
        raise _refusal(refused, private="comment_id" in recipient) from None
    return {"recipient_id": str(recipient["id"]), "message_id": made.id}


def _refusal(refused: Exception, *, private: bool) -> GraphError:
    match refused:
        case AlreadyReplied():
            return GraphError(10900, "(#10900) Activity already replied to")
        case OutsideWindow() if private:
            return GraphError(10901, "(#10901) Object is too old to be replied to privately")
        case OutsideWindow():
            said = "(#10) This message is sent outside of allowed window."
            return GraphError(10, said, subcode=2018278)
        case Unavailable():
            return GraphError(551, "(#551) This person isn't available right now.", subcode=1545041)
        case NoSuchPerson():
            return GraphError(100, "(#100) No matching user found", subcode=2018001)
    return GraphError(100, f"Object with ID '{refused}' does not exist", subcode=33)


def _as_agent(fields: Mapping[str, Any]) -> bool:
    kind = fields.get("messaging_type", "RESPONSE")
    if kind == "RESPONSE":
        return False
    if kind == "MESSAGE_TAG" and fields.get("tag") == "HUMAN_AGENT":
        return True
    raise GraphError(100, "(#100) Param messaging_type must be RESPONSE, or MESSAGE_TAG with HUMAN_AGENT")


def _object(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    try:
        read = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise GraphError(100, f"(#100) Param {name} must be a JSON object")
    return read


def _conversation(
    world: GraphWorld, one: Conversation, wanted: Wanted, link: str, later: int
) -> dict[str, object]:
    parts = dict(wanted)
    shown = one.said[::-1][:EMBEDDED]
    inner: dict[str, object] = {
        "data": [_message(world, one, said, parts.get("messages") or _MESSAGE) for said in shown]
    }
    if shown:
        cursors = {"before": _cursor(shown[0]), "after": _cursor(shown[-1])}
        inner["paging"] = {"cursors": cursors}
        if len(one.said) > EMBEDDED:
            inner["paging"] = {"cursors": cursors, "next": f"{link}?access_token={world.token}"}
    known: dict[str, object] = {
        "id": one.id,
        "updated_time": _time(one.updated),
        "can_reply": world.messenger.can_reply(one, later),
        "participants": {
            "data": [_who(one.person.name, one.person.id), _who(world.page.name, world.page.id)]
        },
        "messages": inner,
        "link": f"/{world.page.id}/inbox/{one.id}",
    }
    return {name: known[name] for name in ("id", *parts) if name in known}


def _message(
    world: GraphWorld, conversation: Conversation, one: Said, wanted: Sequence[str]
) -> dict[str, object]:
    to = conversation.person if one.author is world.page else world.page
    known: dict[str, object] = {
        "id": one.id,
        "created_time": _time(one.created),
        "from": _who(one.author.name, one.author.id),
        "to": {"data": [_who(to.name, to.id)]},
        "message": one.text,
    }
    return {name: known[name] for name in ("id", *wanted) if name in known}


def _page(
    things: Sequence[_T], request: Request, url: str, show: Callable[[_T], dict[str, object]]
) -> dict[str, object]:
    limit = read_limit(request.query)
    begin = 0
    if (after := request.query.get("after")) is not None:
        places = [place for place, one in enumerate(things) if _cursor(one) == after]
        if not places:
            raise GraphError(100, "(#100) Invalid cursors values: after")
        begin = places[0] + 1
    shown = things[begin : begin + limit]
    answer: dict[str, object] = {"data": [show(one) for one in shown]}
    if shown:
        paging: dict[str, object] = {"cursors": {"before": _cursor(shown[0]), "after": _cursor(shown[-1])}}
        if begin + limit < len(things):
            paging["next"] = f"{url}{request.path}?after={_cursor(shown[-1])}"
        answer["paging"] = paging
    return answer


def _cursor(one: Conversation | Said) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", f"Q{one.id}")


def _who(name: str, person: str) -> dict[str, object]:
    return {"name": name, "email": f"{person}@facebook.com", "id": person}


def _time(moment: int) -> str:
    return datetime.fromtimestamp(moment // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
