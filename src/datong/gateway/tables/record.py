# SPDX-License-Identifier: Apache-2.0
"""The record of one request for shared tables: listing, metadata, query, file.

Kept here: fields stand in alphabetical order, so that the encoder's bytes are canonical JSON. A query is of the kind
`call`, for by it rows are given out, and counts in the grant's day; every other request is of the kind `table`, and the
read of a file says how many bytes were asked for.
"""

from typing import Final

import msgspec

from datong.gateway.snapshot import Reader
from datong.kernel.sharing import Channel

GIVES: Final = "query"
_encoder = msgspec.json.Encoder()


class TableRecord(msgspec.Struct, kw_only=True):
    """One request, answered or refused."""

    asked: str = ""
    at: str
    channel: str = Channel.TABLE.value
    client: str = ""
    code: str = ""
    department: str = ""
    file: str = ""
    grant: str = ""
    items: list[str] = []
    kind: str = "table"
    policy_version: int = 0
    purpose: str = ""
    recipient: str = ""
    request_hash: str = ""
    request_id: str
    resource: str = ""
    response_hash: str = ""
    rows: int = 0
    size: int = 0
    status: int = 0
    table: str = ""
    version: int = 0

    def of(self, reader: Reader) -> None:
        """Note who reads and whose grant it is; the profile was given for its purpose alone."""
        grant, resource = reader.standing.grant, reader.standing.resource
        self.recipient = reader.mark
        self.client, self.department, self.grant = grant.client_id, grant.department, grant.number
        self.purpose, self.resource, self.version = grant.purpose, resource.code, resource.version

    def as_query(self, asked: str = GIVES) -> None:
        """Count it as a call, for it gives rows out."""
        self.asked, self.kind = asked, "call"

    def encoded(self) -> bytes:
        """The record as canonical JSON."""
        return _encoder.encode(self)
