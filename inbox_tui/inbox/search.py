"""Finding cases by what was said in them, and by what agents said of them. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from datetime import UTC

from inbox_tui.casework.zone import local_zone
from inbox_tui.config import Config
from inbox_tui.desk import query as queries
from inbox_tui.desk import views
from inbox_tui.desk.folding import fold
from inbox_tui.desk.query import Query
from inbox_tui.inbox.hits import Asked
from inbox_tui.model import CaseRow, Found, Hit, Position
from inbox_tui.store import accounts, listing, search, triage
from inbox_tui.store.driver import Connection
from inbox_tui.store.engine import Store
from inbox_tui.store.search import Candidate

LIMIT = 50
MOST = 20_000
"""Messages looked at for one search: then it says that there may be more."""
_FEW = 2_000
"""A view with no more cases is read before its messages are."""
_BATCH = 200
"""Cases read at once, at most."""


class Search:
    """Reached as `Inbox.search`."""

    def __init__(self, store: Store, config: Config, agent: str, now: Callable[[], int]) -> None:
        self._store = store
        self._config = config
        self._now = now
        self.agent = agent

    def find(self, text: str, *, limit: int = LIMIT, typing: bool = False) -> Found:
        """Cases that match, the newest hit first, each once. limit 0: all.

        typing: the text is not through yet; its last word may go on. Raises UsageError for a value that a
        field cannot have.
        """
        now = self._now()
        # Days alone need the zone, and the system is asked for it each time: it may have changed.
        query = queries.parse(text, now, local_zone(now) if ":" in text else UTC, typing=typing)
        if query.empty:
            return Found((), more=False)
        asked = tuple(term.text for term in query.terms if not term.negative and not term.author)
        hits: list[Hit] = []
        # One more than wanted says whether there is more.
        enough = min(limit or _BATCH, _BATCH) + 1
        with self._store.reading() as db, closing(self._hits(db, query, enough)) as found:
            for hit in found:
                if hit is None or (limit and len(hits) == limit):
                    return Found(tuple(hits), more=True, words=asked)
                hits.append(hit)
        return Found(tuple(hits), more=False, words=asked)

    def _hits(self, db: Connection, query: Query, enough: int) -> Generator[Hit | None]:
        """Hits; None where it gives up with messages left. enough: cases that are read at once."""
        if query.case is not None:
            yield from self._by_number(db, query)
        elif query.of_messages:
            yield from self._by_words(db, query, enough)
        else:
            yield from self._by_case(db, query)

    def _by_number(self, db: Connection, query: Query) -> Iterator[Hit]:
        for row in listing.by_id(db, [query.case or 0]).values():
            if self._fits(row, query):
                yield _plain(row)

    def _by_words(self, db: Connection, query: Query, enough: int) -> Iterator[Hit | None]:
        members = self._members(db, query)
        if members is not None and not members:
            return
        seen: set[int] = set()
        batch: list[Candidate] = []
        asked = Asked(query)
        for candidate in search.candidates(db, query, MOST, members, seen):
            if candidate is None:
                yield from self._of(db, batch, query, asked)
                yield None
                return
            if asked.of(candidate):
                seen.add(candidate.case)
                batch.append(candidate)
                if len(batch) >= enough:
                    yield from self._of(db, batch, query, asked)
                    batch = []
        yield from self._of(db, batch, query, asked)

    def _of(self, db: Connection, batch: list[Candidate], query: Query, asked: Asked) -> Iterator[Hit]:
        known = listing.by_id(db, [one.case for one in batch])
        for one in batch:
            row = known[one.case]
            if not query.filters or self._fits(row, query):
                snippet, marks = asked.shown(one)
                yield Hit(row, one.message, one.sent_at, snippet, marks)

    def _by_case(self, db: Connection, query: Query) -> Iterator[Hit | None]:
        """By what agents said of cases alone: walks a view that holds them all."""
        if query.values("tag"):
            found = listing.by_id(db, sorted(self._members(db, query) or ())).values()
            fitting = [row for row in found if self._fits(row, query)]
            yield from map(_plain, sorted(fitting, key=lambda row: (-row.updated_at, -row.id)))
            return
        named = [value for value in query.values("is") if value in dict(views.FIXED)]
        key = views.key_of(named[0] if named else views.ALL, self.agent)
        after, looked = None, 0
        while True:
            page = listing.page(db, key, after, 500)
            yield from (_plain(row) for row in page if self._fits(row, query))
            looked += len(page)
            if len(page) < 500:
                return
            if looked >= MOST:
                yield None
                return
            after = Position(page[-1].rank, page[-1].id)

    def _members(self, db: Connection, query: Query) -> set[int] | None:
        """The cases that it can be at most; None where they are not few."""
        tagged = [search.tagged(db, value) for value in query.values("tag")]
        named = [value for value in query.values("is") if value in dict(views.FIXED)]
        few = [search.few(db, views.key_of(value, self.agent), _FEW) for value in named]
        known = tagged + [ids for ids in few if ids is not None]
        return set.intersection(*known) if known else None

    def _fits(self, row: CaseRow, query: Query) -> bool:
        asked = (one for one in query.filters if one.field != "has")  # that is asked of the message itself
        return all(self._true(row, one.field, one.value) is not one.negative for one in asked)

    def _true(self, row: CaseRow, field: str, value: str) -> bool:
        if field == "tag":
            return any(fold(tag) == value for tag in row.tags)
        if field == "channel":
            return value in row.channels
        return _is(row, value, self.agent)

    def complete(self, text: str) -> tuple[str, ...]:
        """The whole text with its last word completed, the likeliest first."""
        before, _, word = text.rpartition(" ")
        lead = f"{before} " if before else ""
        minus = "-" if word.startswith("-") else ""
        field, colon, value = word[len(minus) :].partition(":")
        if not colon:
            found = [f"{name}:" for name in queries.FIELDS if field and name.startswith(field.lower())]
            return tuple(f"{lead}{minus}{one}" for one in found)
        values = self._values(field.lower()) if field.lower() in queries.FIELDS else ()
        fitting = [one for one in values if fold(one).startswith(fold(value)) and one != value]
        return tuple(f"{lead}{minus}{field}:{one}" for one in fitting[:20])

    def _values(self, field: str) -> tuple[str, ...]:
        if field == "tag":
            with self._store.reading() as db:
                return triage.tags(db)
        if field == "channel":
            with self._store.reading() as db:
                return tuple(dict.fromkeys(h.channel for h in accounts.health(db, self._now())))
        known: Mapping[str, tuple[str, ...]] = {
            "is": queries.STATES,
            "has": ("attachment",),
            "before": ("today", "7d", "30d"),
            "after": ("today", "yesterday", "7d", "30d"),
        }
        return known.get(field, ())


def _is(row: CaseRow, value: str, agent: str) -> bool:
    if value in ("low", "high", "urgent"):
        return row.priority.value == value
    return value in _standing(row, agent)


def _standing(row: CaseRow, agent: str) -> set[str]:
    """The views that a case stands in, as `is:` names them."""
    found = views.views_of(
        row.state,
        automatic=row.automatic,
        channels=(),
        waiting_since=row.waiting_since,
        updated_at=row.updated_at,
        assignee=row.assignee,
        snoozed=row.snoozed,
        snoozed_until=row.snoozed_until,
        spam=row.spam,
    )
    return {"mine" if view == views.key_of(views.MINE, agent) else view for view, _ in found}


def _plain(row: CaseRow) -> Hit:
    return Hit(row, None, row.updated_at, row.snippet, ())
