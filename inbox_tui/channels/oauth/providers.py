"""Who hands out tokens: addresses, scopes and habits of each provider, with what the configuration overrides.

Addresses and scopes as the providers document them (2026). Opens no connection.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

from inbox_tui.config import AccountConfig, FacebookAccount
from inbox_tui.errors import ConfigError

_GRAPH = "v26.0"
_FIXED_PORT = 8749


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as one account uses it."""

    name: str
    authorize_url: str
    token_url: str
    device_url: str
    """Empty: it has no device flow for what is needed here."""
    scopes: tuple[str, ...]
    redirect_host: str = "127.0.0.1"
    redirect_path: str = ""
    redirect_port: int = 0
    """0: any free one."""
    basic: bool = False
    """The app's id and secret go into an Authorization header, not into the form."""
    scope_separator: str = " "
    authorize_more: dict[str, str] = field(default_factory=dict)
    """Further parameters of the address that the browser opens."""


_GOOGLE = Provider(
    name="google",
    authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
    token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
    # Google's device flow does not grant the scope of mail.
    device_url="",
    scopes=("https://mail.google.com/",),
    # Without both Google gives a refresh token the first time only.
    authorize_more={"access_type": "offline", "prompt": "consent"},
)
_MICROSOFT = Provider(
    name="microsoft",
    authorize_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    token_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",  # noqa: S106 - an address
    device_url="https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
    scopes=(
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send",
        "offline_access",
    ),
    # The only host for which Microsoft takes any port.
    redirect_host="localhost",
)
_X = Provider(
    name="x",
    authorize_url="https://x.com/i/oauth2/authorize",
    token_url="https://api.x.com/2/oauth2/token",  # noqa: S106 - an address
    device_url="",
    scopes=("tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "offline.access"),
    redirect_path="/callback",
    redirect_port=_FIXED_PORT,
    basic=True,
)
_FACEBOOK = Provider(
    name="facebook",
    authorize_url=f"https://www.facebook.com/{_GRAPH}/dialog/oauth",
    token_url=f"https://graph.facebook.com/{_GRAPH}/oauth/access_token",
    device_url="",
    scopes=(
        "pages_show_list",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_engagement",
        "pages_messaging",
    ),
    redirect_host="localhost",
    redirect_path="/callback",
    redirect_port=_FIXED_PORT,
    scope_separator=",",
)
_KNOWN = {one.name: one for one in (_GOOGLE, _MICROSOFT, _X, _FACEBOOK)}


def provider_of(account: AccountConfig) -> Provider:
    """The account's provider, as it is configured. Raises ConfigError."""
    oauth = account.oauth
    if oauth is None:
        raise ConfigError(
            f"account {account.name}: it does not log in by OAuth",
            f"add [accounts.{account.name}.oauth] with provider and client_id",
        )
    known = _KNOWN[oauth.provider]
    if known is _FACEBOOK and not isinstance(account, FacebookAccount):
        raise ConfigError(
            f"account {account.name}: provider facebook gives tokens of pages alone", "take another provider"
        )
    tenant = quote(oauth.tenant, safe="")
    return replace(
        known,
        authorize_url=oauth.authorize_url or known.authorize_url.replace("{tenant}", tenant),
        token_url=oauth.token_url or known.token_url.replace("{tenant}", tenant),
        device_url=oauth.device_url or known.device_url.replace("{tenant}", tenant),
        scopes=oauth.scopes or known.scopes,
        redirect_port=oauth.redirect_port or known.redirect_port,
    )
