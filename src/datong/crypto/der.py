# SPDX-License-Identifier: Apache-2.0
"""DER, as far as time stamps need it: values as tag and content, read strictly.

Kept here: lengths are definite and in their shortest form, a value ends where its length says, nothing stands behind it. No
value is deeper than the reader asks for, so that nothing nested can exhaust it.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from datong.kernel.errors import Malformed

BOOLEAN, INTEGER, BITS, OCTETS, NULL, OID, TIME, SEQUENCE, SET = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x18, 0x30, 0x31
"""Universal tags, as they stand in their one byte."""
CONTEXT: Final = 0xA0
"""Tag [0] of a constructed value; [1] is one more, and so on."""
LONG: Final = 0x80
LONGEST_LENGTH: Final = 4
INSTANT: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z")


@dataclass(frozen=True, slots=True)
class Value:
    """One value.

    Attributes:
        tag: Its tag byte.
        content: What stands in it.
        whole: Tag, length and content.
    """

    tag: int
    content: bytes
    whole: bytes

    def want(self, tag: int) -> Self:
        """Give the value itself when it has this tag.

        Raises:
            Malformed: It has another.
        """
        if self.tag != tag:
            raise Malformed(f"a value with tag {tag:#04x} is wanted, {self.tag:#04x} stands here")
        return self

    def parts(self) -> "list[Value]":
        """Give the values inside.

        Raises:
            Malformed: What stands inside are none.
        """
        found, rest = [], self.content
        while rest:
            value, rest = _split(rest)
            found.append(value)
        return found

    def integer(self) -> int:
        """Give a whole number.

        Raises:
            Malformed: It is none.
        """
        content = self.want(INTEGER).content
        if not content or (len(content) > 1 and content[0] in (0, 0xFF) and (content[0] ^ content[1]) < LONG):
            raise Malformed("a whole number is not in its one form")
        return int.from_bytes(content, "big", signed=True)

    def instant(self) -> datetime:
        """Give a GeneralizedTime, which DER writes in UTC.

        Raises:
            Malformed: It is none.
        """
        said = INSTANT.fullmatch(self.want(TIME).content)
        try:
            year, month, day, hour, minute, second, part = said.groups(b"0") if said else ()
            micro = int(part[:6].ljust(6, b"0"))
            return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), micro, UTC)
        except ValueError:
            raise Malformed("an instant cannot be read") from None


def read(data: bytes) -> Value:
    """Read one value that is all there is.

    Raises:
        Malformed: It is none, is cut short, or something stands behind it.
    """
    value, rest = _split(data)
    if rest:
        raise Malformed("something stands behind the value")
    return value


def write(tag: int, *contents: bytes) -> bytes:
    """Give a value of some contents end to end."""
    content = b"".join(contents)
    length = len(content)
    if length < LONG:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, LONG | len(size))) + size + content


def number(value: int) -> bytes:
    """Give a whole number, not below 0."""
    return write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _split(data: bytes) -> tuple[Value, bytes]:
    if len(data) < 2:
        raise Malformed("a value is cut short")
    start, length = 2, data[1]
    if length >= LONG:
        start += length - LONG
        length = int.from_bytes(data[2:start], "big")
        if not 1 <= start - 2 <= LONGEST_LENGTH or data[2:3] == b"\0" or length < LONG:
            raise Malformed("a length is not in its one form")
    end = start + length
    if len(data) < end:
        raise Malformed("a value is cut short")
    return Value(data[0], data[start:end], data[:end]), data[end:]
