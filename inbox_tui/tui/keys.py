"""Every key, in one table: id, key, action, description, tooltip. Screens and widgets take their part of it.

Ids are stable: a keymap (`App.set_keymap`) rebinds by them. No Alt keys: terminals and desktops eat them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from textual.binding import Binding
from textual.screen import Screen


def _key(id_: str, keys: str, action: str, words: str, more: str, *, first: bool = False) -> Binding:
    """first: before what the line that is typed in would do with it."""
    return Binding(keys, action, words, tooltip=more, id=id_, priority=first)


MOVE = (
    _key("move.down", "j,down", "down", "down", "Next case, or a line down"),
    _key("move.up", "k,up", "up", "up", "Previous case, or a line up"),
    _key("move.page_down", "pagedown,ctrl+d", "page_down", "page down", "A page down"),
    _key("move.page_up", "pageup,ctrl+u", "page_up", "page up", "A page up"),
    _key("move.first", "g,home", "first", "first", "To the first"),
    _key("move.last", "G,end", "last", "last", "To the last"),
)
ANSWER = (
    _key("inbox.open", "enter", "open", "open", "Open the case"),
    _key("inbox.reply", "r", "reply", "reply", "Reply where the customer wrote last"),
    _key("inbox.elsewhere", "R", "elsewhere", "elsewhere", "Reply on another thread of the case"),
    _key("inbox.note", "n", "note", "note", "Write a note that only agents see"),
    _key("inbox.handoff", "H", "hand_off", "hand off", "Ask the customer to go on elsewhere, in private"),
    _key("inbox.write", "C", "write", "new mail", "Write a mail of your own"),
    _key("inbox.forward", "F", "forward", "forward", "Hand the case on by mail, to a supplier or colleague"),
    _key("inbox.undo", "u", "undo", "undo", "Take back a reply in its countdown, else undo your last act"),
)
SORT = (
    _key("inbox.done", "e", "done", "done", "Nothing more is owed: the case is done"),
    _key("inbox.reopen", "E", "reopen", "reopen", "Reopen a case that is done"),
    _key("inbox.snooze", "b", "snooze", "snooze", "Put it off until a time, or until the customer writes"),
    _key(
        "inbox.snooze_again", "B", "snooze_again", "snooze again", "Put it off until the same time as before"
    ),
    _key("inbox.promise", "P", "promise", "promise", "The customer was told when he hears from us"),
    _key("inbox.thanks", "T", "thanks", "thanks", "A thank-you that needs no answer: the case is done"),
    _key("inbox.assign", "a", "assign", "assign", "Give it to somebody; Enter: to yourself"),
    _key("inbox.tag", "t", "tag", "tag", "Put tags on, and with a minus take them off"),
    _key("inbox.priority", "p", "priority", "priority", "Say how soon it must be answered"),
    _key("inbox.mark", "x", "mark", "mark", "Mark it: the next act is on all that are marked"),
    _key("inbox.mark_all", "asterisk", "mark_all", "mark all", "Mark all cases of the view, or none"),
    _key("inbox.guess", "w", "wrong_guess", "wrong guess", "A machine wrote it, or a person did; remembered"),
    _key("inbox.spam", "s", "spam", "spam", "Not a customer, or one after all; remembered by sender"),
    _key("inbox.hide", "h", "hide", "hide", "Hide a comment on Facebook from others, or show it again"),
)
LOOK = (
    _key("inbox.search", "slash", "search", "search", "Search as you type; Esc goes back"),
    _key("inbox.next", "tab", "next_waiting", "next waiting", "To the case that waits next longest"),
    _key("inbox.view_before", "left_square_bracket", "step_view(-1)", "view before", "The view before"),
    _key("inbox.view_after", "right_square_bracket", "step_view(1)", "view after", "The view after"),
    *(
        _key(f"inbox.view{number}", str(number), f"view({number})", f"view {number}", f"View {number}")
        for number in range(1, 10)
    ),
    _key("inbox.full", "v", "full", "full text", "Show all of it: quotes, signatures, links, files"),
    _key("inbox.files", "D", "files", "files", "Save a file that came, or open it"),
    _key("inbox.links", "o", "links", "links", "See a link whole, then open it"),
    _key("inbox.troubles", "exclamation_mark", "troubles", "troubles", "Replies and accounts in trouble"),
)
REST = (
    _key("inbox.fetch", "f", "fetch", "fetch", "Fetch from every account now"),
    _key("inbox.log", "L", "log", "log", "What went wrong with the program, and where"),
    _key("inbox.palette", "ctrl+p", "palette", "palette", "Every act, view and theme by its name"),
    _key("inbox.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("inbox.back", "escape", "back", "back", "Back to the queue; the error at the bottom is read"),
    _key("inbox.end_tour", "f1", "end_tour", "end the tour", "End the tour of the demo"),
    _key("inbox.quit", "q", "leave", "quit", "Leave; who still waits on you is listed first"),
)
PERSONS = (
    _key(
        "inbox.merge",
        "m",
        "merge",
        "merge",
        "One matter: make one case of this and another, or of all marked",
    ),
    _key("inbox.split", "S", "split", "split", "Two matters: threads go on in a case of their own"),
    _key("inbox.own", "O", "own_matter", "own matter", "A supporter has a matter of his own: his own case"),
    _key(
        "inbox.accept", "y", "accept", "same person", "Yes, the same person: what the case proposes is right"
    ),
    _key("inbox.decline", "Y", "decline", "not the same", "No, not the same person, for good"),
    _key("inbox.same", "M", "same", "same person?", "Everybody who may be somebody else, too"),
    _key("inbox.person", "i", "person", "person", "The person: all cases, calls and notes"),
    _key("inbox.call", "c", "call", "call", "Log a phone call in a line"),
)
INBOX = (*ANSWER, *SORT, *PERSONS, *LOOK, *REST)
COMPOSER = (
    _key("composer.send", "ctrl+s", "send", "send", "Send; a countdown leaves time to take it back"),
    _key("composer.keep", "escape", "keep", "keep", "Close; the text is kept as a draft"),
    _key("composer.template", "ctrl+t", "screen.template", "template", "Put a template in", first=True),
    _key(
        "composer.attach",
        "ctrl+a",
        "screen.attach",
        "files",
        "Put a file to the mail, or take it off",
        first=True,
    ),
    _key("composer.copies", "ctrl+o", "screen.copies", "Cc", "Who else gets the mail", first=True),
    _key("composer.subject", "ctrl+n", "screen.subject", "subject", "The subject of the mail", first=True),
    _key(
        "composer.promise",
        "ctrl+r",
        "screen.promise_in_reply",
        "promise",
        "Say by when the customer hears from you; then it is no answer",
        first=True,
    ),
    _key("composer.editor", "ctrl+e", "screen.editor", "editor", "Go on in your own editor", first=True),
    _key("composer.read_up", "ctrl+up", "read(-3)", "scroll", "Scroll the case up while you write"),
    _key("composer.read_down", "ctrl+down", "read(3)", "scroll", "Scroll the case down while you write"),
    _key("composer.tab", "tab,shift+tab", "stay", "", "Nothing: the composer keeps the focus"),
)
PROMPT = (
    _key("prompt.back", "escape", "back", "back", "Leave it as it is"),
    _key("prompt.take", "tab", "take", "complete", "Put the suggestion into the line"),
    _key("prompt.before", "up,shift+tab", "choose(-1)", "up", "The suggestion before"),
    _key("prompt.after", "down", "choose(1)", "down", "The suggestion after"),
)
TROUBLES = (
    _key("troubles.retry", "r", "retry", "try again", "Queue the reply again"),
    _key("troubles.edit", "e", "edit", "edit", "Take it back into the composer"),
    _key("troubles.cancel", "c", "cancel", "cancel", "Do not send it; the text stays as a draft"),
    _key("troubles.open", "enter", "open", "open case", "Open its case"),
    _key("troubles.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("troubles.close", "escape,q,exclamation_mark", "close", "back", "Back to the inbox"),
)
CHOOSER = (
    _key("chooser.take", "enter", "take", "take", "Reply on this thread"),
    _key("chooser.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("chooser.close", "escape,q", "close", "back", "Back to the case"),
)
PLACES = (
    _key("places.take", "enter", "take", "take", "Ask him to go on there"),
    _key("places.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("places.close", "escape,q,H", "close", "back", "Back to the case"),
)
LINKS = (
    _key("links.open", "enter", "take", "open", "Open it in your browser"),
    _key("links.copy", "y", "copy", "copy", "Copy it, over SSH too where the terminal lets it"),
    _key("links.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("links.close", "escape,q,o", "close", "back", "Back to the case"),
)
LEAVING = (
    _key("leaving.assign", "a", "assign", "assign", "Give the case to somebody, or back to whoever takes it"),
    _key("leaving.snooze", "b", "snooze", "snooze", "Put the case off until a time"),
    _key("leaving.promise", "P", "promise", "promise", "The customer was told when he hears from us"),
    _key("leaving.open", "o", "open", "open case", "Stay, and open the case"),
    _key("leaving.stay", "escape", "stay", "stay", "Back to the inbox"),
    _key("leaving.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("leaving.go", "q,enter", "go", "leave", "Leave all the same"),
)
SAME = (
    _key("same.accept", "y", "accept", "same person", "Yes: one person, and one case of both"),
    _key("same.decline", "Y", "decline", "not the same", "No, for good"),
    _key("same.open", "enter", "open", "open case", "Open the first one's case"),
    _key("same.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("same.close", "escape,q,M", "close", "back", "Back to the inbox"),
)
PERSON = (
    _key("person.open", "enter", "open", "open case", "Open the case"),
    _key("person.split", "S", "split", "split", "Two persons: take identities away from this one"),
    _key("person.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("person.close", "escape,q,i", "close", "back", "Back to the case"),
)
APART = (
    _key("apart.take", "enter", "take", "take away", "What is marked, else this one, is a person of its own"),
    _key("apart.mark", "x", "mark", "mark", "Mark it, or take the mark off"),
    _key("apart.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("apart.close", "escape,q,S", "close", "back", "Back to the person"),
)
FULL = (
    _key("full.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("full.close", "escape,q,v", "close", "back", "Back to the case"),
)
LOG = (
    _key("log.again", "r", "again", "read again", "Read the log again"),
    _key("log.help", "question_mark", "help", "keys", "The keys of this place"),
    _key("log.close", "escape,q,L", "close", "back", "Back to the inbox"),
)
HELP = (_key("help.close", "escape,q,question_mark", "close", "back", "Back to the inbox"),)

# Ids of what the bottom line names, by what the agent is doing; help and quit come last and are never cut.
IN_QUEUE = (
    "inbox.open",
    "inbox.reply",
    "inbox.note",
    "inbox.done",
    "inbox.snooze",
    "inbox.assign",
    "inbox.tag",
    "inbox.search",
    "inbox.next",
    "inbox.undo",
    "inbox.troubles",
    "inbox.help",
    "inbox.quit",
)
IN_CASE = (
    "inbox.back",
    "inbox.reply",
    "inbox.elsewhere",
    "inbox.note",
    "inbox.done",
    "inbox.snooze",
    "inbox.assign",
    "inbox.tag",
    "inbox.full",
    "inbox.next",
    "inbox.help",
    "inbox.quit",
)
WHILE_WRITING = (
    "composer.send",
    "composer.template",
    "composer.attach",
    "composer.copies",
    "composer.editor",
    "composer.read_up",
    "composer.keep",
    "inbox.palette",
)

GROUPS: tuple[tuple[str, tuple[Binding, ...]], ...] = (
    ("Move", MOVE),
    ("Inbox", INBOX),
    ("While something is asked", PROMPT),
    ("While you write", COMPOSER),
    ("Troubles  !", TROUBLES),
    ("Links  o", LINKS),
    ("Choosing a thread  R", CHOOSER),
    ("Choosing where a customer shall go on  H", PLACES),
    ("Full text  v", FULL),
    ("Leaving while customers wait on you  q", LEAVING),
    ("Same person?  M", SAME),
    ("A person's page  i", PERSON),
    ("Splitting a person  i S", APART),
    ("The log  L", LOG),
)
"""In the order in which the documentation shows them. An id belongs to one of them."""
AT_THE_INBOX = (
    ("Answer", ANSWER),
    ("Sort", SORT),
    ("Persons", PERSONS),
    ("Look", LOOK),
    ("Move", MOVE),
    ("Else", REST),
)
"""What the help shows in the queue and in a case."""

_AS_THEY_ARE: Mapping[str, str] = {}
_rebound: dict[str, str] = {}
_by_id = {binding.id or "": binding for _, bindings in GROUPS for binding in bindings}
_NAMES = {
    "exclamation_mark": "!",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "slash": "/",
    "question_mark": "?",
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
}


def key_name(key: str) -> str:
    """A key as it is written on the keyboard."""
    if key in _NAMES:
        return _NAMES[key]
    if key[:1] == "f" and key[1:].isdigit():
        return key.upper()
    head, plus, tail = key.rpartition("+")
    return f"{head.capitalize()}+{_NAMES.get(tail, tail.upper())}" if plus else key


def rebind(given: Mapping[str, str]) -> None:
    """From now on hints name these keys, by id, as the configuration has them; others as the table does."""
    _rebound.clear()
    _rebound.update(given)


def told(id_: str) -> str:
    """The key of an act as a hint names it: ``u``."""
    return names(_by_id[id_], _rebound).split(" ")[0]


def filled(hint: str) -> str:
    """A hint that names acts by their ids: ``{inbox.undo} undoes``."""
    return re.sub(r"\{([\w.]+)\}", lambda found: told(found[1]), hint)


def of_prompt() -> list[tuple[str, str]]:
    """What the bottom line says while something is asked."""
    return [
        ("Enter", "take"),
        (f"{told('prompt.before')} {told('prompt.after')}", "choose"),
        (told("prompt.take"), "complete"),
        (told("prompt.back"), "back"),
    ]


def names(binding: Binding, given: Mapping[str, str] = _AS_THEY_ARE) -> str:
    """All keys of a binding: ``j ↓``. given: other keys, by id, as the configuration has them."""
    keys = given.get(binding.id or "", binding.key)
    return " ".join(key_name(key.strip()) for key in keys.split(","))


def pairs(bindings: Sequence[Binding], given: Mapping[str, str] = _AS_THEY_ARE) -> list[tuple[str, str]]:
    """Key and words of those that a bottom line names."""
    return [(names(b, given).split(" ")[0], b.description) for b in bindings if b.description]


def active(screen: Screen[None], ids: Sequence[str]) -> list[tuple[str, str]]:
    """Key and words of the bindings that apply on a screen now, with the keys that a keymap gave them."""
    found: dict[str | None, tuple[str, str]] = {}
    for key, bound in screen.active_bindings.items():
        found.setdefault(bound.binding.id, (key_name(key), bound.binding.description))
    return [found[id_] for id_ in ids if id_ in found]
