"""What no terminal may get, for the two last barriers: that of the interface and that of the command line."""

UNSAFE = (
    "\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0001-\U000e001f\U000f0000-\U0010ffff"
)
"""Besides C0, for a class of `re`: DEL, C1, bidi controls, separators, what nobody sees, private use, lone
surrogates, noncharacters. Joiners of emoji are none of them."""
