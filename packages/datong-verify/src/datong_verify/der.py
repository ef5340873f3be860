# SPDX-License-Identifier: Apache-2.0
"""A cursor over DER: takes one value after another, and complains where one is not what it must be."""

import re
from datetime import datetime
from typing import Self

from datong_verify.verdicts import Unreadable

NUMBER, OCTETS, NAME, WHEN, ROW, GROUP = 0x02, 0x04, 0x06, 0x18, 0x30, 0x31
LONGEST_ARC = 256
"""Bits of one number of an object identifier; those made of a UUID have 128."""
WHEN_FORM = re.compile(r"(\d{14})(?:\.(\d{1,9}))?Z")


class Der:
    """What is left of some DER."""

    def __init__(self, data: bytes) -> None:
        self._left = data

    def ahead(self) -> int | None:
        """Give the tag of the next value, None at the end."""
        return self._left[0] if self._left else None

    def whole(self) -> bytes:
        """Take the next value with its tag and length."""
        left = self._left
        if len(left) < 2:
            raise Unreadable("DER is cut short")
        head, size = 2, left[1]
        if size > 127:
            head += size - 128
            size = int.from_bytes(left[2:head], "big")
            if not 3 <= head <= 6 or size < 128 or left[2] == 0:
                raise Unreadable("DER has a length that is not in its one form")
        if len(left) < head + size:
            raise Unreadable("DER is cut short")
        self._left = left[head + size :]
        return left[: head + size]

    def take(self, tag: int) -> bytes:
        """Take what stands in the next value, which has this tag."""
        if self.ahead() != tag:
            raise Unreadable(f"DER has another value than one with tag {tag:#04x}")
        whole = self.whole()
        return whole[2 + (whole[1] - 128 if whole[1] > 127 else 0) :]

    def into(self, tag: int) -> Self:
        """Take the next value and give a cursor over what stands in it."""
        return type(self)(self.take(tag))

    def number(self) -> int:
        """Take a whole number."""
        return int.from_bytes(self.take(NUMBER), "big", signed=True)

    def name(self) -> str:
        """Take an object identifier, in dots."""
        first, *rest = self.take(NAME) or b"\xff"
        arcs, arc = list(divmod(first, 40)), 0
        for octet in rest:
            arc = arc << 7 | octet & 127
            if arc >> LONGEST_ARC:
                raise Unreadable("DER names an object in too many digits")
            if octet < 128:
                arcs.append(arc)
                arc = 0
        return ".".join(map(str, arcs))

    def when(self) -> datetime:
        """Take an instant."""
        said = WHEN_FORM.fullmatch(self.take(WHEN).decode("ascii", "replace"))
        try:
            at = datetime.strptime(said[1] + "+0000", "%Y%m%d%H%M%S%z") if said else None
        except ValueError:
            at = None
        if said is None or at is None:
            raise Unreadable("an instant cannot be read")
        return at.replace(microsecond=int((said[2] or "0")[:6].ljust(6, "0")))

    def end(self) -> None:
        """See that nothing is left."""
        if self._left:
            raise Unreadable("something stands behind the end of the DER")
