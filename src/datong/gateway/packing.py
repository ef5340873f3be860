# SPDX-License-Identifier: Apache-2.0
"""Compression of longer bodies, as the caller's Accept-Encoding says (RFC 9110 section 12.5.3).

Kept here: a body is compressed after its evidence is durable, and the hash in the evidence is of the body as it is before:
whoever has the answer undoes the encoding and finds it. The entity tags of answers are weak for this reason.
"""

import asyncio
import gzip
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Final

from datong.engine import face as engine

SMALLEST: Final = 4_096
"""Bytes under which compression is not worth its while."""
SHORT: Final = 65_536
"""Bytes up to which it runs where it is asked; longer bodies are compressed beside the event loop."""


def _zstd(body: bytes) -> bytes:
    return engine.zstd(body)


_WAYS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "zstd": _zstd,
    "gzip": partial(gzip.compress, compresslevel=4, mtime=0),
}


async def packed(body: bytes, accepted: str) -> tuple[bytes, str]:
    """Compress a body where it is worth it and wanted.

    Returns:
        The body as it leaves, and the name of its encoding, empty where there is none.
    """
    way = chosen(accepted) if accepted and len(body) >= SMALLEST else ""
    if not way:
        return body, ""
    if way == "gzip" and len(body) <= SHORT:
        return _WAYS[way](body), way
    return await asyncio.to_thread(_WAYS[way], body), way


@lru_cache(maxsize=1_024)
def chosen(accepted: str) -> str:
    """Name of the encoding that is ours and wanted most, empty for none; what cannot be read is not wanted."""
    wanted = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.strip().partition(";")
        wanted[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((name for name in _WAYS if wanted.get(name, wanted.get("*", False))), "")
