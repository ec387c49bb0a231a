"""The inbox screen as far as a customer is moved to another channel."""

from __future__ import annotations

from inbox_tui.model import Place
from inbox_tui.tui import keys, words
from inbox_tui.tui.screens.mailing import MailingScreen
from inbox_tui.tui.sheet import Sheet


class HandingScreen(MailingScreen):
    """The screen with its hand-offs."""

    def action_hand_off(self) -> None:
        """Choose where he shall go on, then write to him that he should."""
        self._with_sheet(self._choose_place)

    def _choose_place(self, sheet: Sheet) -> None:
        from inbox_tui.tui.screens.handoff import PlacesScreen

        case = sheet.case.row.id

        def show(places: tuple[Place, ...]) -> None:
            if self.shown == case:
                self.app.push_screen(PlacesScreen(sheet.case, places, self.inbox.now()), chosen)

        def chosen(place: Place | None) -> None:
            self.set_focus(self.timeline)
            if place is None:
                return
            if not place.open:
                self.status.complain(
                    words.sentence(words.initial(place.why_not)),
                    f"{keys.told('inbox.handoff')} shows what is open",
                )
                return
            seen = sheet.case.last_message
            self._begin(lambda: self.inbox.handoffs.begin(case, place.to, account=place.account, seen=seen))

        self.act(lambda: self.inbox.handoffs.places(case), show)
