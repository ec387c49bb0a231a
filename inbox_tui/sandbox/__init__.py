"""A small world on loopback: an X, a Graph and a mail server, and the people who write to them.

The demo and the tests run the real clients against it. It stands beside the house: it imports nothing of
``inbox_tui`` but itself, and only the subcommands ``demo`` and ``sandbox`` and the tests import it.

    runner      a whole world in a directory: starts, plays acts, stops
    acts        a line of incoming.jsonl: what may stand in it, and who plays it
    journal     sent.jsonl, incoming.jsonl, errors.jsonl
    faults      which faults are on
    certs       the sandbox's own certificate authority
    https       the HTTP server under the two platforms; x_api and graph_api stand on it, with what they show
    x_world, graph_world   what is true on X and on the page
    mail_world  the mail server; imap, smtp and mailbox are its parts
    story, story_mail, crowd, load   who lives in it
"""
