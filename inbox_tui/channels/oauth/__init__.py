"""Logins by OAuth: getting tokens, and keeping them fresh.

    providers   addresses and scopes of Google, Microsoft, X and Facebook
    flows       a login in the browser or by a code; redirect: where the browser comes back to
    exchange    what is asked of the token endpoint
    live        the access token as a Secret that renews itself

Where tokens are kept is the business of `credentials.tokens`.
"""
