# SPDX-License-Identifier: Apache-2.0
"""The record of one call: what evidence keeps of it, filled in as the call is understood.

Kept here: fields stand in alphabetical order, so that the encoder's bytes are canonical JSON; nothing enters before it
is bounded; values asked for and answered enter only as hashes, salted so that nobody guesses them from the log. The
salt goes to the caller with the answer and is kept nowhere: who holds it can prove what was asked and answered.
Persons asked about or shown stand in it as tags of `ledger.persons`, never by their ids.
"""

import os
from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec

from datong.gateway.answers import Scope
from datong.gateway.asking import ABOUT, CORRECTIONS, PLACE, Ask, shown_path
from datong.gateway.quotas import NOTHING, Place
from datong.gateway.tally import clock
from datong.kernel.sharing import Channel
from datong.wire.instants import text_of
from datong.wire.policy import Client

CHANNELS: Final = {
    "records": Channel.CALL.value,
    "aggregate": Channel.CALL.value,
    "verify": Channel.VERIFY.value,
    "verify:batch": Channel.VERIFY.value,
}
"""Place below a resource to the channel that covers it."""


class UpstreamAsked(msgspec.Struct, kw_only=True):
    """That the provider's own interface was asked: for how many milliseconds, and what came of it.

    `answered`, `kept` (an earlier answer served again), or the code of the refusal. `asked` says how many questions were
    put to it where one call puts several.
    """

    asked: int | msgspec.UnsetType = msgspec.UNSET
    ms: int
    outcome: str


class CallRecord(msgspec.Struct, kw_only=True):
    """One call, answered or refused; `calls` says as how many it counts against the quota: a batch is many.

    `composed` is there in a part of a composed call alone: the request id of the whole.
    `signature` is the hash of the nonce of a signed call, under which its use is remembered.
    """

    at: str
    calls: int = 1
    case: str = ""
    channel: str = ""
    client: str = ""
    code: str = ""
    composed: str | msgspec.UnsetType = msgspec.UNSET
    department: str = ""
    grant: str = ""
    items: list[str] = []
    kind: str = "call"
    persons: list[str] = []
    policy_version: int = 0
    purpose: str = ""
    request_hash: str = ""
    request_id: str
    resource: str = ""
    response_hash: str = ""
    rows: int = 0
    signature: str | msgspec.UnsetType = msgspec.UNSET
    status: int = 0
    upstream: UpstreamAsked | msgspec.UnsetType = msgspec.UNSET
    user: str = ""
    version: int = 0


class TokenRecord(msgspec.Struct, kw_only=True):
    """One request for an access token."""

    assertion: str = ""
    at: str
    client: str = ""
    code: str = ""
    kind: str = "token"
    policy_version: int = 0
    request_id: str
    status: int = 0


LONGEST_PLACE: Final = 64
REPORTS: Final = "corrections"
"""Channel of reports of errors; their records are of a kind of their own, for they give no data."""
LONGEST_REPORTS: Final = 96
REASONS: Final = "why"
"""Channel and kind of questions why; they give no data and count against nothing."""
DESCRIPTION: Final = "openapi"
"""Channel and kind of asking for the document of a grant; likewise."""

_encoder = msgspec.json.Encoder()


def encoded(record: CallRecord | TokenRecord) -> bytes:
    """The record as canonical JSON."""
    return _encoder.encode(record)


def new_id() -> str:
    """A fresh request id: 32 hexadecimal digits."""
    return os.urandom(16).hex()


class Call:
    """One call under way: its record, its salt, and the request bytes its hash covers.

    Attributes:
        now: seconds since 1970.
        began: the same moment on the clock of tallies.
        scope: of the request.
        method, query, headers, body: of the request, as sent.
        record: resource and channel stand in it when the path names them; else they are empty.
        place: what the path names below the resource, such as `records`, or empty.
        reference: of the report of an error the path names, or empty.
        encodings: that the caller takes, as its header says.
        held: the place among the calls of the grant, once it is taken.
        about: values asked by, claimed or shown, among them the ids of the persons it is about.
    """

    __slots__ = (
        *("about", "began", "body", "encodings", "headers", "held", "method", "now", "path", "place"),
        *("query", "record", "reference", "salt", "scope"),
    )

    def __init__(self, now: float, scope: Scope) -> None:
        noise = os.urandom(32)
        self.began = clock()
        self.now, self.salt, self.body = now, noise[16:], b""
        self.held: Place = NOTHING
        self.about: list[object] = []
        self.encodings = ""
        self.scope = scope
        self.method: str = scope["method"]
        self.path = shown_path(scope)
        self.query: bytes = scope["query_string"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        resource, self.place = _place(self.path) if len(self.path) <= LONGEST_PLACE else ("", "")
        channel = CHANNELS.get(self.place, "")
        self.record = CallRecord(at=text_of(now), request_id=noise[:16].hex(), resource=resource, channel=channel)
        self.reference = ""
        if not channel and len(self.path) <= LONGEST_REPORTS:
            self._beside()

    def _beside(self) -> None:
        """Note the place of reports of errors, of questions why, or of the document of a grant, were the path one."""
        record, place = self.record, ABOUT.fullmatch(self.path)
        if place:
            record.kind = record.channel = REASONS if place[3] == b"why" else DESCRIPTION
            record.resource = f"{place[1].decode()}/{place[2].decode()}"
            return
        place = CORRECTIONS.fullmatch(self.path)
        if place:
            record.kind, record.channel = "correction", REPORTS
            record.resource = f"{place[1].decode()}/{place[2].decode()}"
            self.reference = (place[3] or b"").decode()

    def caller(self, client: Client, ask: Ask) -> None:
        """Note who is calling and what for."""
        record = self.record
        record.client, record.department = client.client_id, client.department
        record.purpose, record.case, record.user = ask.purpose, ask.case, ask.user

    @property
    def request(self) -> bytes:
        """The request as its hash covers it: `METHOD target LF body`."""
        return self._head + self.body

    @property
    def _head(self) -> bytes:
        target = self.path + b"?" + self.query if self.query else self.path
        return b"%b %b\n" % (self.method.encode(), target)

    def close(self, status: int, code: str, answer: bytes) -> bytes:
        """Finish the record and give its bytes.

        Args:
            status: HTTP status of the answer.
            code: `ok`, or the code of the refusal.
            answer: body of the answer.
        """
        record = self.record
        record.status, record.code = status, code
        record.request_hash = salted(self.salt, self._head, self.body)
        record.response_hash = salted(self.salt, answer)
        return _encoder.encode(record)


@lru_cache(maxsize=4_096)
def _place(path: bytes) -> tuple[str, str]:
    """Resource a path names and the place below it, both empty when it names none."""
    place = PLACE.fullmatch(path)
    return (f"{place[1].decode()}/{place[2].decode()}", place[3].decode()) if place else ("", "")


def salted(salt: bytes, *data: bytes) -> str:
    """SHA-256 of salt and data, in hexadecimal; of a request, data is `METHOD target LF body`."""
    made = sha256(salt)
    for part in data:
        made.update(part)
    return made.hexdigest()
