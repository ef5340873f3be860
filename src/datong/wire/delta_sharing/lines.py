# SPDX-License-Identifier: Apache-2.0
"""The lines of metadata, query and changes answers, in both formats: one JSON object each, ended by a line feed.

Kept here: nothing is said but of the derived table itself: no statistics, no comments, no place. In the delta format a
file is an action of a log with its address for a path.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from datong.wire.delta_sharing.capabilities import Capabilities

KIND: Final = "application/x-ndjson; charset=utf-8"
VERSION_HEADER: Final = "delta-table-version"

Act = Literal["file", "add", "remove", "cdf"]
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SharedTable:
    """A table as its lines tell it.

    Attributes:
        identifier: Stays while the policy does.
        schema: StructType in JSON.
        size: Bytes of all files.
        files: How many.
        changes: Whether its changes may be read.
        version: Told where a version was asked for.
        protocol: Version of the protocol line, told where it was asked for.
    """

    identifier: str
    schema: str
    size: int
    files: int
    changes: bool = False
    version: int | None = None
    protocol: int | None = None


@dataclass(frozen=True, slots=True)
class SharedFile:
    """A file as it is listed.

    Attributes:
        act: A file of the table, or what became of it in a version.
        url: Its address.
        id: A name that stays.
        size: Bytes.
        expires: Instant (ms since 1970) the address ends.
        version, at: The version it is told of and its instant (ms); None for the table as it is.
    """

    act: Act
    url: str
    id: str
    size: int
    expires: int
    version: int | None = None
    at: int | None = None


def metadata(table: SharedTable, wanted: Capabilities) -> list[Line]:
    """Give the two lines every answer begins with."""
    said: Line = {
        "id": table.identifier,
        "format": {"provider": "parquet"},
        "schemaString": table.schema,
        "partitionColumns": [],
        "configuration": {"enableChangeDataFeed": "true"} if table.changes else {},
    }
    more = _told({"version": table.version, "size": table.size, "numFiles": table.files})
    if wanted.format == "parquet":
        return [{"protocol": {"minReaderVersion": 1}}, {"metaData": said | more}]
    said["format"] = {"provider": "parquet", "options": {}}
    said["configuration"] = {"delta.enableChangeDataFeed": "true"} if table.changes else {}
    spoken = {"minReaderVersion": 1, "minWriterVersion": 4 if table.changes else 2}
    protocol = {"deltaProtocol": spoken} | _told({"version": table.protocol})
    return [{"protocol": protocol}, {"metaData": {"deltaMetadata": said} | more}]


def listed(files: Iterable[SharedFile], wanted: Capabilities) -> list[Line]:
    """Give a line for each file."""
    write = _in_delta if wanted.format == "delta" else _in_parquet
    return [write(one, wanted.name(one.id)) for one in files]


def ending(*, page: str | None, refresh: str | None, expires: int | None) -> Line:
    """Give the line that says the answer is whole: the token of the next page, of a refresh, when addresses end."""
    said = {"refreshToken": refresh, "nextPageToken": page, "minUrlExpirationTimestamp": expires}
    return {"endStreamAction": _told(said)}


def encode(lines: Iterable[Line]) -> bytes:
    """Write lines."""
    return b"".join(orjson.dumps(line) + b"\n" for line in lines)


def _in_parquet(one: SharedFile, name: str) -> Line:
    said: Line = {"url": one.url, "id": name, "partitionValues": {}, "size": one.size}
    return {one.act: said | _told({"timestamp": one.at, "version": one.version, "expirationTimestamp": one.expires})}


def _in_delta(one: SharedFile, name: str) -> Line:
    action: Line = {"path": one.url, "partitionValues": {}, "size": one.size}
    if one.act == "cdf":
        single = {"cdc": action | {"dataChange": False}}
    elif one.act == "remove":
        single = {"remove": action | {"deletionTimestamp": one.at, "dataChange": True, "extendedFileMetadata": True}}
    else:
        single = {"add": action | {"modificationTime": one.at or 0, "dataChange": True}}
    said = {"id": name} | _told({"version": one.version, "timestamp": one.at, "expirationTimestamp": one.expires})
    return {"file": said | {"deltaSingleAction": single}}


def _told(said: Mapping[str, Any]) -> Line:
    return {name: value for name, value in said.items() if value is not None}
