"""The only SQL. `engine` owns files, locks and transactions; the other modules own their tables.

Functions take a connection from `Store.read` or `Store.write` and return records of `model`. They decide
nothing: rules live in `desk`, and `casework` applies them.
"""
