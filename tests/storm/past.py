"""A desk that has been at work for a while: what has a bound, as caches of pages have, is full there soon."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice

from inbox_tui.casework.intake import Batch, Desk, take_page
from inbox_tui.desk.matching import Rules
from inbox_tui.model import Author, Direction, Incoming, MailFacts
from inbox_tui.sandbox.runner import Sandbox
from inbox_tui.store import accounts
from inbox_tui.store.engine import Store

_ACCOUNT, _ADDRESS = "mail", "help@shop.example"
_LONG_AGO = 30 * 86_400_000
_PAGE = 1_000


def fill(box: Sandbox, count: int) -> None:
    """So many mails of an earlier month, half of them our answers, of a folder that is fetched no more.

    The account must have been fetched before.
    """
    now = time.time_ns() // 1_000_000
    mails = islice(_mails(now - _LONG_AGO), count)
    with closing(Store(box.store_path)) as store:
        account = accounts.find(store.read(), _ACCOUNT)
        assert account is not None
        desk = Desk(account, _ACCOUNT, "email", now - 2 * _LONG_AGO, Rules())
        cursor = accounts.cursor(store.read(), account)
        stored = 0
        while page := tuple(islice(mails, _PAGE)):
            stored += take_page(store, desk, Batch(page, cursor), now).new
        assert stored == count


def _mails(at: int) -> Iterator[Incoming]:
    """A mail and our answer, again and again; four such matters a customer."""
    us = Author("email", _ADDRESS, "Shop", _ADDRESS)
    number = 0
    while True:
        number += 1
        address = f"former{number // 4}@kunden.example"
        customer = Author("email", address, f"Former {number // 4}", address)
        asked, answered = (f"<{name}.{number}@kunden.example>" for name in ("asked", "answered"))
        facts = MailFacts(message_id=asked, references=(), participants=(address, _ADDRESS), digest=asked)
        question = Incoming(
            external_id=f"Former/1/{2 * number}",
            thread_key="",
            author=customer,
            direction=Direction.IN,
            text=f"Where is my order {number}? It should have come last week.",
            sent_at=at + 2 * number,
            subject=f"Order {number}",
            mail=facts,
        )
        yield question
        yield replace(
            question,
            external_id=f"Former/1/{2 * number + 1}",
            author=us,
            direction=Direction.OUT,
            text=f"Order {number} is on its way.",
            sent_at=question.sent_at + 1,
            customer=customer,
            mail=replace(facts, message_id=answered, references=(asked,), digest=answered),
        )
