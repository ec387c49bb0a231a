"""A case laid out as lines."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inbox_tui.model import Attachment, Automatic, Case, Direction, Kind, ReplyState
from inbox_tui.text import cell_width
from inbox_tui.tui.ink import cells, spread
from inbox_tui.tui.sheet import Sheet, head, lay_out, wrap
from tests.tui.fake import DAY, HOUR, NOW, FakeInbox, hajo, incoming, ours, story


def story_case() -> Case:
    return hajo(FakeInbox())


def text(sheet: Sheet) -> str:
    return "\n".join("".join(part for part, _ in line).rstrip() for line in sheet.lines)


@given(st.text(), st.integers(min_value=2, max_value=90))
def test_no_line_is_wider_than_the_pane(said: str, width: int) -> None:
    assert all(cell_width(line) <= width for line in wrap(said, width))


@given(st.text(alphabet="abc \näö", max_size=400), st.integers(min_value=2, max_value=40))
def test_wrapping_loses_no_letter(said: str, width: int) -> None:
    assert "".join("".join(wrap(said, width)).split()) == "".join(said.split())


def test_words_stay_whole_where_there_is_room() -> None:
    assert list(wrap("one two three\nfour", 8)) == ["one two", "three", "four"]
    assert list(wrap("abcdefgh", 3)) == ["abc", "def", "gh"]


@given(st.integers(min_value=40, max_value=200))
def test_every_line_fits_at_any_width(width: int) -> None:
    sheet = lay_out(story_case(), (), width, NOW)
    assert max(cell_width("".join(part for part, _ in line)) for line in sheet.lines) <= width


def test_the_timeline_tells_days_channels_and_who_can_read_it() -> None:
    shown = text(lay_out(story_case(), (), 78, NOW))
    assert shown.index("── Thu 29 Oct") < shown.index("── Fri 30 Oct") < shown.index("── Mon 2 Nov")
    assert "● 10:12  mail  Hajo Brandt  hajo@brandt.example" in shown
    assert "16:22  x  Hajo  @hajo" in shown
    assert shown.count("public") == 4
    assert "· our post 16:12  New phones are in!" in shown


def test_a_subject_is_told_once_a_thread() -> None:
    shown = text(lay_out(story_case(), (), 78, NOW))
    assert shown.count("iPhone does not find the network") == 1


def test_quotes_are_folded_and_files_are_listed() -> None:
    shown = text(lay_out(story_case(), (), 78, NOW))
    assert "quoted 16 lines · v" in shown
    assert "line 3 of the order" not in shown
    assert "attached bill-2026-10.pdf  84 kB" in shown
    whole = text(lay_out(story_case(), (), 78, NOW, full=True))
    assert "> line 3 of the order" in whole
    assert "bill-2026-10.pdf  84 kB · application/pdf" in whole


def test_what_we_wrote_stands_apart_with_its_state() -> None:
    shown = text(lay_out(story_case(), (), 78, NOW))
    assert "  ┃ 10:13  mail  acknowledged" in shown
    assert "not an answer" in shown
    assert "! not sent · public" in shown
    assert "  ┊ 13:12" not in shown
    assert "  ┊ Called him, number engaged." in shown
    assert "only agents see it" in shown


def test_states_and_kinds_are_told_in_words() -> None:
    case = story_case()
    mail = case.threads[0]
    wanted = {
        "sent ✓": ours(1, mail, "a", NOW, state=ReplyState.SENT),
        "? may have arrived": ours(2, mail, "b", NOW, state=ReplyState.UNKNOWN),
        "queued": ours(3, mail, "c", NOW, state=ReplyState.QUEUED),
        "automatic reply": incoming(4, mail, "d", NOW, automatic=Automatic.REPLY),
        "not delivered (bounce)": incoming(5, mail, "e", NOW, automatic=Automatic.BOUNCE),
        "call": incoming(6, mail, "f", NOW, kind=Kind.CALL),
        "could not be read: nested too deep": incoming(7, mail, "", NOW, unparsed="nested too deep"),
        "(no text)": incoming(8, mail, "", NOW),
    }
    for expected, message in wanted.items():
        assert expected in text(lay_out(replace(case, timeline=(message,)), (), 78, NOW))


def test_a_link_is_shown_in_full_text_only_where_it_is_harmless() -> None:
    case = story_case()
    good = incoming(1, case.threads[1], "hi", NOW, permalink="https://x.example/1")
    bad = incoming(2, case.threads[1], "hi", NOW, permalink="javascript:alert(1)")
    shown = text(lay_out(replace(case, timeline=(good, bad)), (), 78, NOW, full=True))
    assert "https://x.example/1" in shown
    assert "javascript" not in shown


def test_a_message_without_end_is_cut_until_it_is_asked_for() -> None:
    case = story_case()
    long = incoming(1, case.threads[1], "\n".join(map(str, range(1000))), NOW)
    assert "600 more lines · v shows all" in text(lay_out(replace(case, timeline=(long,)), (), 60, NOW))
    assert "\n  999" in text(lay_out(replace(case, timeline=(long,)), (), 60, NOW, full=True))


def test_a_name_of_a_file_shows_its_true_ending() -> None:
    case = story_case()
    file = Attachment("invoice\u202egnp.exe", "image/png", 5)
    message = incoming(1, case.threads[0], "see", NOW, attachments=(file,), direction=Direction.IN)
    assert "invoicegnp.exe" in text(lay_out(replace(case, timeline=(message,)), (), 60, NOW))


def test_the_head_says_who_it_is_and_how_long_he_waits() -> None:
    lines = ["".join(part for part, _ in line) for line in head(story_case(), (), NOW, 70)]
    assert lines[0].startswith("Hajo Brandt ")
    assert lines[0].endswith("waits 4 d 4 h")
    assert "m hajo@brandt.example" in lines[1]
    assert "x @hajo" in lines[1]
    assert lines[2] == "case 12   6 messages   3 channels   2 other cases"


def test_a_linked_case_is_named() -> None:
    case = replace(story_case(), linked=7)
    assert "continues case 7" in "".join(part for part, _ in head(case, (), NOW + DAY, 90)[2])


def test_a_mail_that_was_wrapped_by_its_program_is_wrapped_as_a_paragraph() -> None:
    mail = (
        "my phone says no service since this morning, in every place that I have tried.\n"
        "One question: is the SIM lock of my phone really off, or is the card dead?\n"
        "I am on the road.\n\n"
        "- first a point that is long enough to be broken in a pane as narrow as this one\n"
        "- then a second\n"
        "Hajo"
    )
    assert list(wrap(mail, 40)) == [
        "my phone says no service since this",
        "morning, in every place that I have",
        "tried. One question: is the SIM lock of",
        "my phone really off, or is the card",
        "dead? I am on the road.",
        "",
        "- first a point that is long enough to",
        "be broken in a pane as narrow as this",
        "one",
        "- then a second",
        "Hajo",
    ]
    assert list(wrap(mail, 90)) == mail.split("\n")


def test_how_a_due_time_is_counted_stands_over_the_full_text_alone() -> None:
    fake = FakeInbox()
    hajo(fake)
    told = replace(fake.cases[12], why_due=("The target is 8 h of office hours.", "Due Fri 17:00."))
    shown = ["".join(text for text, _ in line) for line in lay_out(told, (), 80, NOW, full=True).lines]
    assert shown[:3] == ["The target is 8 h of office hours.", "Due Fri 17:00.", ""]
    folded = lay_out(told, (), 80, NOW)
    assert all("office hours" not in text for line in folded.lines for text, _ in line)


def test_a_long_name_never_pushes_out_who_can_read_it() -> None:
    """The name gives way, and the handle before it: both ends of the line must be seen."""
    name, handle = ("Österreich-Müller von und zu Langennamen " * 2, "strong"), ("  zoe@post.example", "dim")
    for width in range(14, 110):
        line = spread([("● 19:24  ", "accent"), name, handle], [("private", "dim")], width)
        assert cells(line) == width
        assert "".join(text for text, _ in line).endswith(" private")


def test_the_head_tells_each_fact_whole_or_not_at_all() -> None:
    case = replace(story_case(), effort=12, earlier=3)
    whole = [fact for line in head(case, (), NOW, 200) for text, _ in line for fact in text.split("   ")]
    for width in range(20, 120):
        facts = "".join(text for text, _ in head(case, (), NOW, width)[2]).split("   ")
        assert all(fact in whole for fact in facts)


def test_a_draft_is_named_shortly_before_the_due_time_gives_way() -> None:
    fake = FakeInbox()
    case = hajo(fake)
    case = replace(case, row=replace(case.row, waiting_since=NOW - DAY, due=NOW - HOUR))
    draft = story().replies[500]
    narrow = "".join(text for text, _ in head(case, (draft,), NOW, 36)[2])
    assert narrow.startswith("draft   case") and "due" in narrow
    assert "".join(text for text, _ in head(case, (draft,), NOW, 100)[2]).startswith("a draft is kept")
