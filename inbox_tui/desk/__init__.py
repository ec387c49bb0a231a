"""The rules of the desk: pure functions over `model`. No I/O, no clock of their own, no randomness."""
