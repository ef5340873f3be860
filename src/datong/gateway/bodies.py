# SPDX-License-Identifier: Apache-2.0
"""Request bodies: whole, small and in time, or refused."""

import asyncio
from typing import Any

from datong.gateway.answers import Receive
from datong.gateway.config import Limits
from datong.gateway.refusals import BodyCut, BodyTooSlow, TooLarge, WrongMediaType


def check_kind(content_type: str, *wanted: str) -> str:
    """Check a body's media type; a charset other than UTF-8 is refused.

    Returns:
        The one it is of.

    Raises:
        WrongMediaType: naming those that are read.
    """
    said, _, rest = content_type.partition(";")
    kind, charset = said.strip().lower(), rest.strip().lower().replace('"', "")
    if kind not in wanted or charset not in {"", "charset=utf-8"}:
        ours = " or ".join(wanted)
        raise WrongMediaType(f"the body must be {ours} in UTF-8", fields={"content-type": ours})
    return kind


async def read(receive: Receive, content_length: str, limits: Limits, most: int = 0) -> bytes:
    """Read a body.

    Args:
        receive: of the server.
        content_length: as the header says, or empty.
        limits: of this gateway.
        most: bytes where the place takes more than `limits.max_body`.

    Raises:
        TooLarge: more bytes than that, by its header or in truth.
        BodyTooSlow: not whole within `limits.body_seconds`.
        BodyCut: the caller closed before the body was whole.
    """
    most = most or limits.max_body
    if content_length and not (content_length.isdigit() and int(content_length) <= most):
        raise _too_large(most)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _whole(receive, most)
    except TimeoutError:
        raise BodyTooSlow("the body did not arrive in time", remedy="send it whole at once") from None


def again(body: bytes) -> Receive:
    """Give a body that was read once more, as a server hands it over."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _whole(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyCut("the body is cut short", remedy="send it whole")
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large(most: int) -> TooLarge:
    return TooLarge("the body is too large", fields={"body": f"at most {most} bytes"})
