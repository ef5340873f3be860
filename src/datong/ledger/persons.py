# SPDX-License-Identifier: Apache-2.0
"""Persons in the evidence: a keyed blind index, so that "who looked at this person's data" has an answer without the id.

Kept here: a person is whatever has the shape of a resident id (公民身份号码) and was asked by, claimed or shown; the check digit
is not asked for, since a number wrongly issued is a person too. What stands in the record is a tag, HMAC-SHA256 of the id under
a secret of the node: without it nobody can try ids out. Rotation: docs/explanation/evidence.md.
"""

import re
import unicodedata
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from datong.crypto.keys import load_secret
from datong.kernel.errors import Malformed

PURPOSE: Final = "persons in the evidence"
TAG_BYTES: Final = 9
"""72 bits: that two of 1.4 billion persons share a tag is unlikely, and an answer's many tags stay short."""
SHAPE: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
LINES: Final = re.compile(rf"^{SHAPE.pattern}$", re.MULTILINE)
DIGITS: Final = 18
BLOCK: Final = 64
URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
LONGEST: Final = 64
TAG_LETTERS: Final = TAG_BYTES // 3 * 4


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
        texts = set()
        for value in values:
            if isinstance(value, str) and DIGITS <= len(value) <= LONGEST:
                text = _plain(value)
                if SHAPE.fullmatch(text):
                    texts.add(text)
        return sorted([self._tag(text) for text in texts]) if texts else []

    def tags_of(self, columns: Iterable[Sequence[object]]) -> list[str]:
        """Give the tags of the persons among the values of columns as `tags` does, in fewer steps where there are many."""
        found: set[str] = set()
        for column in columns:
            found.update(_numbers([value for value in column if isinstance(value, str) and DIGITS <= len(value) <= LONGEST]))
        return sorted(self._many(found)) if found else []

    def _many(self, numbers: Iterable[str]) -> list[str]:
        """`_tag` of many, with all digests written in one."""
        begin, end = self._inner.copy, self._outer.copy
        digests = []
        for number in "\n".join(numbers).encode("ascii").split(b"\n"):
            inner, outer = begin(), end()
            inner.update(number)
            outer.update(inner.digest())
            digests.append(outer.digest()[:TAG_BYTES])
        text = b2a_base64(b"".join(digests), newline=False).translate(URL_SAFE).decode("ascii")
        return [text[at : at + TAG_LETTERS] for at in range(0, len(text), TAG_LETTERS)]

    def _tag(self, plain: str) -> str:
        """HMAC-SHA256 (RFC 2104) of the id, its two keyed beginnings made once: each call about somebody pays for it."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(plain.encode("ascii"))
        outer.update(inner.digest())
        return b2a_base64(outer.digest()[:TAG_BYTES], newline=False).translate(URL_SAFE).decode("ascii")


def _numbers(texts: Sequence[str]) -> list[str]:
    """The resident ids among texts in plain form, by one search where all are of the plainest letters."""
    joined = "\n".join(texts)
    if joined.isascii() and joined.replace("\n", "", len(texts) - 1).isalnum():
        return LINES.findall(joined.upper())
    return [plain for plain in map(_plain, texts) if SHAPE.fullmatch(plain)]


def _plain(text: str) -> str:
    """The form in which claims are compared (NFKC, no outer blanks), with a capital X."""
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip().upper()
