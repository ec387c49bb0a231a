"""What an agent is told before a reply goes out."""

from __future__ import annotations

from dataclasses import replace

from inbox_tui.desk.checks import before_reply
from inbox_tui.model import Author, Capabilities, LengthRule, Thread

X = Capabilities(public=True, length_rule=LengthRule.X_WEIGHTED, max_length=280)
THREAD = Thread(
    id=1,
    case=1,
    channel="x",
    account="shop",
    public=True,
    permalink="",
    subject="",
    customer=Author("x", "42", "Hajo", "@hajo"),
    can_reply=True,
    why_not="",
    last_in=3,
    capabilities=X,
)


def codes(thread: Thread, text: str) -> list[str]:
    found = before_reply(thread, text)
    assert all(caution.blocks and caution.message for caution in found)
    return [caution.code for caution in found]


def test_a_fitting_reply_meets_no_objection() -> None:
    assert before_reply(THREAD, "a" * 280) == ()


def test_an_empty_reply_is_blocked() -> None:
    assert codes(THREAD, " \n\t") == ["empty"]


def test_the_platforms_own_count_decides_and_says_by_how_much() -> None:
    (caution,) = before_reply(THREAD, "字" * 141)
    assert caution.code == "too_long"
    assert "by 2 " in caution.message
    assert before_reply(THREAD, "字" * 140) == ()
    assert before_reply(THREAD, "https://example.com/" + "a" * 400) == (), "a link counts 23 on X"


def test_no_limit_means_no_limit() -> None:
    assert before_reply(replace(THREAD, capabilities=Capabilities(public=False)), "a" * 10_000) == ()


def test_what_the_platform_will_refuse_is_said_in_its_words() -> None:
    (caution,) = before_reply(replace(THREAD, can_reply=False, why_not="not summoned"), "Hello")
    assert (caution.code, caution.message) == ("refused", "not summoned")


def test_a_thread_with_nobody_at_its_end_is_blocked() -> None:
    nobody = replace(THREAD, last_in=None, customer=Author("x", None))
    assert codes(nobody, "Hello") == ["no_recipient"]
    assert codes(replace(nobody, last_in=3), "Hello") == [], (
        "a comment can be answered though its writer hides"
    )
