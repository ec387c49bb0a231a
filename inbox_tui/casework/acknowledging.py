"""Acknowledges what came since the last look: a reply of a kind of its own goes into the outbox.

Runs after a fetch, never in it. Whoever calls it runs the worker, so that nobody else acknowledges the same.
"""

from __future__ import annotations

from inbox_tui.casework import delivery, recount, signing
from inbox_tui.config import AccountConfig, Config, EmailAccount, XAccount
from inbox_tui.desk import acknowledge as rule
from inbox_tui.desk import checks
from inbox_tui.desk.acknowledge import Acknowledge, Texts
from inbox_tui.desk.clock import MINUTE
from inbox_tui.errors import ConfigError
from inbox_tui.model import CaseState, ReplyKind, ReplyState
from inbox_tui.records import dataclass
from inbox_tui.store import accounts, acknowledged, office, replies, threads
from inbox_tui.store.acknowledged import Found
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store

ACTOR = "worker"
"""Who writes them: no agent."""
LATE = 30 * MINUTE
"""Milliseconds in the outbox after which its times may not be true any more: it is dropped."""
_AT_ONCE = 100
"""Messages in one transaction: others get their turn between two."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How an account acknowledges."""

    wanted: Acknowledge
    language: str
    """Where a message does not tell which."""
    texts: dict[str, Texts]
    """By language."""
    words: dict[str, tuple[str, ...]]
    """Further common words of languages."""
    own: frozenset[str]
    """The firm's own addresses and handles, of all accounts, in lower case."""
    within: int
    """Minutes for which a message is young enough."""


def manner(config: Config, account: AccountConfig) -> Manner | None:
    """How this account acknowledges; None: it does not. Raises ConfigError."""
    if account.acknowledge == Acknowledge.NO:
        return None
    texts = {**rule.BUILT_IN}
    for one in config.acknowledgements:
        usual = rule.BUILT_IN.get(one.language, Texts("", "", ""))
        found = Texts(one.text or usual.text, one.closed or usual.closed, one.untimed or usual.untimed)
        if wrong := rule.wrong(found):
            where = f"{config.path}: acknowledgements.{one.language}.{wrong[0]}"
            places = "the places are {due} in text, {opens} and {due} in closed, none in untimed"
            raise ConfigError(f"{where}: {wrong[1]}", places)
        texts[one.language] = found
    if account.language not in texts:
        where = f"{config.path}: accounts.{account.name}.language"
        raise ConfigError(
            f'{where}: there is no acknowledgement in "{account.language}"',
            f"write [acknowledgements.{account.language}], or take one of {', '.join(sorted(texts))}",
        )
    return Manner(
        wanted=Acknowledge(account.acknowledge),
        language=account.language,
        texts=texts,
        words={one.language: one.words for one in config.acknowledgements},
        own=_own(config),
        within=config.desk.acknowledge_within_minutes,
    )


def _own(config: Config) -> frozenset[str]:
    found: set[str] = set()
    for account in config.accounts.values():
        if isinstance(account, EmailAccount):
            found.update((account.address, *account.aliases, *account.web_forms))
        elif isinstance(account, XAccount):
            found.add(f"@{account.handle.removeprefix('@')}")
    return frozenset(one.lower() for one in found)


def look(store: Store, account: int, how: Manner, now: int) -> int:
    """Acknowledge what this account got since the last look; how many. Raises StoreError.

    The first look acknowledges nothing: what is there was there before.
    """
    with store.reading() as db:
        mark = acknowledged.mark(db, account)
        if mark is not None and mark >= acknowledged.newest(db):
            return 0
    done = 0
    while True:
        with store.write("acknowledge") as db:
            last = acknowledged.mark(db, account)
            newest = acknowledged.newest(db)
            if last is None:
                acknowledged.set_mark(db, account, newest)
                return 0
            found = acknowledged.since(db, account, last, now - how.within * MINUTE, _AT_ONCE)
            done += sum(_acknowledge(db, account, how, one, now) for one in found)
            acknowledged.set_mark(db, account, found[-1].message if len(found) == _AT_ONCE else newest)
        if len(found) < _AT_ONCE:
            return done


def _acknowledge(db: Connection, account: int, how: Manner, found: Found, now: int) -> bool:
    # An earlier one of the same look may have been acknowledged meanwhile.
    if acknowledged.has(db, found.case) or _lately(db, found.person, now):
        return False
    thread = threads.get(db, found.thread)
    if thread is None or rule.why_not(found.asked, how.wanted, how.own, how.within, now):
        return False
    text = _text(db, how, found, now)
    if any(caution.blocks for caution in checks.before_reply(thread, text, now=now)):
        return False
    reply = replies.insert(
        db,
        case=found.case,
        thread=found.thread,
        account=account,
        agent=ACTOR,
        text=text,
        seen=0,
        now=now,
        kind=ReplyKind.ACK,
    )
    acknowledged.enter(db, reply, found.identity, now)
    key = signing.new_key(accounts.secret(db), thread.customer.value or "")
    delivery.queue(db, reply, thread, account, key=key, not_before=now, done=False, now=now)
    return True


def _lately(db: Connection, person: int, now: int) -> bool:
    last = acknowledged.last(db, person)
    return last is not None and now - last < rule.AGAIN


def _text(db: Connection, how: Manner, found: Found, now: int) -> str:
    spoken_in = rule.language(found.text, tuple(how.texts), how.language, how.words)
    due = recount.one(db, found.case).due
    return rule.words(how.texts[spoken_in], office.load(db), due, now, spoken_in)


def drop_late(db: Connection, reply: int, now: int) -> bool:
    """Take an acknowledgement out of the outbox that is not true any more; whether it was one.

    So where it lay there too long, or the case was answered meanwhile.
    """
    row = replies.facts(db, reply)
    if row["kind"] != ReplyKind.ACK or row["state"] != ReplyState.QUEUED:
        return False
    if now - row["created_at"] <= LATE and recount.one(db, row["case_id"]).state is CaseState.WAITING:
        return False
    delivery.withdraw(db, reply, (ReplyState.QUEUED,), ACTOR, now)
    return True
