# SPDX-License-Identifier: Apache-2.0
"""Masks: how much of a value leaves.

Kept here: the reference meaning of each mask in plain Python; the engine's SQL is proved equal to it. Absent stays
absent (None to None) and empty text stays empty under a partial mask. A mask that cannot be sure redacts: it never lets
more out.

Text form: "none", "null", "redact", "hash", "year", "partial:HEAD:TAIL" (characters kept at both ends), "band:WIDTH" (the
band of that width a number lies in), "format:FORM" (another value of the same form).
"""

import hashlib
import hmac
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from datong.kernel.errors import Malformed
from datong.kernel.sharing import DAY_TYPES, FLOAT_TYPES, NUMBER_TYPES, TEXT_TYPES, ItemType

KINDS = ("none", "partial", "redact", "hash", "year", "null", "band", "format")
REDACTED = "***"
STAR = "*"
LONGEST_END = 64
WIDEST = 10**15
LARGEST = 10**18
"""Numbers from here on, above and below nothing, are redacted rather than told a band."""
_PARTIAL = re.compile(r"partial:([0-9]{1,2}):([0-9]{1,2})")
_FORMAT = re.compile(r"format:([a-z_]{1,16})")
_BAND = re.compile(r"band:([1-9][0-9]{0,15})")
_NUMBER = re.compile(r"-?[0-9]{1,18}([.][0-9]+)?")
_ISO_YEAR = re.compile(r"[0-9]{4}-")

Value = str | int | float | date | bytes | None
Permutation = Callable[[bytes, str, str], str]
"""Key, text and alphabet to another text of the same length over it: one to one, such as `crypto.ff1.encrypt`."""


@dataclass(frozen=True, slots=True)
class Form:
    """What values of a form look like: of a million there are at least, whatever their length.

    Attributes:
        alphabet: Its characters, each once.
        pattern: All of the value.
    """

    alphabet: str
    pattern: str

    def fits(self, text: str) -> bool:
        """Whether a text has the form."""
        return re.fullmatch(self.pattern, text) is not None


FORMS: Mapping[str, Form] = {
    "digits": Form("0123456789", "[0-9]{6,64}"),
    "resident_id": Form("0123456789X", "[0-9]{17}[0-9X]"),
    "uscc": Form("0123456789ABCDEFGHJKLMNPQRTUWXY", "[0-9A-HJ-NPQRTUWXY]{18}"),
}
"""Forms that a format-preserving mask keeps; check digits are not made to fit."""

_WIDTHS = "宽度为2到10的15次方的整数，如 band:1000 (a whole width from 2, like band:1000)"
_FORMS = f"格式为其一 (form is one of): {', '.join(FORMS)}"
_ALL = frozenset(ItemType)
_TOLD = _ALL - FLOAT_TYPES
"""Types with one text to each value."""


