"""What runs in the background: fetch, clean, match, store; send what is queued.

`worker` is the process; `fetching` and `sending` do one account's work and know no threads.
"""
