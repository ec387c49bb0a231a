"""The subcommand that sets up an account."""

from __future__ import annotations

from inbox_tui.cli.table.base import Param, Subcommand

_HELP = """Set up an account: ask what is needed, try the login, write the configuration, fetch.

On a terminal it asks for what the options do not say; a script gives everything by options. Nothing is
written before the login worked (--force: nevertheless), and nothing that is there is ever changed.

The password or token is read from where you keep it: --secret-command, --secret-env or --secret-file. What is
typed in at the prompt is kept in a file beside the configuration that only you can read.

\b
Exit codes:
  0  the account is set up
  2  usage, or the account is there already
  3  the login does not work; the message says what is missing"""

INIT = (
    Subcommand(
        "init",
        "setup:init",
        "Set up an account.",
        _HELP,
        "inbox-tui init email --address help@shop.example",
        (
            Param("CHANNEL", choices=("email", "x", "facebook")),
            Param("--name", "What the account is called on screen.", metavar="NAME"),
            Param("--address", "Mail: the firm's own address."),
            Param("--imap-host", "Mail: the server to read from.", metavar="HOST"),
            Param("--imap-port", kind=int, help="Mail: its port; else 993.", metavar="PORT", least=1),
            Param("--smtp-host", "Mail: the server to send by.", metavar="HOST"),
            Param("--smtp-port", kind=int, help="Mail: its port; else 465.", metavar="PORT", least=1),
            Param("--smtp-security", "Mail: tls, or starttls with port 587.", choices=("tls", "starttls")),
            Param("--username", "Mail: the login, where it is not the address."),
            Param("--handle", "X: the account's handle, as @shop."),
            Param("--page-id", "Facebook: the page's number.", metavar="ID"),
            Param("--api-url", "X and Facebook: another server than the platform's.", metavar="URL"),
            Param("--ca-file", "Certificates to trust instead of the system's.", metavar="FILE"),
            Param("--secret-command", "Command that prints the password or token.", metavar="COMMAND"),
            Param("--secret-env", "Environment variable that holds it.", metavar="NAME"),
            Param("--secret-file", "File that holds it; only you may read it.", metavar="FILE"),
            Param("--force", "Write the account although its login does not work.", flag=True),
            Param("--no-fetch", "Do not fetch now.", flag=True),
        ),
    ),
)
