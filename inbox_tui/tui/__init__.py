"""The Textual interface: the only room that imports textual and rich.

It shows what `inbox` reads and asks `inbox` to act, and does neither on its loop: thread workers read and
write, post a message, and handlers on the loop change widgets. This module imports nothing.

    first     the first rows as plain text, before Textual is imported
    app       builds the screen, the theme, the last barrier against foreign controls; `run`
    keys      every key, in one table
    words     times, waits, channels and states in words
    rows      a case as a row of the queue
    sheet     a case laid out as lines, worked out beside the loop
    ink       named inks and lines of them, for widgets that draw line by line
    reads     what threads read for the screen, and the messages that carry it
    drafts    a text on its way to the store while it is typed
    barrier   what stands between every drawn line and the terminal
"""
