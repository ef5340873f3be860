# SPDX-License-Identifier: Apache-2.0
"""Request bodies: whole, small and in time, or refused."""

import asyncio

from datong.gateway.answers import Receive
from datong.gateway.config import Limits
from datong.gateway.refusals import BodyCut, BodyTooSlow, TooLarge, WrongMediaType


def check_kind(content_type: str, wanted: str) -> None:
    """Check a body's media type; a charset other than UTF-8 is refused.

    Raises:
        WrongMediaType: naming the one that is read.
    """
    kind, _, rest = content_type.partition(";")
    charset = rest.strip().lower().replace('"', "")
    if kind.strip().lower() != wanted or charset not in {"", "charset=utf-8"}:
        raise WrongMediaType(f"the body must be {wanted} in UTF-8", fields={"content-type": wanted})


async def read(receive: Receive, content_length: str, limits: Limits) -> bytes:
    """Read a body.

    Raises:
        TooLarge: more bytes than `limits.max_body`, by its header or in truth.
        BodyTooSlow: not whole within `limits.body_seconds`.
        BodyCut: the caller closed before the body was whole.
    """
    if content_length and not (content_length.isdigit() and int(content_length) <= limits.max_body):
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _whole(receive, limits)
    except TimeoutError:
        raise BodyTooSlow("the body did not arrive in time", remedy="send it whole at once") from None


async def _whole(receive: Receive, limits: Limits) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyCut("the body is cut short", remedy="send it whole")
        part = message.get("body", b"")
        size += len(part)
        if size > limits.max_body:
            raise _too_large(limits)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(limits: Limits) -> TooLarge:
    return TooLarge("the body is too large", fields={"body": f"at most {limits.max_body} bytes"})
