"""Whatever order a fetch brings things in, and however often: the same cases, clocks and persons.

Three accounts on three channels. A fetch brings a page or several of each; platforms deliver twice, and the
accounts are read side by side, so that neither order means anything: as long as all of it lies within
`join_hours`, and, for supporters, no page brings their own matter after the one that they support.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.model import Incoming
from tests.casework.world import (
    NOW,
    World,
    check_clocks,
    check_supporters,
    check_views,
    comment,
    mail,
    our_mail,
    our_post,
    post,
    temporary_world,
)

SETTINGS = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
ACCOUNTS = ("mail", "shop", "page")


@dataclass(frozen=True)
class Said:
    """One message of a fetch."""

    account: str
    message: Incoming


def address(who: str) -> str:
    return f"{who}@ex.example"


# -- who writes what

Maker = Callable[[int, int, str, list[Said]], Said]


def own_mail(number: int, at: int, who: str, told: list[Said]) -> Said:
    """A mail that goes on with his last one, where there is one."""
    before = [one.message for one in told if one.message.author.value == address(who) and one.message.mail]
    refs = [before[-1].mail.message_id] if before and before[-1].mail else []
    return Said("mail", mail(number, address(who), at, f"mail {number}", refs=refs, copy=[address("zoe")]))


def a_mention(number: int, at: int, who: str, told: list[Said]) -> Said:
    return Said(
        "shop", post(f"x{number}", who, at, f"post {number}", thread=f"x{number}:{who}", root=f"x{number}")
    )


def direct(number: int, at: int, who: str, told: list[Said]) -> Said:
    said = post(f"d{number}", who, at, f"dm {number}", thread=f"dm:{who}", endless=True)
    return Said("shop", replace(said, public=False))


def a_comment(number: int, at: int, who: str, told: list[Said]) -> Said:
    return Said("page", comment(f"c{number}", who, at, f"comment {number}", thread=f"p:{who}"))


def by_hand(number: int, at: int, who: str, told: list[Said]) -> Said:
    return Said("mail", our_mail(number, address(who), at, f"answer {number}"))


def post_by_hand(number: int, at: int, who: str, told: list[Said]) -> Said:
    """An answer on X to his newest mention, else a post to him."""
    his = [
        one.message for one in told if one.account == "shop" and one.message.thread_key.endswith(f":{who}")
    ]
    thread = his[-1].thread_key if his else f"dm:{who}"
    return Said("shop", our_post(f"o{number}", who, at, f"answer {number}", thread=thread))


def under(number: int, at: int, who: str, told: list[Said]) -> Said:
    """A third person under the newest mention of somebody else; where there is none, a mention of his."""
    theirs = [one.message for one in told if one.message.root and one.message.author.value != f"third{who}"]
    if not theirs:
        return a_mention(number, at, f"third{who}", told)
    above = theirs[-1]
    said = post(
        f"s{number}",
        f"third{who}",
        at,
        f"support {number}",
        thread=f"{above.root}:third{who}",
        root=above.root,
        in_reply_to=above.external_id,
    )
    return Said("shop", said)


def colleague(number: int, at: int, who: str, told: list[Said]) -> Said:
    """Zoe, whom he names in every mail, about his newest one."""
    his = [one.message for one in told if one.message.author.value == address(who) and one.message.mail]
    refs = [his[-1].mail.message_id] if his and his[-1].mail else []
    return Said("mail", mail(number, address("zoe"), at, f"zoe {number}", refs=refs, copy=[address(who)]))


ALONE: tuple[Maker, ...] = (own_mail, a_mention, direct, a_comment, by_hand, post_by_hand)
ALL: tuple[Maker, ...] = (*ALONE, under, colleague)


@st.composite
def fetches(draw: st.DrawFn, makers: tuple[Maker, ...], hours: int) -> list[Said]:
    """What two customers and those around them wrote since the last fetch; every time once."""
    times = sorted(draw(st.lists(st.integers(0, hours), min_size=1, max_size=10, unique=True)))
    told: list[Said] = []
    for number, hour in enumerate(times):
        make, who = draw(st.sampled_from(makers)), draw(st.sampled_from("ab"))
        told.append(make(number + 10, NOW + hour * HOUR, who, told))
    return told


def known(world: World) -> None:
    """Customer a is known on all channels to be one; that was long ago, and is over."""
    long_ago = NOW - 100 * DAY
    world.take("mail", mail(1, address("a"), long_ago))
    world.take("shop", post("old", "a", long_ago, thread="old:a"))
    world.take("page", comment("older", "a", long_ago, thread="old:a"))
    cases = [world.case_of(one) for one in ("INBOX/1/1", "old", "older")]
    world.inbox.people.merge(cases)
    world.now = long_ago + DAY
    world.inbox.done(cases[0])
    world.now = NOW


def outcome(world: World) -> dict[frozenset[str], Any]:
    """Cases, clocks and persons, without the numbers of the store."""
    out: dict[frozenset[str], Any] = {}
    for case in map(world.inbox.case, world.case_ids()):
        if not case.timeline:
            continue
        row = case.row
        out[frozenset(m.text for m in case.timeline)] = (
            row.state,
            row.waiting_since,
            row.due,
            row.messages,
            row.contacts,
            sorted(row.channels),
            [m.text for m in case.timeline if m.owed],
            sorted((one.kind, one.value) for one in case.identities),
            sorted(one.name for one in case.supporters),
        )
    return out


def in_time(told: list[Said]) -> dict[frozenset[str], Any]:
    """As if every message had been taken the moment it was written."""
    with temporary_world() as world:
        known(world)
        for one in told:
            world.take(one.account, one.message)
        return outcome(world)


def books_are_right(world: World) -> None:
    check_views(world)
    check_clocks(world)
    check_supporters(world)


@SETTINGS
@given(fetches(ALL, 70), st.data())
def test_a_fetch_in_any_order_and_twice(told: list[Said], data: st.DataObject) -> None:
    expected = in_time(told)
    with temporary_world() as world:
        known(world)
        for account in data.draw(st.permutations(ACCOUNTS)):
            page = [one.message for one in told if one.account == account]
            again = data.draw(st.lists(st.sampled_from(page), max_size=4)) if page else []
            world.take(account, *data.draw(st.permutations([*page, *again])))
            if again:
                assert world.take(account, *again).new == 0
        assert outcome(world) == expected
        books_are_right(world)


@SETTINGS
@given(fetches(ALONE, 70), st.data())
def test_pages_of_all_accounts_in_any_order_and_twice(told: list[Said], data: st.DataObject) -> None:
    expected = in_time(told)
    with temporary_world() as world:
        known(world)
        rest = data.draw(st.permutations([*told, *data.draw(st.lists(st.sampled_from(told), max_size=4))]))
        while rest:
            size = data.draw(st.integers(1, len(rest)), label="page")
            for account in ACCOUNTS:
                world.take(account, *[one.message for one in rest[:size] if one.account == account])
            rest = rest[size:]
        assert outcome(world) == expected
        books_are_right(world)
