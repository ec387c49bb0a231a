"""Every error that this program raises on purpose, and the exit code that a command ends with.

Each says what happened and where (``str(error)``) and what to do (``error.hint``)::

    InboxError                     1
     ├── NotFound                  1   no such case, reply or account
     ├── NothingToDo               1   the act would change nothing
     ├── UsageError                2   a value given by the user does not fit
     ├── ConfigError               2   file, key, what is wrong
     ├── CredentialError           2   a secret cannot be read
     ├── ReplyBlocked              2   a check forbids the reply (empty, too long …)
     │    └── ReplyHeld            6   a check asks whether it is meant: it can be forced
     ├── StoreError                1
     │    ├── StoreLocked              somebody else writes for longer than the deadline
     │    ├── StoreReadOnly            no right to write
     │    ├── StoreFull                the disk is full
     │    ├── StoreDamaged             not a database, or a broken one
     │    └── StoreTooNew              written by a newer version
     └── ChannelError              3   nothing was delivered
          ├── LoginNeeded          3   the platform wants a new login
          ├── RateLimited          3   wait until ``reset``
          ├── Temporary            3   network or platform out of order: try again
          │    └── Untrusted           its certificate proves nothing to this machine
          ├── BadAnswer            3   an answer that is not what the platform documents
          ├── Refused              4   refused for good: trying again does not help
          │    └── Closed               until the customer writes, no answer of ours is taken in this thread
          └── OutcomeUnknown       5   it may have been delivered: do not repeat

This module imports nothing of the project.
"""


class InboxError(Exception):
    """Base of all. ``code`` names the kind in JSON, ``hint`` says what to do (may be empty)."""

    code = "error"
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(InboxError):
    """No such case, reply, thread or account."""

    code = "not_found"


class NothingToDo(InboxError):
    """The act would change nothing."""

    code = "nothing_to_do"


class UsageError(InboxError):
    """A value given by the user does not fit."""

    code = "usage"
    exit_code = 2


class ConfigError(InboxError):
    """The configuration is wrong; the message names file and key."""

    code = "config"
    exit_code = 2


class CredentialError(InboxError):
    """A secret cannot be read; the message never holds the secret."""

    code = "credentials"
    exit_code = 2


class ReplyBlocked(InboxError):
    """A check of the desk forbids the reply as it stands."""

    code = "blocked"
    exit_code = 2


class ReplyHeld(ReplyBlocked):
    """Something that the agent should know speaks against the reply; he may send it all the same."""

    code = "held"
    exit_code = 6


class StoreError(InboxError):
    """The store cannot do what was asked."""

    code = "store"


class StoreLocked(StoreError):
    """Another process writes for longer than the deadline."""

    code = "store_locked"


class StoreReadOnly(StoreError):
    """The store may not be written."""

    code = "store_read_only"


class StoreFull(StoreError):
    """No space is left for the store."""

    code = "store_full"


class StoreDamaged(StoreError):
    """The file is not a store, or a broken one."""

    code = "store_damaged"


class StoreTooNew(StoreError):
    """A newer version of the program wrote this store."""

    code = "store_too_new"


class ChannelError(InboxError):
    """A platform did not do what was asked. Nothing was delivered, unless a subclass says otherwise."""

    code = "channel"
    exit_code = 3


class LoginNeeded(ChannelError):
    """The platform does not accept the login any more."""

    code = "login"


class RateLimited(ChannelError):
    """The platform asks for a pause."""

    code = "rate_limited"

    def __init__(self, message: str, reset: int | None, hint: str = "") -> None:
        """reset: milliseconds UTC when the platform will answer again; None where it did not say."""
        super().__init__(message, hint)
        self.reset = reset


class Temporary(ChannelError):
    """Network or platform out of order; certainly not delivered."""

    code = "temporary"


class Untrusted(Temporary):
    """A certificate that cannot be trusted: another server answers, or its authority is not known here."""


class BadAnswer(ChannelError):
    """An answer that is not what the platform documents (HTML, cut JSON, missing fields)."""

    code = "bad_answer"


class Refused(ChannelError):
    """Refused for good."""

    code = "refused"
    exit_code = 4


class Closed(Refused):
    """Refused for good, and so is every other answer in this thread, until the customer writes again."""


class OutcomeUnknown(ChannelError):
    """The exchange broke after the point of no return: it may have been delivered."""

    code = "unknown"
    exit_code = 5