@dataclass(frozen=True, slots=True)
class Mask:
    """One mask.

    Attributes:
        kind: One of `KINDS`.
        keep_head: Characters kept in front (partial only).
        keep_tail: Characters kept at the end (partial only).
        width: Of a band (band only).
        form: One of `FORMS` (format only).
    """

    kind: str
    keep_head: int = 0
    keep_tail: int = 0
    width: int = 0
    form: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Malformed(f"{self.kind[:40]!r} is not a mask", fields={"mask": " / ".join(KINDS)})
        if self.kind != "partial" and (self.keep_head or self.keep_tail):
            raise Malformed(f"mask {self.kind} keeps no ends", fields={"mask": "only partial:HEAD:TAIL keeps ends"})
        if not (0 <= self.keep_head <= LONGEST_END and 0 <= self.keep_tail <= LONGEST_END):
            raise Malformed("a partial mask keeps 0 to 64 characters at each end", fields={"mask": "0 to 64"})
        if not (2 <= self.width <= WIDEST if self.kind == "band" else self.width == 0):
            raise Malformed("a band, and nothing else, has a width from 2 on", fields={"mask": _WIDTHS})
        if not (self.form in FORMS if self.kind == "format" else self.form == ""):
            raise Malformed("a format mask, and nothing else, has a form", fields={"mask": _FORMS})

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form.

        Raises:
            Malformed: Not a mask.
        """
        ends = _PARTIAL.fullmatch(text)
        if ends:
            return cls("partial", int(ends[1]), int(ends[2]))
        band = _BAND.fullmatch(text)
        if band:
            return cls("band", width=int(band[1]))
        form = _FORMAT.fullmatch(text)
        if form:
            return cls("format", form=form[1])
        if text == "partial":
            raise Malformed("a partial mask names both ends", fields={"mask": "like partial:3:4"})
        return cls(text)

    def __str__(self) -> str:
        if self.kind in ("band", "format"):
            return f"{self.kind}:{self.width or self.form}"
        return f"partial:{self.keep_head}:{self.keep_tail}" if self.kind == "partial" else self.kind

    @property
    def keyed(self) -> bool:
        """Whether it needs the secret of its grant."""
        return self.kind in ("hash", "format")

    def suits(self, kind: ItemType) -> bool:
        """Whether it is made for items of a type; of any other it leaves nothing but "***"."""
        return kind in _SUITS.get(self.kind, _ALL)


_SUITS: Mapping[str, frozenset[ItemType]] = {
    "hash": _TOLD,
    "partial": _TOLD,
    "year": TEXT_TYPES | DAY_TYPES,
    "band": NUMBER_TYPES,
    "format": TEXT_TYPES | {ItemType.I},
}
"""Types of items a mask is made for; the others hide all types alike."""

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


def apply(
    mask: Mask, value: Value, *, key: bytes = b"", kind: ItemType | None = None, permute: Permutation | None = None
) -> Value:
    """Mask one value.

    Partial: text and whole numbers keep their ends, each character between becomes a star; a value no longer than
    both ends together becomes all stars. Dates count as ISO text. Year: the year of an ISO date. Hash: the first 32
    hex digits of HMAC-SHA-256 under `key`, so equal values stay joinable and a list of all ids does not undo it.
    Band: the half-open band a number lies in, `[3000,4000)` for 3456 in bands of 1000, its ends multiples of the width.
    Format: another value of the same form under `key`, so equal values stay joinable and no two become one; what has not
    the form is redacted.
    Null: no value ever, so not even whether there is one leaves.
    Whatever a mask is not made for (partial of a fraction, year of a name, band of a text) becomes "***".

    Args:
        mask: What to do.
        value: Any scalar of a record.
        key: Secret of the grant; needed by hash and format only.
        kind: Type of its item, where that is known; numbers in decimals are texts, and only this tells them from names.
        permute: Of format-preserving encryption; needed by format only.

    Raises:
        Malformed: A hash or format mask without a key, or a format mask without a permutation.
    """
    if mask.kind == "none" or value is None:
        return value
    if mask.kind == "null":
        return None
    if kind is not None and not mask.suits(kind):
        return REDACTED
    if mask.kind == "format":
        return _formatted(FORMS[mask.form], mask.form, _text(value), key, permute)
    return _band(mask.width, value) if mask.kind == "band" else _texted(mask, value, key)


def _texted(mask: Mask, value: Value, key: bytes) -> str:
    """Apply a mask that works on texts."""
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


def _band(width: int, value: Value) -> str:
    whole = _floor(value)
    if whole is None or not -LARGEST < whole < LARGEST:
        return REDACTED
    low = whole - whole % width
    return f"[{low},{low + width})"


def _floor(value: Value) -> int | None:
    """Give the largest whole number that is not above a number; None for what is no number."""
    if isinstance(value, str):
        return math.floor(Decimal(value)) if _NUMBER.fullmatch(value) else None
    if isinstance(value, float):
        return math.floor(value) if math.isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _formatted(form: Form, name: str, text: str | None, key: bytes, permute: Permutation | None) -> str:
    if not key or permute is None:
        raise Malformed("a format mask needs a key and a cipher", fields={"mask": "no key"})
    if text is None or not form.fits(text):
        return REDACTED
    own = hmac.digest(key, f"format:{name}".encode(), "sha256")
    made = permute(own, text, form.alphabet)
    while not form.fits(made):  # walks the cycle of the text, which comes back to it, and so to the form, in the end
        made = permute(own, made, form.alphabet)
    return made
