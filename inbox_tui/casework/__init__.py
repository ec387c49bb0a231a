"""The rules of the desk, applied to the store in one transaction. Shared by inbox and service.

`intake` takes in a page of a channel; `delivery` moves replies on their way; `recount` derives what a case
shows from its messages. No network, no clock of its own.
"""
