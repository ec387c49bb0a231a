"""Searching 100,000 messages in process: the 50 newest hits of a common word, a rare one, a phrase, a prefix.

Aim: a fifth of notmuch's time on the same texts, where that is installed; see `all.py`.
"""

from __future__ import annotations

import time

import measure

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


def main() -> None:
    """The command line."""
    parser = measure.options(__doc__, 40, messages=100_000)
    given = parser.parse_args()
    inbox = open_inbox(load(str(measure.store(given.dir, given.messages))))
    rows: list[measure.Row] = []
    for name, query in QUERIES.items():
        times = []
        for _ in range(given.rounds):
            begun = time.perf_counter()
            hits = inbox.search.find(query, limit=50).hits
            times.append((time.perf_counter() - begun) * 1000)
        rows.append(
            {
                "what": name,
                "hits": len(hits),
                "ms p50": round(measure.percentile(times, 50), 2),
                "ms p95": round(measure.percentile(times, 95), 2),
            }
        )
    measure.show(rows, given.json)


if __name__ == "__main__":
    main()
