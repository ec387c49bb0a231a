"""What a query asks of a message itself, and the words of it that are shown. Reads and changes nothing."""

from __future__ import annotations

from inbox_tui.desk.folding import fold, places, stands
from inbox_tui.desk.query import Query, Term
from inbox_tui.store.search import Candidate
from inbox_tui.text import snippet

_AHEAD = 24
"""Characters of a snippet before what was found."""
_LENGTH = 160
_CUT = "\0"
"""Between subject, text and files: no text holds it, and no phrase goes across."""

Marks = tuple[tuple[int, int], ...]


class Asked:
    """A query, sorted once for all the messages that are held against it."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._of_author = [term for term in query.terms if term.author]
        self._of_text = [term for term in query.terms if not term.author]
        self._marked = [term for term in self._of_text if not term.negative]
        self._phrases = any(" " in term.text for term in query.terms)
        self._without_file = [one.negative for one in query.filters if one.field == "has"]

    def of(self, one: Candidate) -> bool:
        """The message itself says it: the index cuts words at every sign, and knows nothing of `-`."""
        if self._without_file and any(bool(one.names) is without for without in self._without_file):
            return False
        # A reply stands in the index by the time, too, at which it was written first.
        if not self._query.within(one.sent_at):
            return False
        if self._of_author and not _true(fold(one.who), self._of_author):
            return False
        if not self._of_text:
            return True
        said = fold(f"{one.subject}{_CUT}{one.text}{_CUT}{one.names}")
        if self._phrases:
            said = " ".join(said.split())  # a phrase goes on in the next line
        return _true(said, self._of_text)

    def shown(self, one: Candidate) -> tuple[str, Marks]:
        """The words around the first place in the text, else its beginning; and where what was found stands.

        What stands in the subject alone, or in the name of a file, goes before the text.
        """
        line = " ".join(one.text.split())
        plain = line.isascii() and line.isprintable()
        found = self._places(line)
        if not found:
            for other in (one.subject, one.names):
                ahead = " ".join(other.split())
                if found := self._places(ahead):
                    line = f"{ahead} · {line}" if line else ahead
                    plain = plain and ahead.isascii() and ahead.isprintable()
                    break
        far = bool(found) and found[0][0] > _LENGTH // 2
        if plain and not far and len(line) <= _LENGTH:
            return line, tuple(found)  # as most messages are: nothing of it is cut
        start = max(0, found[0][0] - _AHEAD) if far else 0
        cut = ("…" if start else "") + line[start : start + _LENGTH]
        shift = start - (1 if start else 0)
        marks = tuple([(begin - shift, end - shift) for begin, end in found if end - shift <= len(cut)])
        if not plain and cut != snippet(cut, _LENGTH + 1):
            # What a terminal must not see is never stored; should it be, its marks would be wrong.
            return snippet(cut, _LENGTH + 1), ()
        return cut, marks

    def _places(self, line: str) -> list[tuple[int, int]]:
        if len(self._marked) == 1:
            return places(line, self._marked[0].text, prefix=self._marked[0].prefix)
        return sorted(
            {place for term in self._marked for place in places(line, term.text, prefix=term.prefix)}
        )


def _true(folded: str, terms: list[Term]) -> bool:
    """Each stands in the text, or, with a minus, does not."""
    for term in terms:  # noqa: SIM110 - a generator takes as long again as the look
        if stands(folded, term.text, prefix=term.prefix) is term.negative:
            return False
    return True
