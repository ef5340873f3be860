# SPDX-License-Identifier: Apache-2.0
"""Cursors: how far a caller has read, sealed, for the caller to keep.

Kept here: a cursor is sealed under a key of the node and bound to what it was given for, so that it tells nothing and opens
nothing else. In the open a row's number would count the rows that rules hide before it, and the mark of an answer would let
guesses at what masks hide be tried.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Final

from datong.crypto import ciphers
from datong.crypto.keys import load_secret, load_signer
from datong.crypto.sealing import SUITES
from datong.crypto.signing import SM2
from datong.gateway.snapshot import Standing
from datong.kernel.errors import DatongError, Malformed

ROWS: Final = "row cursors"
ROW_BYTES: Final = 8


class Seals:
    """Seals how far callers have read, and opens it."""

    def __init__(self, key: Path, purpose: str) -> None:
        """Take the node's key.

        Args:
            key: Path of it.
            purpose: Another one gives cursors that are none here.
        """
        suite = SUITES[load_signer(key).algorithm == SM2]
        self._suite, self._key = suite.name, load_secret(key, purpose, suite.key_bytes)

    def sealed(self, reached: bytes, bound: bytes) -> str:
        """The cursor a caller gets."""
        made = ciphers.seal(self._key, reached, bound, suite=self._suite)
        return urlsafe_b64encode(made).decode().rstrip("=")

    def opened(self, text: str, bound: bytes) -> bytes:
        """How far its caller has read.

        Raises:
            Malformed: It is none of ours, or was given for something else.
        """
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            return ciphers.open_sealed(self._key, sealed, bound)
        except (ValueError, DatongError):
            remedy = "take it from `next`, and ask the same question"
            raise Malformed("after is no cursor of this question", fields={"after": remedy}) from None


class RowCursors(Seals):
    """Cursors of rows: the row reached, and the mark of what it was reached in; good under one grant."""

    def __init__(self, key: Path) -> None:
        """Take the node's key."""
        super().__init__(key, ROWS)

    def written(self, standing: Standing, row: int | None, mark: str) -> str | None:
        """The cursor a caller gets; None at the end."""
        return None if row is None else self.sealed(row.to_bytes(ROW_BYTES) + mark.encode(), _bound(standing))

    def read(self, standing: Standing, text: str) -> tuple[int | None, str]:
        """Row and mark; of no cursor None, and no mark.

        Raises:
            Malformed: It is none of ours, or of another grant.
        """
        if not text:
            return None, ""
        said = self.opened(text, _bound(standing))
        return int.from_bytes(said[:ROW_BYTES]), said[ROW_BYTES:].decode()


def _bound(standing: Standing) -> bytes:
    return f"{standing.grant.number}\n{standing.resource.code}".encode()
