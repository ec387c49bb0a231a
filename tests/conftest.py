"""For all tests: property tests find the same examples on each run, and none fails for being slow."""

import pytest
from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options stand here: a plain run reads the folders below only when it comes to them."""
    parser.addoption(
        "--storm-size",
        default="small",
        metavar="SIZE",
        help="how hard the tests in tests/storm try: small, full or a number",
    )
