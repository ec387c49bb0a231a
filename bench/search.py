"""Searching 100,000 messages in process: the 50 newest hits of a common word, a rare one, a phrase, a prefix.

With --notmuch its index over the same texts is built once, which takes minutes, and both search in turn: the
newest fifty cases here, the newest fifty threads there, each with writer, subject and number of messages, and
ours with the words around what was found. notmuch's time is that of a process, less that of one which only
opens the index, so that its start is not counted. Aim: a fifth of it.
"""

from __future__ import annotations

import measure
import peer_notmuch

from inbox_tui.bootstrap import open_inbox
from inbox_tui.config import load

QUERIES = {
    "common word": "parcel",
    "rare word": "harbour",
    "phrase": '"no network since"',
    "prefix": "netw*",
    "sender": "from:greta",
    "word and state": "parcel is:waiting",
}
LIMIT = 50
_OURS_ALONE = "is:"
"""What notmuch knows nothing of."""


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 40, messages=100_000)
    parser.add_argument("--notmuch", action="store_true", help="search with notmuch, too")
    given = parser.parse_args()
    inbox = open_inbox(load(str(measure.store(given.dir, given.messages))))
    peer = given.dir / f"notmuch-threads-{given.messages}"
    if given.notmuch:
        if lacking := peer_notmuch.missing():
            raise SystemExit(lacking)
        peer_notmuch.index(peer, given.messages)
    rows: list[measure.Row] = []
    for name, query in QUERIES.items():
        hits = len(inbox.search.find(query, limit=LIMIT).hits)
        ours, theirs = [], []
        for _ in range(given.rounds):
            ours.append(measure.timed(lambda query=query: inbox.search.find(query, limit=LIMIT)))  # type: ignore[misc]
            if given.notmuch and _OURS_ALONE not in query:
                opened = peer_notmuch.nothing(peer)
                theirs.append(max(0.0, peer_notmuch.search(peer, query, LIMIT)[1] - opened))
        row: dict[str, object] = {"what": name, "hits": hits}
        row |= {f"ms p{part}": round(measure.percentile(ours, part), 2) for part in (50, 95)}
        if given.notmuch:
            row |= {
                f"notmuch p{p}": round(measure.percentile(theirs, p), 1) if theirs else "-" for p in (50, 95)
            }
        rows.append(row)
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
