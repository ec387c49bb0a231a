"""The sandbox's own certificate authority, so that clients verify TLS as they would anywhere else.

Owns the making of the certificates; they live as long as the process. It opens no socket and trusts nobody:
only a client that is given `ca.pem` accepts what is served here.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """One authority and what its servers present."""

    ca_pem: bytes
    """The authority's certificate, for a client's ``ca_file``."""
    server: ssl.SSLContext
    """For servers on 127.0.0.1 and localhost, TLS 1.2 or newer."""

    def write_ca(self, path: Path) -> None:
        """Write the authority's certificate, replacing what stood there."""
        path.write_bytes(self.ca_pem)


def make_certificates() -> Certificates:
    """A fresh authority and one server certificate, valid for 127.0.0.1 and localhost."""
    authority = trustme.CA(organization_name="inbox-tui sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return Certificates(authority.cert_pem.bytes(), context)
