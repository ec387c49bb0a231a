"""The table as a click group: help, explained mistakes, shell completion. Runs nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from inbox_tui import __version__
from inbox_tui.cli.table import GLOBALS, REQUIRED, Param, Subcommand
from inbox_tui.cli.table.whole import COMMANDS

Runner = Callable[[str | None, dict[str, object], dict[str, object]], int]
"""Takes the name of the subcommand (None: the interface), the global options and its own values."""

_LARGEST = 2**63 - 1

_HELP = """One customer, one case, one clock: mail, X and a Facebook page in one queue.

Without a subcommand the inbox opens in this terminal. Try it without any account: inbox-tui demo"""


def group(run: Runner) -> click.Group:
    """The whole command line; ``run`` is called with what was read."""

    def start(**values: object) -> int:
        context = click.get_current_context()
        context.obj = values
        return run(None, values, {}) if context.invoked_subcommand is None else 0

    return _Group(
        run,
        name="inbox-tui",
        callback=start,
        invoke_without_command=True,
        help=_HELP,
        epilog="inbox-tui COMMAND --help explains each one.",
        params=[*(_param(p) for p in GLOBALS), _version()],
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


class _Group(click.Group):
    """Knows its subcommands from the table, and makes only the one that is asked for."""

    def __init__(self, run: Runner, **settings: Any) -> None:
        super().__init__(**settings)
        self._run = run

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = COMMANDS.get(cmd_name)
        return _command(found, self._run) if found else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(args[0], list(COMMANDS), 1)
            more = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f'There is no subcommand "{args[0]}".{more}', ctx)
        return super().resolve_command(ctx, args)


def _command(command: Subcommand, run: Runner) -> click.Command:
    def call(**values: object) -> int:
        options = click.get_current_context().find_object(dict)
        return run(command.name, dict(options or {}), values)

    return click.Command(
        command.name,
        callback=call,
        help=command.help,
        short_help=command.short,
        epilog=f"\b\nExample:\n  {command.example}",
        params=[_param(p) for p in command.params],
    )


def _param(param: Param) -> click.Parameter:
    kind: Any = click.Choice(param.choices) if param.choices else param.kind
    if param.kind is int:
        kind = _Number(min=param.least)
    if not param.is_option:
        if param.default is REQUIRED:
            nargs, spelled = (-1, f"{param.metavar}...") if param.many else (1, param.metavar)
            return click.Argument(
                [param.name],
                type=kind,
                required=True,
                nargs=nargs,
                metavar=spelled,
                shell_complete=_completion(param),
            )
        if param.many:
            return click.Argument(
                [param.name],
                type=kind,
                required=False,
                nargs=-1,
                metavar=f"[{param.metavar}]...",
                shell_complete=_completion(param),
            )
        shown = f"[{'|'.join(param.choices) or param.metavar}]"
        return click.Argument(
            [param.name],
            type=kind,
            required=False,
            default=param.default,
            metavar=shown,
            shell_complete=_completion(param),
        )
    if param.flag:
        return click.Option([param.spelled, param.name], is_flag=True, help=param.help, hidden=param.hidden)
    return click.Option(
        [param.spelled, param.name],
        type=kind,
        default=param.default,
        multiple=param.many,
        show_default=param.default not in (None, "", ()),
        metavar=None if param.choices else param.metavar,
        help=param.help,
        hidden=param.hidden,
        shell_complete=_completion(param),
    )


class _Number(click.IntRange):
    """A whole number that a store can hold."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if abs(number) > _LARGEST:
            self.fail(f"{value} is too large.", param, ctx)
        return number

    def _describe_range(self) -> str:
        return "" if self.min is None else super()._describe_range()


def _completion(param: Param) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]] | None:
    """Asked by a shell alone: reading the store takes longer than all else here."""

    def complete(ctx: click.Context, _param: click.Parameter, begun: str) -> list[CompletionItem]:
        from inbox_tui.cli.completing import propose

        return propose(param, ctx, begun)

    return None if param.choices or param.flag else complete


def _version() -> click.Option:
    def show(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        if value:
            click.echo(f"inbox-tui {__version__}")
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the version and exit.",
    )
