# SPDX-License-Identifier: Apache-2.0
"""The profile file, version 1, and the bearer token in it.

Kept here: a token is 32 random bytes behind a prefix that a scanner of leaked secrets can find; whoever checks one knows
only its hash.
"""

import hashlib
import os
from base64 import urlsafe_b64encode
from typing import Any, Final

PREFIX: Final = "dtds_"
LINK_PREFIX: Final = "dtal_"
CREDENTIALS_VERSION: Final = 1
_BYTES: Final = 32


def new_token() -> str:
    """Make a bearer token; whoever makes it shows it once and keeps the hash."""
    return PREFIX + _random()


def new_secret() -> str:
    """Make the secret of an activation link, kept as a token is."""
    return LINK_PREFIX + _random()


def _random() -> str:
    return urlsafe_b64encode(os.urandom(_BYTES)).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """SHA-256 of a token, in hexadecimal: enough, for a token is random and long."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def mark(token_hash: str) -> str:
    """What addresses and evidence name a recipient by: 32 hexadecimal digits, which no token and no hash of one is."""
    return hashlib.sha256(b"mark " + token_hash.encode()).hexdigest()[:32]


def profile(endpoint: str, token: str, expires: str) -> dict[str, Any]:
    """Give the content of a profile file.

    Args:
        endpoint: Address of the service; a final slash is taken away, for clients add their own.
        token: The bearer token.
        expires: Instant at which the token ends, ISO 8601 in UTC.
    """
    return {
        "shareCredentialsVersion": CREDENTIALS_VERSION,
        "endpoint": endpoint.rstrip("/"),
        "bearerToken": token,
        "expirationTime": expires,
    }
