"""Templates, what is quoted, and what speaks against sending."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.desk import quoting, templates
from inbox_tui.desk.checks import Enclosed, before_reply, too_large
from inbox_tui.model import (
    Attached,
    Attachment,
    Author,
    Automatic,
    Capabilities,
    Direction,
    Kind,
    LengthRule,
    Message,
    ReplyState,
    Thread,
)

MAIL = Capabilities(public=False, max_files_bytes=1000, copies=True)
X = Capabilities(public=True, length_rule=LengthRule.X_WEIGHTED, max_length=280, link_price=200_000)


def thread(can: Capabilities) -> Thread:
    who = Author("email", "a@x.example", "A", "a@x.example")
    return Thread(1, 1, "x", "shop", can.public, "", "", who, True, "", 1, capabilities=can)


def codes(can: Capabilities, text: str, **enclosed: object) -> dict[str, bool]:
    found = before_reply(thread(can), text, Enclosed(**enclosed))  # type: ignore[arg-type]
    return {one.code: one.blocks for one in found}


def test_what_is_known_is_filled_in_and_what_is_not_stays() -> None:
    text = "Dear {person.name}, {case.id}: {agent.name} {persn.name} {person.name} {not a place} {x}"
    filled, missing = templates.fill(text, {"case.id": "12", "agent.name": "Lena", "person.name": " "})
    assert filled == "Dear {person.name}, 12: Lena {persn.name} {person.name} {not a place} {x}"
    assert missing == ("person.name", "persn.name") == templates.left(filled)
    assert templates.unknown(filled) == ("persn.name",)


@given(st.text(), st.dictionaries(st.sampled_from(templates.PLACES), st.text()))
def test_no_value_is_read_for_places(text: str, values: dict[str, str]) -> None:
    evil = dict.fromkeys(values, "{agent.name}{case.id}")
    filled, missing = templates.fill(text + "{person.name}", evil)
    assert "{person.name}" in filled if "person.name" in missing else filled.endswith("{case.id}")
    assert set(missing).isdisjoint(evil)


def test_a_place_left_open_blocks_in_text_and_subject() -> None:
    assert codes(MAIL, "Dear {person.name}") == {"placeholder": True}
    assert codes(MAIL, "text", subject="For {person.name}") == {"placeholder": True}
    assert codes(MAIL, "a {dict} and {x.}") == {}


def test_a_link_on_x_says_what_it_costs() -> None:
    assert codes(X, "look: shop.example.com/a") == {"link_cost": False}
    assert codes(X, "no link. none") == {} == codes(MAIL, "https://shop.example.com")
    [caution] = before_reply(thread(X), "https://shop.de", Enclosed(spent=430_000, budget=2_000_000))
    assert caution.message == "a link makes this reply cost $0.20; spent today: $0.43 of $2.00"


def test_files_and_copies_go_only_where_they_can() -> None:
    files = (Attached(1, "a", "text/plain", 600), Attached(2, "b", "text/plain", 500))
    assert codes(MAIL, "x", files=files[:1], cc=("a@x.example",)) == {}
    assert codes(MAIL, "x", files=files) == {"files": True}
    assert codes(X, "x", files=files[:1], cc=("a@x.example",)) == {"files": True, "copies": True}
    assert too_large(thread(X), []) == ""


def said(number: int, text: str, **more: object) -> Message:
    given: dict[str, object] = {
        "direction": Direction.IN,
        "kind": Kind.MESSAGE,
        "thread": 1,
        "state": None,
        "attachments": (),
    }
    given |= more
    return Message(
        id=number,
        case=1,
        channel="email",
        account="mail",
        author=Author("email", "a@x.example", "Ann", "a@x.example"),
        text=text,
        full_text="",
        subject="",
        sent_at=number,
        public=False,
        permalink="",
        automatic=Automatic.NO,
        reply=None,
        owed=False,
        **given,  # type: ignore[arg-type]
    )


def test_what_was_said_is_quoted_and_notes_and_drafts_are_not() -> None:
    timeline = [
        said(1, "one\ntwo", attachments=(Attachment("a.pdf", "application/pdf", 1),)),
        said(2, "hm", kind=Kind.NOTE),
        said(3, "not yet", direction=Direction.OUT, state=ReplyState.QUEUED),
        said(4, "sorry", direction=Direction.OUT, state=ReplyState.SENT),
        said(5, "other thread", thread=2),
    ]
    chosen = quoting.to_quote(timeline, frozenset({1}))
    assert [message.id for message in chosen] == [1, 4]
    assert quoting.quoted(chosen, str, "we") == (
        "1, Ann <a@x.example> by mail:\n> one\n> two\n> [a.pdf]\n\n4, we by mail:\n> sorry"
    )


def test_of_a_long_case_the_newest_is_quoted() -> None:
    found = quoting.quoted([said(n, f"{n} " + "x" * 20_000) for n in range(4)], str, "we")
    assert found.startswith("(what was written before is left out)") and len(found) < 50_000
    assert "> 3 x" in found and "> 1 x" not in found
