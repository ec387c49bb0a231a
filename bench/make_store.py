"""Builds a realistic store of any size, with a config.toml that opens it.

Five messages a case, a tenth of the cases waiting, on three channels; the same number gives the same store.
It goes the way of all messages, through `casework`, in large pages; no SQL here. Raw mails are left out.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import world

from inbox_tui.casework import recount
from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.desk.matching import Rules
from inbox_tui.inbox import wall_clock
from inbox_tui.model import Capabilities, Incoming, LengthRule
from inbox_tui.store import accounts, cases, threads
from inbox_tui.store.driver import BY_WORKER
from inbox_tui.store.engine import Store

CASES_AT_ONCE = 3_000
_NAMES = {"email": "mail", "x": "shop_x", "facebook": "page"}
_CAN = {
    "email": Capabilities(public=False, subjects=True, files_copy=True),
    "x": Capabilities(public=True, length_rule=LengthRule.X_WEIGHTED, max_length=280),
    "facebook": Capabilities(public=True, length_rule=LengthRule.CHARACTERS, max_length=8000),
}
# Nobody listens on these ports, and no secret is set: whatever is started on this store reaches nothing.
_CONFIG = """\
store = "inbox.db"

[accounts.mail]
channel = "email"
address = "service@shop.example"
password_env = "INBOX_TUI_BENCH_SECRET"
imap_host = "127.0.0.1"
imap_port = 9
smtp_host = "127.0.0.1"
smtp_port = 9

[accounts.shop_x]
channel = "x"
handle = "@shop"
token_env = "INBOX_TUI_BENCH_SECRET"
api_url = "http://127.0.0.1:9"

[accounts.page]
channel = "facebook"
page_id = "100000000000001"
token_env = "INBOX_TUI_BENCH_SECRET"
api_url = "http://127.0.0.1:9"
"""


def build(folder: Path, messages: int, progress: Callable[[int], None] = lambda _: None) -> Path:
    """Build the store; returns its configuration. messages: rounded down to whole cases.

    progress: called with the messages stored so far.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.toml"
    store = Store(folder / "inbox.db", keep=BY_WORKER)
    now = wall_clock()
    desks = {channel: _desk(store, channel, now) for channel in world.CHANNELS}
    told = world.stories(messages // world.MESSAGES_A_CASE, now)
    stored = 0
    while part := list(itertools.islice(told, CASES_AT_ONCE)):
        for channel, desk in desks.items():
            _take(store, desk, [story for story in part if story.channel == channel], now)
        stored += len(part) * world.MESSAGES_A_CASE
        progress(stored)
    with store.write("bench") as db:
        for desk in desks.values():
            accounts.succeeded(db, desk.account, now)
    store.close()
    config.write_text(_CONFIG, encoding="utf-8")
    return config


def _desk(store: Store, channel: str, now: int) -> Desk:
    since = now - 2 * world.SPAN
    with store.write("bench") as db:
        account = accounts.ensure(db, _NAMES[channel], channel)
        accounts.set_capabilities(db, account, _CAN[channel])
        accounts.since(db, account, since)
    return Desk(account, _NAMES[channel], channel, since, Rules())


def _take(store: Store, desk: Desk, stories: Sequence[world.Story], now: int) -> None:
    page = [message for story in stories for message in story.messages]
    batch = Batch((*_posts(stories), *page), {}, complete_until=now, history_done=True)
    take_page(store, desk, batch, now)
    done = {story.thread_key: story for story in stories if story.done}
    with store.write("bench") as db:
        known = threads.by_key(db, desk.account, done)
        records = cases.load(db, [thread.case for thread in known.values()])
        for key, thread in known.items():
            recount.close(db, records[thread.case], done[key].messages[-1].sent_at, "ada")
        cases.save(db, list(records.values()))


def _posts(stories: Sequence[world.Story]) -> list[Incoming]:
    """Our own posts under which these cases run; one that is stored already changes nothing."""
    first = {story.messages[0].context: story for story in reversed(stories) if story.channel == "facebook"}
    return [world.post(story.number, story.messages[0].sent_at - 60_000) for story in first.values()]


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000, metavar="N", help="how many (default 10000)")
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to; must not hold a store yet")
    given = parser.parse_args()
    if not 1 <= given.messages // world.MESSAGES_A_CASE <= 10_000_000:
        parser.error("--messages: from 5 to 50 million")
    if (given.folder / "inbox.db").exists():
        parser.error(f"{given.folder} holds a store already")
    begun = time.perf_counter()
    config = build(given.folder, given.messages, lambda n: print(f"\r{n:,} messages", end="", flush=True))
    print(f" in {time.perf_counter() - begun:.1f} s\ninbox-tui --config {config} list")


if __name__ == "__main__":
    main()
