# SPDX-License-Identifier: Apache-2.0
"""Tokens that go on with an answer: the next page of a query, and a refresh of its addresses.

Kept here: a token is signed and bound to its recipient; it knows its table and its question, and ends; it goes into a URL
unencoded, as Spark sends it. What it says is no secret: versions and a place in a list the recipient sees anyway.
"""

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from typing import Final, Literal

from datong.kernel.errors import Malformed

PAGE_LIFE: Final = 3_600
"""Seconds a page token lives: the addresses of the first page live as long."""
REFRESH_LIFE: Final = 3_600
Kind = Literal["page", "refresh"]

_BODY: Final = struct.Struct(">QQQ16s16s")
_SIGNATURE: Final = 16
_WORDS: Final[dict[Kind, str]] = {"page": "the page token", "refresh": "refresh token"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on: the newest version of the answer, and the number of its first file."""

    version: int
    index: int = 0


@dataclass(frozen=True, slots=True)
class Sealer:
    """Makes and reads the tokens of one recipient, table and question.

    Attributes:
        secret: Key of this service's tokens.
        recipient: Who asks.
        table: Share and policy of the table.
        checksum: Of what is asked; empty where a token may go with any question.
    """

    secret: bytes
    recipient: str
    table: str
    checksum: str

    @property
    def loose(self) -> "Sealer":
        """The same for tokens that go with any question."""
        return replace(self, checksum="")

    def seal(self, kind: Kind, place: Place, ends: float) -> str:
        """Make a token that lives until an instant, in seconds since 1970."""
        body = _BODY.pack(place.version, place.index, int(ends), _short(self.table), _short(self.checksum))
        return urlsafe_b64encode(body + self._sign(kind, body)).rstrip(b"=").decode()

    def read(self, kind: Kind, token: str, now: float) -> Place:
        """Read a token back.

        Raises:
            Malformed: Not made here for this recipient, ended, of another table, or of another question.
        """
        body, signature = _split(token)
        if len(body) != _BODY.size or not hmac.compare_digest(signature, self._sign(kind, body)):
            raise _refused(kind, f"Error decoding {_WORDS[kind]}: {token[:40]}.")
        version, index, ends, table, checksum = _BODY.unpack(body)
        if now >= ends:
            raise _refused(kind, f"The {kind} token has expired. Please restart the query.")
        if table != _short(self.table):
            raise _refused(kind, f"The table specified in the {kind} token does not match the table being queried.")
        if checksum != _short(self.checksum):
            words = "Query parameter mismatch detected for the next page query. The query parameter "
            raise _refused(kind, f"{words}cannot change when querying the next page results.")
        return Place(version, index)

    def _sign(self, kind: Kind, body: bytes) -> bytes:
        said = f"{kind}\n{self.recipient}\n".encode("utf-8", "surrogatepass")
        return hmac.new(self.secret, said + body, hashlib.sha256).digest()[:_SIGNATURE]


def _split(token: str) -> tuple[bytes, bytes]:
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4)) if token.isascii() else b""
    except ValueError:
        raw = b""
    return raw[:-_SIGNATURE], raw[-_SIGNATURE:]


def _short(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


def _refused(kind: Kind, words: str) -> Malformed:
    return Malformed(words, fields={f"{kind}Token": "begin anew"})
