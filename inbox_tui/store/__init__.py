"""The only SQL. `driver` chooses the SQLite, `engine` owns files, locks and transactions, others own their tables.

Functions take a connection from `Store.read` or `Store.write` and return records of `model`. They decide
nothing: rules live in `desk`, and `casework` applies them.
"""
