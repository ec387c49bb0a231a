"""For all tests: property tests find the same examples on each run, and none fails for being slow."""

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")
