"""inbox-tui: one customer, one case, one clock, on every channel, in a terminal.

The rooms, from the top; each imports only from those below it (checked by import-linter):

    cli         subcommands; ``cli.output`` is the only writer to stdout
    tui         the Textual interface; the only room that imports textual and rich
    bootstrap   builds store, channels, inbox and service from a Config; nothing else builds them
    service     the worker: fetches, stores what came, sends what is queued
    inbox       every act of an agent; TUI and CLI act through it alone
    casework    desk rules applied to the store in one transaction
    store       the only SQL          channels    the only network
    desk        the rules: pure functions, no I/O, no clock of their own
    config, credentials, logs, text, model, errors

``sandbox`` (a small world of servers on loopback) stands beside the house: only the subcommands
``demo`` and ``sandbox`` and the tests import it. This module imports nothing.
"""

__version__ = "0.1.0"
