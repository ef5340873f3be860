# SPDX-License-Identifier: Apache-2.0
"""Masks: how much of a value leaves.

Kept here: the reference meaning of each mask in plain Python; the engine's SQL is proved equal to it. Absent stays
absent (None to None) and empty text stays empty. A mask that cannot be sure redacts: it never lets more out.

Text form: "none", "redact", "hash", "year", "partial:HEAD:TAIL" (characters kept at both ends).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from datong.kernel.errors import Malformed

KINDS = ("none", "partial", "redact", "hash", "year")
REDACTED = "***"
STAR = "*"
LONGEST_END = 64
_PARTIAL = re.compile(r"partial:([0-9]{1,2}):([0-9]{1,2})")
_ISO_YEAR = re.compile(r"[0-9]{4}-")

Value = str | int | float | date | bytes | None


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask.

    Attributes:
        kind: One of `KINDS`.
        keep_head: Characters kept in front (partial only).
        keep_tail: Characters kept at the end (partial only).
    """

    kind: str
    keep_head: int = 0
    keep_tail: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Malformed(f"{self.kind[:40]!r} is not a mask", fields={"mask": " / ".join(KINDS)})
        if self.kind != "partial" and (self.keep_head or self.keep_tail):
            raise Malformed(f"mask {self.kind} keeps no ends", fields={"mask": "only partial:HEAD:TAIL keeps ends"})
        if not (0 <= self.keep_head <= LONGEST_END and 0 <= self.keep_tail <= LONGEST_END):
            raise Malformed("a partial mask keeps 0 to 64 characters at each end", fields={"mask": "0 to 64"})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form.

        Raises:
            Malformed: Not a mask.
        """
        ends = _PARTIAL.fullmatch(text)
        if ends:
            return cls("partial", int(ends[1]), int(ends[2]))
        if text == "partial":
            raise Malformed("a partial mask names both ends", fields={"mask": "like partial:3:4"})
        return cls(text)

    def __str__(self) -> str:
        return f"partial:{self.keep_head}:{self.keep_tail}" if self.kind == "partial" else self.kind


NONE = Mask("none")
PRESETS: Mapping[str, Mask] = {
    "name": Mask("partial", 1, 0),
    "resident_id": Mask("partial", 6, 4),
    "phone": Mask("partial", 3, 4),
    "address": Mask("partial", 6, 0),
    "birth_date": Mask("year"),
    "pseudonym": Mask("hash"),
    "secret": Mask("redact"),
}
"""Masks usual for kinds of personal information."""


def apply(mask: Mask, value: Value, *, key: bytes = b"") -> Value:
    """Mask one value.

    Partial: text and whole numbers keep their ends, each character between becomes a star; a value no longer than
    both ends together becomes all stars. Dates count as ISO text. Year: the year of an ISO date. Hash: the first 32
    hex digits of HMAC-SHA-256 under `key`, so equal values stay joinable and a list of all ids does not undo it.
    Whatever a mask is not made for (partial of a fraction, year of a name) becomes "***".

    Args:
        mask: What to do.
        value: Any scalar of a record.
        key: Secret of the grant; needed by hash only.

    Raises:
        Malformed: A hash mask without a key.
    """
    if mask.kind == "none" or value is None:
        return value
    text = _text(value)
    if mask.kind == "redact" or text is None:
        return REDACTED
    if mask.kind == "hash":
        return _hash(text, key)
    if mask.kind == "year":
        return text[:4] if _ISO_YEAR.match(text) else REDACTED
    return _partial(mask, text)


def _text(value: Value) -> str | None:
    """Give the text a mask works on; None where only redaction is safe."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else None


def _hash(text: str, key: bytes) -> str:
    if not key:
        raise Malformed("a hash mask needs a key", fields={"mask": "no key"})
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]


def _partial(mask: Mask, text: str) -> str:
    hidden = len(text) - mask.keep_head - mask.keep_tail
    if hidden <= 0:
        return STAR * len(text)
    return text[: mask.keep_head] + STAR * hidden + text[len(text) - mask.keep_tail :]
