"""Every act by its name, for whoever does not know its key yet; how the interface looks."""

from __future__ import annotations

from collections.abc import Iterator

from inbox_tui.config import COLUMNS, THEMES
from inbox_tui.errors import InboxError
from inbox_tui.tui import keys
from inbox_tui.tui.screens.received import ReceivedScreen
from inbox_tui.tui.suggest import Option, anywhere

_VIEW, _THEME, _COLUMN = "view ", "theme ", "column "


class PaletteScreen(ReceivedScreen):
    """The screen with its palette."""

    _chosen: tuple[str, ...] | None = None
    """Those that were chosen here; None: as the configuration has them."""

    def action_palette(self) -> None:
        """Ask for an act, a view, a theme, a column."""
        acts = {option.text: action for option, action in self._acts()}
        views = {f"{_VIEW}{view.title}": number for number, view in enumerate(self.listed_views(), 1)}
        options = [option for option, _ in self._acts()]
        options += [Option(name, "open it") for name in views]
        options += [Option(f"{_THEME}{name}", "colours, kept in the configuration") for name in THEMES]
        options += [Option(f"{_COLUMN}{name}", f"of the queue: {self._turn(name)}") for name in COLUMNS]

        def take(chosen: str) -> None:
            if chosen in acts:
                self.call_later(self._run, acts[chosen])
            elif chosen in views:
                self.action_view(views[chosen])
            elif chosen.startswith(_THEME):
                self._wear(chosen.removeprefix(_THEME))
            elif chosen.startswith(_COLUMN):
                self._turn_column(chosen.removeprefix(_COLUMN))

        self.ask("Act", anywhere(options), take)

    def action_view(self, number: int) -> None:
        """Open the view with this place in the list."""
        raise NotImplementedError

    def _acts(self) -> Iterator[tuple[Option, str]]:
        """What can be done here now, with the key that does it; while one writes, that first."""
        active = {bound.binding.id: key for key, bound in self.active_bindings.items()}
        for binding in (*keys.COMPOSER, *keys.INBOX):
            if binding.id in active and binding.id != "inbox.palette" and "view(" not in binding.action:
                key = keys.key_name(active[binding.id])
                yield Option(binding.description, binding.tooltip, key=key), binding.action

    async def _run(self, action: str) -> None:
        """Do it as its key would: the composer's own acts are the composer's."""
        writes = any(action == binding.action for binding in keys.COMPOSER)
        await self.app.run_action(action, self._composer if writes and self._composer is not None else self)

    # --- how it looks

    def _shown(self) -> tuple[str, ...]:
        return self._chosen if self._chosen is not None else self.config.ui.columns

    def _turn(self, column: str) -> str:
        return "leave it out" if column in self._shown() else "show it"

    def _turn_column(self, column: str) -> None:
        """Show a column of the queue, or leave it out, now and the next time."""
        turned = {*self._shown()} ^ {column}
        self._chosen = tuple(name for name in COLUMNS if name in turned)
        self.queue.show_columns(self._chosen)
        self._keep_setting(
            "columns", self._chosen, f"Column {column} {'shown' if column in turned else 'left out'}"
        )

    def _wear(self, theme: str) -> None:
        """Other colours, now and the next time."""
        from inbox_tui.tui.themes import name_of

        self.app.theme = name_of(theme)
        self._keep_setting("theme", theme, f"Theme {theme}")

    def _keep_setting(self, key: str, value: str | tuple[str, ...], did: str) -> None:
        file = self.config.path
        if self.config.kiosk:
            self.status.tell(f"{did} until you leave.")
            return
        if file is None:
            self.status.tell(f"{did}. There is no configuration file to keep it in.")
            return

        def keep() -> None:
            from inbox_tui.config.writing import set_value

            try:
                set_value(file, "ui", key, value)
            except OSError as error:
                raise InboxError(f"{file}: {error.strerror}", "it holds until you leave") from None

        self.act(keep, lambda _: self.status.tell(f"{did}, kept in {file.name}."))
