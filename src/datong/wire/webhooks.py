# SPDX-License-Identifier: Apache-2.0
"""Webhooks as Standard Webhooks has them: the secret, the signature, the three headers.

Kept here: the signature covers id, time and body; a receiver knows a message that comes again by its id, and refuses one
whose time is old. Format: https://www.standardwebhooks.com.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import Final

from datong.kernel.errors import Malformed

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
VERSION: Final = "v1"
TOLERANCE: Final = 300
"""Seconds by which the time of a message may differ from the receiver's."""


def new_secret() -> str:
    """Make a secret, as it is shown to its owner."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def sign(secret: str, identifier: str, at: int, body: bytes) -> str:
    """Give the signature header of a message.

    Args:
        secret: As `new_secret` made it.
        identifier: The same each time the message is sent again.
        at: Seconds since 1970.
        body: Exactly as it is sent.

    Raises:
        Malformed: Not a secret.
    """
    said = f"{identifier}.{at}.".encode() + body
    return f"{VERSION},{base64.b64encode(hmac.new(_key(secret), said, hashlib.sha256).digest()).decode()}"


def headers(secret: str, identifier: str, at: int, body: bytes, *, before: str = "") -> dict[str, str]:
    """Give the headers of a message; `before` is a secret that is being replaced and still signs as well."""
    signed = [sign(one, identifier, at, body) for one in (secret, before) if one]
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signed),
        "content-type": "application/json",
    }


def is_signed(secret: str, given: Mapping[str, str], body: bytes, now: int) -> bool:
    """Tell whether a message that came in is the sender's and fresh; one of several signatures suffices.

    Args:
        secret: Shared with the sender.
        given: Headers, names in small letters.
        body: As it came.
        now: Seconds since 1970.
    """
    stamp = given.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > len(str(2**63)) or abs(now - int(stamp)) > TOLERANCE:
        return False
    wanted = sign(secret, given.get("webhook-id", ""), int(stamp), body).encode()
    offered = given.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(wanted, one.encode()) for one in offered)


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        raise Malformed("this is not a webhook secret") from None
