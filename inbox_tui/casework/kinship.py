"""Looks through new messages for persons who may be one, and proposes them. Joins nobody.

Behind the intake, in small batches: a batch is read and thought over without a lock, and stored in one write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inbox_tui.desk import kinship
from inbox_tui.desk.clock import DAY
from inbox_tui.desk.kinship import Rules, Side, Token
from inbox_tui.store import people, proposals, tokens
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store
from inbox_tui.store.tokens import Held, Said

BATCH = 200
"""Messages looked at in one write."""
_HISTORY = 20_000
"""Old messages passed over without a write, at most."""
RECENT = 30 * DAY
"""Older messages are not looked at, in milliseconds."""
_MOST_HOLDERS = 12
_MOST_REASONS = 8
"""Reasons kept with a proposal."""


def work(store: Store, rules: Rules, now: int) -> bool:
    """Look through the next batch; whether there was one. Raises StoreError."""
    with store.reading() as db:
        done, newest = tokens.watermark(db), tokens.newest(db)
        if done >= newest:
            return False
        upto, batch = done, list[Said]()
        # Of history there may be much, and nothing is kept of it.
        while not batch and upto < min(newest, done + _HISTORY):
            seen, upto = upto, min(newest, upto + BATCH)
            batch = tokens.between(db, seen, upto, now - RECENT)
    found = [(said, _tokens(said, rules)) for said in batch]
    with store.in_turn("same person"), store.write("same person") as db:
        if tokens.watermark(db) != done:
            return True
        shared = _shared(db, found)
        for said, own_and_named in found:
            tokens.add(db, own_and_named, said.identity, said.message)
            for token in own_and_named:
                if (token.kind, token.value) in shared:
                    _meet(db, said, token, now)
        tokens.set_watermark(db, upto)
    return True


def _shared(db: Connection, found: Sequence[tuple[Said, list[Token]]]) -> set[tuple[str, str]]:
    """Tokens of a batch that more than one identity has: of most there is one, and nobody to be met."""
    whose: dict[str, dict[str, set[int]]] = {}
    for said, own_and_named in found:
        for token in own_and_named:
            whose.setdefault(token.kind, {}).setdefault(token.value, set()).add(said.identity)
    for kind, values in whose.items():
        for value, first, last in tokens.first_and_last(db, kind, list(values)):
            values[value] |= {first, last}
    return {(kind, value) for kind, values in whose.items() for value, ids in values.items() if len(ids) > 1}


def _tokens(said: Said, rules: Rules) -> list[Token]:
    mine = [one for one in kinship.own(said.writer) if one.value not in rules.ours]
    # His own address in his own text says nothing new.
    known = {(one.kind, one.value) for one in mine}
    texts = [one for one in kinship.named(said.text, rules) if (one.kind, one.value) not in known]
    return [*mine, *texts, *kinship.wording(said.text)]


def _meet(db: Connection, said: Said, token: Token, now: int) -> None:
    """Whoever else has this token is proposed."""
    held = tokens.holders(db, token, _MOST_HOLDERS)
    persons = {one.person for one in held}
    if len(persons) < 2 or len(persons) > kinship.COMMON:
        return
    if not _says_something(db, token):
        return
    for other in held:
        if other.person == said.person:
            continue
        if token.kind == kinship.WORDING and not _same_words(db, said, other):
            continue
        worth = kinship.score(Side(token, said.writer), Side(other.token, other.writer), len(persons))
        if worth >= kinship.LEAST:
            _propose(db, said, token, other, worth, now)


def _says_something(db: Connection, token: Token) -> bool:
    """A name does where it is rare: among many Annas there is always one who is called alike."""
    first = tokens.of_first_name(db, token.value)
    if token.kind == kinship.BRIEF:
        return first <= kinship.RARE_NAME
    if token.kind == kinship.NAME:
        last = Token(kinship.LAST, token.value.rpartition(" ")[2])
        return min(first, len(tokens.holders(db, last, _MOST_HOLDERS))) <= kinship.RARE_NAME
    return token.kind != kinship.LAST


def _same_words(db: Connection, said: Said, other: Held) -> bool:
    theirs = tokens.message(db, other.message)
    return (
        theirs is not None
        and abs(theirs.sent_at - said.sent_at) <= kinship.WORDING_SPAN
        and kinship.alike(said.text, theirs.text) > 0
    )


def _propose(db: Connection, said: Said, token: Token, other: Held, worth: int, now: int) -> None:
    """One more reason for this pair."""
    key = "words" if token.kind == kinship.WORDING else f"{token.kind} {token.value}"
    give_reason(db, said.person, other.person, key, _reason(said, token, other, worth), now)


def give_reason(db: Connection, person: int, other: int, key: str, reason: dict[str, Any], now: int) -> None:
    """One more reason for two persons being one: of those with its key the best. What was declined stays."""
    a, b = people.lead(db, person), people.lead(db, other)
    known = proposals.of_pair(db, a, b)
    if a == b or (known is not None and known.state != "open"):
        return
    worth = reason["score"]
    kept = [one for one in (known.evidence if known else ()) if one["key"] != key or one["score"] > worth]
    if any(one["key"] == key for one in kept):
        return
    reasons = sorted([*kept, {"key": key, **reason}], key=lambda one: -one["score"])[:_MOST_REASONS]
    total = kinship.total([one["score"] for one in reasons])
    if known is None:
        proposals.insert(db, a, b, "open", total, reasons, now)
    else:
        proposals.strengthen(db, known.id, total, reasons, now)


def _reason(said: Said, token: Token, other: Held, worth: int) -> dict[str, Any]:
    """The reason as data: ids alone, so that it is right under any name."""
    # It is told of whoever wrote the text in which it stands.
    theirs = token.own and not other.token.own
    by, owner = (other.identity, said.identity) if theirs else (said.identity, other.identity)
    text = other if theirs else token
    return {
        "kind": token.kind,
        "value": token.value if token.kind != kinship.WORDING else "",
        "score": worth,
        "by": by,
        "other": owner,
        "owned": token.own != other.token.own,
        "claim": text.token.claim if isinstance(text, Held) else text.claim,
        "messages": [other.message, said.message] if theirs else [said.message, other.message],
    }
