# SPDX-License-Identifier: Apache-2.0
"""The record of one page of change events, or of a request that gave none.

Kept here: fields stand in alphabetical order, so that the encoder's bytes are canonical JSON. A page with events is of
the kind `call`, for by it rows are given out, and counts in the grant's day; one without, and a refusal, are of the kind
`events`. It says how many events, of which versions, up to which cursor; their content enters as a salted hash alone.
"""

import os
from typing import Final

import msgspec

from datong.gateway.asking import Ask
from datong.gateway.calls import salted
from datong.gateway.snapshot import Standing
from datong.gateway.tally import clock
from datong.kernel.sharing import Channel
from datong.wire import events
from datong.wire.instants import text_of
from datong.wire.policy import Client

GIVES: Final = "call"
_encoder = msgspec.json.Encoder()


class EventRecord(msgspec.Struct, kw_only=True):
    """One page, or a request that gave none."""

    at: str
    case: str = ""
    channel: str = Channel.SUBSCRIPTION.value
    client: str = ""
    code: str = "ok"
    cursor: str = ""
    department: str = ""
    grant: str = ""
    items: list[str] = []
    kind: str = "events"
    policy_version: int = 0
    purpose: str = ""
    request_hash: str = ""
    request_id: str = ""
    resource: str = ""
    response_hash: str = ""
    rows: int = 0
    signature: str | msgspec.UnsetType = msgspec.UNSET
    status: int = 200
    subscription: str = ""
    user: str = ""
    version: int = 0
    versions: list[int] = []

    def asked(self, client: Client, ask: Ask) -> None:
        """Note who asks, and what for."""
        self.client, self.department = client.client_id, client.department
        self.purpose, self.case, self.user = ask.purpose, ask.case, ask.user

    def of(self, standing: Standing) -> None:
        """Note under which grant."""
        self.grant, self.resource = standing.grant.number, standing.resource.code
        self.version, self.items = standing.resource.version, standing.fields

    def gives(self, page: events.Page) -> None:
        """Note what a page gives."""
        self.kind, self.rows = GIVES, len(page.lines)
        self.cursor, self.versions = str(page.next), list(page.versions)


class Noted:
    """A request under way: its id and salt, and a fresh record for each page it gives.

    Attributes:
        began: When work on what is answered next began, on the clock of tallies; what was waited for is no work.
    """

    __slots__ = ("began", "request_id", "salt", "target")

    def __init__(self, target: bytes) -> None:
        noise = os.urandom(32)
        self.request_id, self.salt, self.target = noise[:16].hex(), noise[16:], target
        self.began = clock()

    def record(self, now: float, number: str) -> EventRecord:
        """Begin a record."""
        self.began = clock()
        return EventRecord(at=text_of(now), request_id=self.request_id, subscription=number)

    def closed(self, record: EventRecord, answer: bytes) -> bytes:
        """Finish a record and give its bytes."""
        record.request_hash = salted(self.salt, b"GET %b\n" % self.target)
        record.response_hash = salted(self.salt, answer)
        return _encoder.encode(record)
