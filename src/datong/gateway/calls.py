# SPDX-License-Identifier: Apache-2.0
"""The record of one call: what evidence keeps of it, filled in as the call is understood.

Kept here: fields stand in alphabetical order, so that the encoder's bytes are canonical JSON; nothing enters before it
is bounded; values asked for and answered enter only as hashes, salted so that nobody guesses them from the log. The
salt goes to the caller with the answer and is kept nowhere: who holds it can prove what was asked and answered.
"""

import os
from hashlib import sha256

import msgspec

from datong.wire.instants import text_of


class CallRecord(msgspec.Struct, kw_only=True):
    """One call, answered or refused."""

    at: str
    case: str = ""
    channel: str = ""
    client: str = ""
    code: str = ""
    department: str = ""
    grant: str = ""
    items: list[str] = []
    kind: str = "call"
    policy_version: int = 0
    purpose: str = ""
    request_hash: str = ""
    request_id: str
    resource: str = ""
    response_hash: str = ""
    rows: int = 0
    status: int = 0
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


_encoder = msgspec.json.Encoder()


def encoded(record: CallRecord | TokenRecord) -> bytes:
    """The record as canonical JSON."""
    return _encoder.encode(record)


class Call:
    """One call under way: its record, its salt, and the request bytes its hash covers."""

    __slots__ = ("body", "now", "record", "salt", "target")

    def __init__(self, now: float) -> None:
        noise = os.urandom(32)
        self.now = now
        self.record = CallRecord(at=text_of(now), request_id=noise[:16].hex())
        self.salt = noise[16:]
        self.target = b""
        self.body = b""

    def close(self, status: int, code: str, answer: bytes) -> bytes:
        """Finish the record and give its bytes.

        Args:
            status: HTTP status of the answer.
            code: `ok`, or the code of the refusal.
            answer: body of the answer.
        """
        record = self.record
        record.status, record.code = status, code
        record.request_hash = salted(self.salt, self.target + b"\n" + self.body)
        record.response_hash = salted(self.salt, answer)
        return _encoder.encode(record)


def salted(salt: bytes, data: bytes) -> str:
    """SHA-256 of salt and data, in hexadecimal; of a request, data is `METHOD target LF body`."""
    return sha256(salt + data).hexdigest()
