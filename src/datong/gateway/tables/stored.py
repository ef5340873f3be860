# SPDX-License-Identifier: Apache-2.0
"""Files of derived tables that lie in an object store: sent through this gateway, or read there by a link that ends.

Kept here: a store that refuses is known before an answer begins; a piece at a time is in memory. What speaks to a store is
loaded by the first file that lies in one.
"""

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from datong.crypto import s3_signing
from datong.engine.errors import SourceUnreadable
from datong.engine.places import Bucket
from datong.gateway.answers import Send
from datong.gateway.refusals import BodyCut, StoreAway

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE: Final = 1 << 20
ASK: Final = "稍后再读，或请系统管理员核对 lake_url (read it again soon, or have the administrator check the lake)"


class Stored:
    """A file of an object store.

    Args:
        bucket: The store.
        key: Of the file.
    """

    def __init__(self, bucket: Bucket | None, key: str) -> None:
        self._bucket, self._key = bucket, key
        self._held = ExitStack()
        self._pieces: Iterator[bytes] = iter(())

    async def open(self, start: int, end: int) -> None:
        """Have the store begin to give some bytes, `end` not counted.

        Raises:
            StoreAway: It is not reached or refuses, or this gateway was told of none.
        """
        if self._bucket is None:
            raise StoreAway("this gateway was not told of the object store of the lake", remedy=ASK)
        if start < end:
            await asyncio.to_thread(self._open, self._bucket, start, end)

    def _open(self, bucket: Bucket, start: int, end: int) -> None:
        from datong.engine.backends.keeping import store_of  # noqa: PLC0415  loaded by who needs it alone

        try:
            answer: Any = self._held.enter_context(store_of(bucket).part(self._key, start, end))
        except SourceUnreadable as fault:
            raise StoreAway("数据文件暂时读不到 (the file cannot be read from its store now)", remedy=ASK) from fault
        self._pieces = answer.iter_bytes(PIECE)

    async def send(self, send: Send, length: int) -> None:
        """Send the bytes after their headers.

        Raises:
            BodyCut: The store gives fewer.
        """
        left = length
        while left > 0:
            piece = await asyncio.to_thread(self._next)
            if not piece:
                raise BodyCut("the store broke off")
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece[: len(piece) + min(left, 0)], "more_body": left > 0})

    def _next(self) -> bytes:
        try:
            return next(self._pieces, b"")
        except Exception:  # noqa: BLE001  whatever breaks off, the body is cut
            return b""

    async def close(self) -> None:
        """Let go of the store."""
        await asyncio.to_thread(self._held.close)


def link(bucket: Bucket, key: str, ends: int, now: float) -> str:
    """Give a link by which anybody may read one file of a store until an instant.

    Args:
        bucket: The store; its `links` is where recipients reach it.
        key: Of the file.
        ends: Seconds since 1970.
        now: Seconds since 1970.
    """
    of = replace(bucket, endpoint=bucket.links)
    path = "/".join(filter(None, (of.name, of.prefix, key)))
    credential = s3_signing.Credential(of.access, of.secret, of.region)
    at = datetime.fromtimestamp(now, UTC)
    return s3_signing.presigned(credential, "GET", f"{of.endpoint}/{s3_signing.path_of(path)}", ends - int(now), at)
