"""Events of a case in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inbox_tui.model import Past
from inbox_tui.store.history import Event


def past(events: Iterable[Event]) -> tuple[Past, ...]:
    """What was done, without what only the clock needs."""
    return tuple(
        Past(
            *(one.id, one.case, one.at, one.actor, one.kind),
            detail=_words(one.kind, one.detail),
            act=one.detail.get("step"),
            undone=one.undone,
        )
        for one in events
        if one.kind != "settled"
    )


def _words(kind: str, detail: dict[str, Any]) -> str:
    if kind == "taken in":
        return f"by case {detail['into']}"
    if kind == "merged":
        return "took in " + _cases(detail["cases"])
    if kind == "split":
        return f"into case {detail['into']}"
    if kind == "split off":
        return f"of case {detail['of']}"
    if kind in ("persons merged", "person split"):
        return f"person {detail['person']}"
    if kind == "goodwill":
        return f"{detail['amount']}: {detail['reason']}"
    if kind == "call":
        return "answered" if detail.get("answered") else "not answered"
    if kind.startswith("handoff"):
        return _handoff(kind, detail)
    if kind == "undone":
        return f"{detail['act']}, act {detail['of']}"
    if kind in ("queued", "sent", "withdrawn", "retried", "failed", "unknown") and "reply" in detail:
        return f"reply {detail['reply']}"
    if kind == "unmerged":
        return f"act {detail['of']} taken back"
    return ""


def _cases(ids: Iterable[int]) -> str:
    listed = [str(one) for one in ids]
    return f"case {listed[0]}" if len(listed) == 1 else "cases " + ", ".join(listed)


_WORTH = {
    "joins": "with the code",
    "came": "known there",
    "arrived": "with the code, in another case of his",
    "expired": "its time has passed",
    "reused": "somebody else came with it before",
    "crowded": "it is public, and many have written it",
    "forged": "the mail is marked as forged",
    "unknown": "there is no such code",
    "guessing": "too many that do not exist, from the same hand",
}


def _handoff(kind: str, detail: dict[str, Any]) -> str:
    if kind == "handoff":
        return f"to {detail['to']}"
    if "into" in detail:
        return f"in case {detail['into']}"
    why = _WORTH.get(str(detail.get("why")), "")
    of = f", of case {detail['of']}" if "of" in detail and kind != "handoff_arrived" else ""
    return why + of
