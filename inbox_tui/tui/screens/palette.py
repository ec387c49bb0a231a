"""Every act by its name, for whoever does not know its key yet."""

from __future__ import annotations

from collections.abc import Iterator

from inbox_tui.config import THEMES
from inbox_tui.errors import InboxError
from inbox_tui.tui import keys
from inbox_tui.tui.screens.received import ReceivedScreen
from inbox_tui.tui.suggest import Option, anywhere

_VIEW, _THEME = "view ", "theme "


class PaletteScreen(ReceivedScreen):
    """The screen with its palette."""

    def action_palette(self) -> None:
        """Ask for an act, a view or a theme."""
        acts = {option.text: action for option, action in self._acts()}
        views = {f"{_VIEW}{view.title}": number for number, view in enumerate(self.listed_views(), 1)}
        options = [option for option, _ in self._acts()]
        options += [Option(name, "open it") for name in views]
        options += [Option(f"{_THEME}{name}", "colours, kept in the configuration") for name in THEMES]

        def take(chosen: str) -> None:
            if chosen in acts:
                self.call_later(self.run_action, acts[chosen])
            elif chosen in views:
                self.action_view(views[chosen])
            elif chosen.startswith(_THEME):
                self._wear(chosen.removeprefix(_THEME))

        self.ask("Act", anywhere(options), take)

    def action_view(self, number: int) -> None:
        """Open the view with this place in the list."""
        raise NotImplementedError

    def _acts(self) -> Iterator[tuple[Option, str]]:
        """What can be done here now, with the key that does it."""
        active = {bound.binding.id: key for key, bound in self.active_bindings.items()}
        for binding in keys.INBOX:
            if binding.id in active and binding.id != "inbox.palette" and "view(" not in binding.action:
                key = keys.key_name(active[binding.id])
                yield Option(binding.description, f"{key:<7} {binding.tooltip}"), binding.action

    def _wear(self, theme: str) -> None:
        """Other colours, now and the next time."""
        from inbox_tui.tui.themes import name_of

        self.app.theme = name_of(theme)
        file = self.config.path
        if file is None:
            self.status.tell(f"Theme {theme}. There is no configuration file to keep it in.")
            return

        def keep() -> None:
            from inbox_tui.config.writing import set_value

            try:
                set_value(file, "ui", "theme", theme)
            except OSError as error:
                raise InboxError(f"{file}: {error.strerror}", "the theme holds until you leave") from None

        self.act(keep, lambda _: self.status.tell(f"Theme {theme}, kept in {file.name}."))
