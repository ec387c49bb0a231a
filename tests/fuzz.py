"""Fuzzes a parser of what strangers send, led by which code a text reaches: ``python -m tests.fuzz mail``.

Needs the extra ``fuzz``. The checks are those of the property tests, which hypothesis tries by lot. All that
stands behind the name goes to libFuzzer, as ``-max_total_time=60``; what breaks a check is left in a file.
"""

from __future__ import annotations

import sys
from importlib import import_module

_FIELD = "test_anything_in_any_field_raises_nothing_but_a_channel_error"
_WHATEVER = "test_whatever_comes_is_read_or_refused"
TARGETS = {
    "mail": ("tests.channels.email.test_parse", "test_no_bytes_make_it_raise"),
    "imap": ("tests.channels.email.test_answers", "test_what_the_pattern_reads_imapclient_reads_alike"),
    "x": ("tests.channels.test_x", _FIELD),
    "x-dm": ("tests.channels.test_x_direct", _WHATEVER),
    "facebook": ("tests.channels.test_facebook", _FIELD),
    "messenger": ("tests.channels.test_messenger", _WHATEVER),
}


def main(argv: list[str]) -> None:
    """The command line."""
    if len(argv) < 2 or argv[1] not in TARGETS:
        raise SystemExit(f"python -m tests.fuzz {'|'.join(TARGETS)} [-max_total_time=SECONDS]")
    try:
        import atheris
    except ImportError:
        raise SystemExit("atheris is not installed: pip install '.[fuzz]'") from None
    module, name = TARGETS[argv[1]]
    with atheris.instrument_imports(include=["inbox_tui"]):
        checked = getattr(import_module(module), name)
    atheris.Setup([argv[0], *argv[2:]], checked.hypothesis.fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
