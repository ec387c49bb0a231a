"""From an argument list to an exit code: reads it, calls the subcommand, and catches what ends it early.

Exit codes beyond those of `errors`: 70 a fault of this program, 130 interrupted, 141 the reader of stdout is
gone.
"""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from typing import cast

from inbox_tui.cli import plain
from inbox_tui.cli.call import Call
from inbox_tui.cli.output import Output, abandon
from inbox_tui.cli.table import GLOBALS, find
from inbox_tui.errors import InboxError, UsageError

INTERRUPTED = 130
READER_GONE = 141
FAULT = 70
_INTERFACE = "interface:open_interface"


def run(argv: list[str]) -> int:
    """Do what the arguments say; the exit code."""
    _complete_streams()
    if "--kiosk" in argv:
        from inbox_tui.cli import kiosk

        if error := kiosk.heeded():
            Output(json=False).error(error)
            # Not by an exception: PYTHONINSPECT would go on with a prompt of Python.
            os._exit(error.exit_code)
        kiosk.forget_environment()
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        abandon(sys.stdout)
        return READER_GONE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last edge: a traceback would tell values
        from inbox_tui import logs

        logs.failed("ended by a fault", error)
        Output(json="--json" in argv).error(logs.fault(error))
        return FAULT


def _complete_streams() -> None:
    """Cron and others start programs with streams that are closed: what goes there goes nowhere.

    In this order each takes the number of the one that is missing, which then no file of ours gets.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - kept to the end


def _run(argv: list[str]) -> int:
    found = plain.read(argv)
    try:
        return _invoke(*found) if found else _explained(argv)
    except (InboxError, OSError) as raised:
        error = raised if isinstance(raised, InboxError) else _of_a_file(raised)
        if _wanted(argv) == "check":
            # Monitoring knows one code for all that could not be looked at, wrong arguments too.
            from inbox_tui.cli.checking import unknown

            return unknown("--json" in argv, error)
        # Where the mistake is in the arguments themselves, only a look at them tells what was wanted.
        Output(json="--json" in argv).error(error)
        return error.exit_code


def _of_a_file(error: OSError) -> InboxError:
    """A file or folder that cannot be used, in words; any other error is raised again."""
    if isinstance(error, BrokenPipeError):
        raise error
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return InboxError(f"{error.filename or 'the disk'}: {error.strerror}", "free some space, then again")
    if error.filename is None:
        from pathlib import Path

        try:
            Path.cwd()
        except FileNotFoundError:
            return InboxError("the folder in which this runs is not there any more", "cd to another one")
        raise error
    return InboxError(f"{os.fsdecode(error.filename)}: {error.strerror}", "check the path and its rights")


def _wanted(argv: list[str]) -> str:
    """The subcommand that is meant, whatever is wrong with the arguments; empty: none."""
    valued = {param.spelled for param in GLOBALS if not param.flag}
    at = 0
    while at < len(argv) and argv[at].startswith("-"):
        at += 2 if argv[at] in valued else 1
    return argv[at] if at < len(argv) else ""


def _invoke(name: str | None, options: dict[str, object], values: dict[str, object]) -> int:
    if options.get("kiosk"):
        from inbox_tui.cli import kiosk

        config = options.get("config")
        kiosk.shut(name, config if isinstance(config, str) else None)
    as_json = bool(values.pop("json", False)) or bool(options.get("json"))
    command = find(name) if name else None
    module, _, function = (command.target if command else _INTERFACE).partition(":")
    call = Call(Output(json=as_json), options)
    try:
        if options.get("log_level"):
            call.begin_log()
        return cast(int, getattr(import_module(f"inbox_tui.cli.{module}"), function)(call, **values))
    finally:
        call.close()


def _explained(argv: list[str]) -> int:
    """The same by click, which explains what is wrong with the arguments."""
    import click

    from inbox_tui.cli.parser import group

    try:
        result = group(_invoke).main(argv, prog_name="inbox-tui", standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.NoSuchOption as error:
        where = error.ctx.command_path if error.ctx else "inbox-tui"
        hint = f"{where} --help shows how"
        if error.option_name in {param.spelled for param in GLOBALS} and where != "inbox-tui":
            hint = f"it stands before the subcommand: inbox-tui {error.option_name} … {where.split()[-1]}"
        raise UsageError(error.format_message(), hint) from None
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "inbox-tui"
        raise UsageError(error.format_message(), f"{where} --help shows how") from None
    return result if isinstance(result, int) else 0
