# SPDX-License-Identifier: Apache-2.0
"""Pages of listings: how many items, from where, and the token of the page after.

Kept here: a token is signed and bound to its recipient and its listing, so one of another recipient or another list
reads as none at all; it goes into a URL unencoded, as some clients send it.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Final

from datong.kernel.errors import Malformed

MOST: Final = 500
_SIGNATURE: Final = 16
_NUMBER: Final = 8


def max_results(text: str | None) -> int:
    """Read `maxResults`: 0 to 500, 500 when it is not said.

    Raises:
        Malformed: Not a whole number in that range, in the words of the reference server.
    """
    if text is None:
        return MOST
    if not (text.isascii() and text.lstrip("-").isdigit()):
        words = "maxResults is not a number: expected a number but the string didn't have the appropriate format"
        raise Malformed(words, fields={"maxResults": f"0 to {MOST}"})
    if text.startswith("-") or len(text) > len(str(2**31)) or int(text) > MOST:
        raise Malformed(f"Acceptable values of 'maxResults' are 0 to {MOST}", fields={"maxResults": f"0 to {MOST}"})
    return int(text)


def token(secret: bytes, recipient: str, listing: str, start: int) -> str:
    """Make the token of the page that begins at an item.

    Args:
        secret: Key of this service's tokens.
        recipient: Who asks.
        listing: Which list it is of.
        start: Number of the first item, from 0.
    """
    number = start.to_bytes(_NUMBER, "big")
    return urlsafe_b64encode(number + _sign(secret, recipient, listing, number)).rstrip(b"=").decode()


def start(secret: bytes, recipient: str, listing: str, given: str | None) -> int:
    """Read a token back; none or an empty one begins at the first item.

    Raises:
        Malformed: Not made by this service for this recipient and listing.
    """
    if not given:
        return 0
    try:
        raw = urlsafe_b64decode(given + "=" * (-len(given) % 4)) if given.isascii() else b""
    except ValueError:
        raw = b""
    number, signature = raw[:_NUMBER], raw[_NUMBER:]
    if len(raw) != _NUMBER + _SIGNATURE or not hmac.compare_digest(signature, _sign(secret, recipient, listing, number)):
        raise Malformed("invalid 'nextPageToken'", fields={"pageToken": "take it from the page before"})
    return int.from_bytes(number, "big")


def page(items: Sequence[dict[str, Any]], begin: int, most: int, following: str) -> dict[str, Any]:
    """Give one page of a list.

    Args:
        items: The whole list.
        begin: Number of the first item of the page.
        most: Most items; none at all is allowed, the page then only says that there are more.
        following: Token of the page after, used where there is one.
    """
    shown: dict[str, Any] = {"items": list(items[begin : begin + most])}
    if begin + most < len(items):
        shown["nextPageToken"] = following
    return shown


def _sign(secret: bytes, recipient: str, listing: str, number: bytes) -> bytes:
    said = b"\n".join(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest() for part in (recipient, listing))
    return hmac.new(secret, said + number, hashlib.sha256).digest()[:_SIGNATURE]
