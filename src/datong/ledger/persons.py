# SPDX-License-Identifier: Apache-2.0
"""Persons in the evidence: a keyed blind index, so that "who looked at this person's data" has an answer without the id.

Kept here: a person is whatever has the shape of a resident id (公民身份号码) and was asked by, claimed or shown; the check digit
is not asked for, since a number wrongly issued is a person too. What stands in the record is a tag, HMAC-SHA256 of the id under
a secret of the node: without it nobody can try ids out. Rotation: docs/explanation/evidence.md.
"""

import re
import unicodedata
from binascii import b2a_base64
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from datong.crypto.keys import load_secret
from datong.kernel.errors import Malformed

PURPOSE: Final = "persons in the evidence"
TAG_BYTES: Final = 9
"""72 bits: that two of 1.4 billion persons share a tag is unlikely, and an answer's many tags stay short."""
SHAPE: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
DIGITS: Final = 18
BLOCK: Final = 64
URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
LONGEST: Final = 64


class BlindIndex:
    """Gives the tags of persons under one secret.

    Args:
        secret: Of the node, at most 64 bytes; another one gives other tags.
    """

    def __init__(self, secret: bytes) -> None:
        padded = secret.ljust(BLOCK, b"\0")
        self._inner = sha256(bytes(octet ^ 0x36 for octet in padded))
        self._outer = sha256(bytes(octet ^ 0x5C for octet in padded))

    @classmethod
    def load(cls, signing_key: Path) -> Self:
        """Derive the secret from the node's signing key, for this purpose alone.

        Raises:
            Unknown, Refused, Malformed: As for `load_secret`.
        """
        return cls(load_secret(signing_key, PURPOSE))

    def tag(self, number: str) -> str:
        """Give the tag of a resident id.

        Raises:
            Malformed: It has another shape.
        """
        plain = _plain(number)
        if not SHAPE.fullmatch(plain):
            raise Malformed(
                "公民身份号码为 17 位数字和一位数字或 X (a resident id has 17 digits, then a digit or X)",
                fields={"person": "18 位 (18 characters)"},
            )
        return self._tag(plain)

    def tags(self, values: Iterable[object]) -> list[str]:
        """Give the tags of the persons among some values, each once, in order; what is no resident id has none."""
        texts = {_plain(value) for value in values if isinstance(value, str) and DIGITS <= len(value) <= LONGEST}
        return sorted(self._tag(text) for text in texts if SHAPE.fullmatch(text))

    def _tag(self, plain: str) -> str:
        """HMAC-SHA256 (RFC 2104) of the id, its two keyed beginnings made once: each call about somebody pays for it."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(plain.encode("ascii"))
        outer.update(inner.digest())
        return b2a_base64(outer.digest()[:TAG_BYTES], newline=False).translate(URL_SAFE).decode("ascii")


def _plain(text: str) -> str:
    """The form in which claims are compared (NFKC, no outer blanks), with a capital X."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip().upper()
