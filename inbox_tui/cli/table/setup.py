"""The subcommand that sets up an account."""

from __future__ import annotations

from inbox_tui.cli.table.base import Param, Subcommand

_HELP = """Set up an account: ask what is needed, try the login, write the configuration, fetch.

On a terminal it asks for what the options do not say; a script gives everything by options. Nothing is
written before the login worked (--force: nevertheless), and nothing that is there is ever changed.

The password or token is read from where you keep it: --secret-command, --secret-env, --secret-file or
--secret-keyring. What is typed in at the prompt is kept in a file beside the configuration that only you can
read. With --oauth there is none: somebody logs in with a browser, and the tokens are renewed by themselves.

\b
Exit codes:
  0  the account is set up
  2  usage, or the account is there already
  3  the login does not work; the message says what is missing"""

_AUTH = """Log in an account by OAuth, whose table has an [accounts.NAME.oauth].

Shows a page to open in a browser. The browser comes back to this machine by itself; where it runs on another
one, the address at which it ends is pasted here. With --device a code is typed in on any device instead
(Microsoft). The tokens are kept where the configuration says, and renewed by themselves from then on.

\b
Exit codes:
  0  logged in, and the login works
  2  usage, or the configuration does not fit
  3  it was refused, nobody logged in in time, or it does not work"""

PROVIDERS = ("google", "microsoft", "x", "facebook")
_DEVICE = Param("--device", "Log in by a code that is typed in on any device.", flag=True)

INIT = (
    Subcommand(
        "auth",
        "authorizing:auth",
        "Log in an account by OAuth.",
        _AUTH,
        "inbox-tui auth mail",
        (Param("ACCOUNT", required=True), _DEVICE),
    ),
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
            Param("--secret-keyring", "Entry of the system's keyring that holds it.", metavar="SERVICE/USER"),
            Param("--oauth", "Log in by OAuth with this provider.", choices=PROVIDERS),
            Param("--client-id", "OAuth: id of your app.", metavar="ID"),
            Param(
                "--client-secret-command", "OAuth: command that prints the app's secret.", metavar="COMMAND"
            ),
            Param("--client-secret-env", "OAuth: environment variable that holds it.", metavar="NAME"),
            Param("--client-secret-file", "OAuth: file that holds it.", metavar="FILE"),
            Param("--client-secret-keyring", "OAuth: keyring entry that holds it.", metavar="SERVICE/USER"),
            Param(
                "--oauth-url", "OAuth: another provider; authorize, token, device under it.", metavar="URL"
            ),
            _DEVICE,
            Param("--force", "Write the account although its login does not work.", flag=True),
            Param("--no-fetch", "Do not fetch now.", flag=True),
        ),
    ),
)
