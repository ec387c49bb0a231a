"""Finding cases by what was said in them, and by what agents said of them. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from inbox_tui.casework.zone import local_zone
from inbox_tui.config import Config
from inbox_tui.desk import query as queries
from inbox_tui.desk import views
from inbox_tui.desk.folding import fold, places, stands
from inbox_tui.desk.query import Query
from inbox_tui.model import CaseRow, Found, Hit, Position
from inbox_tui.store import accounts, cases, search, triage
from inbox_tui.store.engine import Connection, Store
from inbox_tui.store.search import Candidate
from inbox_tui.text import snippet

LIMIT = 50
MOST = 20_000
"""Messages looked at for one search: then it says that there may be more."""
_FEW = 2_000
"""A view with no more cases is read before its messages are."""
_AHEAD = 24
"""Characters of a snippet before what was found."""
_LENGTH = 160
_CUT = "\0"
"""Between subject, text and files: no text holds it, and no phrase goes across."""
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
        query = queries.parse(text, self._now(), local_zone(self._now()), typing=typing)
        if query.empty:
            return Found((), more=False)
        asked = tuple(term.text for term in query.terms if not term.negative and not term.author)
        hits: list[Hit] = []
        with self._store.reading() as db:
            # One more than wanted says whether there is more.
            for hit in self._hits(db, query, min(limit or _BATCH, _BATCH) + 1):
                if hit is None or (limit and len(hits) == limit):
                    return Found(tuple(hits), more=True, words=asked)
                hits.append(hit)
        return Found(tuple(hits), more=False, words=asked)

    def _hits(self, db: Connection, query: Query, enough: int) -> Iterator[Hit | None]:
        """Hits; None where it gives up with messages left. enough: cases that are read at once."""
        if query.case is not None:
            yield from self._by_number(db, query)
        elif query.of_messages:
            yield from self._by_words(db, query, enough)
        else:
            yield from self._by_case(db, query)

    def _by_number(self, db: Connection, query: Query) -> Iterator[Hit]:
        for row in cases.by_id(db, [query.case or 0]).values():
            if self._fits(row, query):
                yield _plain(row)

    def _by_words(self, db: Connection, query: Query, enough: int) -> Iterator[Hit | None]:
        members = self._members(db, query)
        if members is not None and not members:
            return
        seen: set[int] = set()
        batch: list[Candidate] = []
        for looked, candidate in enumerate(search.candidates(db, query), 1):
            possible = members is None or candidate.case in members
            if possible and candidate.case not in seen and _says(candidate, query):
                seen.add(candidate.case)
                batch.append(candidate)
            if len(batch) >= enough:
                yield from self._of(db, batch, query)
                batch = []
            if looked >= MOST:
                yield from self._of(db, batch, query)
                yield None
                return
        yield from self._of(db, batch, query)

    def _of(self, db: Connection, batch: list[Candidate], query: Query) -> Iterator[Hit]:
        known = cases.by_id(db, [one.case for one in batch])
        for one in batch:
            if self._fits(known[one.case], query):
                yield _hit(known[one.case], one, query)

    def _by_case(self, db: Connection, query: Query) -> Iterator[Hit | None]:
        """By what agents said of cases alone: walks a view that holds them all."""
        if query.values("tag"):
            found = cases.by_id(db, sorted(self._members(db, query) or ())).values()
            fitting = [row for row in found if self._fits(row, query)]
            yield from map(_plain, sorted(fitting, key=lambda row: (-row.updated_at, -row.id)))
            return
        named = [value for value in query.values("is") if value in dict(views.FIXED)]
        key = views.key_of(named[0] if named else views.ALL, self.agent)
        after, looked = None, 0
        while True:
            page = cases.page(db, key, after, 500)
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


def _says(candidate: Candidate, query: Query) -> bool:
    """The message itself says it: the index cuts words at every sign, and knows nothing of `-`."""
    if any(bool(candidate.names) is one.negative for one in query.filters if one.field == "has"):
        return False
    # A reply stands in the index by the time, too, at which it was written first.
    if not query.within(candidate.sent_at):
        return False
    said = fold(f"{candidate.subject}{_CUT}{candidate.text}{_CUT}{candidate.names}")
    if any(" " in term.text for term in query.terms):
        said = " ".join(said.split())  # a phrase goes on in the next line
    for term in query.terms:
        text = fold(candidate.who) if term.author else said
        if stands(text, term.text, prefix=term.prefix) is term.negative:
            return False
    return True


def _hit(row: CaseRow, one: Candidate, query: Query) -> Hit:
    """The words around the first place in the text, else its beginning.

    What stands in the subject alone, or in the name of a file, goes before the text.
    """
    line = " ".join(one.text.split())
    found = _places(line, query)
    if not found:
        for other in (one.subject, one.names):
            if _places(ahead := " ".join(other.split()), query):
                line = f"{ahead} · {line}" if line else ahead
                found = _places(line, query)
                break
    start = max(0, found[0][0] - _AHEAD) if found and found[0][0] > _LENGTH // 2 else 0
    cut = ("…" if start else "") + line[start : start + _LENGTH]
    shift = start - (1 if start else 0)
    marks = tuple((begin - shift, end - shift) for begin, end in found if end - shift <= len(cut))
    if not (cut.isascii() and cut.isprintable()) and cut != snippet(cut, _LENGTH + 1):
        # What a terminal must not see is never stored; should it be, its marks would be wrong.
        return Hit(row, one.message, one.sent_at, snippet(cut, _LENGTH + 1), ())
    return Hit(row, one.message, one.sent_at, cut, marks)


def _places(line: str, query: Query) -> list[tuple[int, int]]:
    wanted = [term for term in query.terms if not term.negative and not term.author]
    return sorted({place for term in wanted for place in places(line, term.text, prefix=term.prefix)})


def _plain(row: CaseRow) -> Hit:
    return Hit(row, None, row.updated_at, row.snippet, ())
