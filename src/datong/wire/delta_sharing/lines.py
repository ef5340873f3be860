# SPDX-License-Identifier: Apache-2.0
"""The lines of metadata and query answers in the parquet format: one JSON object each, ended by a line feed.

Kept here: nothing is said but of the derived table itself: no statistics, no comments, no place. An endStreamAction is
never sent unasked, for released clients stumble over one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

KIND: Final = "application/x-ndjson; charset=utf-8"
CAPABILITIES_HEADER: Final = "delta-sharing-capabilities"
CAPABILITIES: Final = "responseformat=parquet"
VERSION_HEADER: Final = "delta-table-version"


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file as it is listed: address, a name that stays, bytes, and the instant (ms since 1970) the address ends."""

    url: str
    id: str
    size: int
    expires: int


def metadata(identifier: str, schema: str, *, size: int, files: int) -> list[dict[str, Any]]:
    """Give the two lines every answer begins with.

    Args:
        identifier: Of the table; stays while the policy does.
        schema: StructType in JSON.
        size: Bytes of all files.
        files: How many.
    """
    said = {
        "id": identifier,
        "format": {"provider": "parquet"},
        "schemaString": schema,
        "partitionColumns": [],
        "configuration": {},
        "size": size,
        "numFiles": files,
    }
    return [{"protocol": {"minReaderVersion": 1}}, {"metaData": said}]


def listed(files: Sequence[SharedFile]) -> list[dict[str, Any]]:
    """Give a line for each file."""
    return [
        {
            "file": {
                "url": one.url,
                "id": one.id,
                "partitionValues": {},
                "size": one.size,
                "expirationTimestamp": one.expires,
            }
        }
        for one in files
    ]


def encode(lines: Iterable[dict[str, Any]]) -> bytes:
    """Write lines."""
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)
