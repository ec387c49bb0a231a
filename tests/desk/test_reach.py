"""Whether a customer can be answered in a thread now, and where instead."""

from __future__ import annotations

from inbox_tui.desk import reach
from inbox_tui.desk.checks import before_reply
from inbox_tui.desk.clock import DAY, HOUR
from inbox_tui.model import Author, Capabilities, LengthRule, Thread
from inbox_tui.records import replace

NOW = 20_000 * DAY
PRIVATE = Capabilities(public=False, length_rule=LengthRule.CHARACTERS, max_length=2000, reply_window=DAY)
PUBLIC = Capabilities(
    public=True, length_rule=LengthRule.CHARACTERS, max_length=8000, private_window=7 * DAY, privately=PRIVATE
)
COMMENTS = Thread(
    id=1,
    case=1,
    channel="facebook",
    account="page",
    public=True,
    permalink="",
    subject="",
    customer=Author("facebook", "11", "Hajo"),
    can_reply=True,
    why_not="",
    last_in=5,
    capabilities=PUBLIC,
    private_in=5,
    private_until=NOW + DAY,
)
TALK = replace(COMMENTS, id=2, public=False, capabilities=PRIVATE, private_in=None, reply_until=NOW + HOUR)


def test_a_window_closes_to_the_millisecond() -> None:
    assert reach.closed(TALK, NOW + HOUR) == ""
    assert "within 24 hours" in reach.closed(TALK, NOW + HOUR + 1)


def test_it_says_how_long_ago_the_customer_wrote() -> None:
    assert reach.closed(TALK, NOW + HOUR + 2 * DAY).endswith("and that was 3 days ago")


def test_where_he_never_wrote_himself_nothing_can_be_written() -> None:
    assert "only after the customer has written" in reach.closed(replace(TALK, last_in=None), NOW + DAY)


def test_what_the_platform_said_comes_first() -> None:
    assert reach.closed(replace(TALK, can_reply=False, why_not="he left"), NOW) == "he left"


def test_a_comment_is_answered_privately_by_the_rules_of_private_threads() -> None:
    seen = reach.privately(COMMENTS)
    assert (seen.public, seen.last_in, seen.capabilities.max_length) == (False, 5, 2000)
    assert reach.closed(seen, NOW) == ""
    assert "within 7 days" in reach.closed(seen, NOW + DAY + 1)


def test_where_no_comment_is_left_nothing_is_answered_privately() -> None:
    assert reach.closed(reach.privately(replace(COMMENTS, private_in=None)), NOW) == reach.NOT_PRIVATELY
    assert reach.closed(reach.privately(TALK), NOW)


def test_the_ways_that_are_open_are_named() -> None:
    said = reach.ways([COMMENTS, TALK], TALK, NOW)
    assert said == "answer elsewhere: thread 1 (facebook), privately to the comment in thread 1"
    assert reach.ways([TALK], TALK, NOW) == ""
    assert "thread 2 (facebook, private)" in reach.ways([COMMENTS, TALK], COMMENTS, NOW)
    assert reach.ways([COMMENTS, replace(TALK, aside=True)], replace(TALK, id=3), NOW + 9 * DAY) == (
        "answer elsewhere: thread 1 (facebook)"
    )


def test_a_closed_window_blocks_a_reply_before_it_goes_out() -> None:
    (caution,) = before_reply(TALK, "Hello", now=NOW + 2 * DAY)
    assert (caution.code, caution.blocks) == ("refused", True)
    assert before_reply(TALK, "Hello", now=NOW) == ()
