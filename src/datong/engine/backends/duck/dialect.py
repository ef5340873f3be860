# SPDX-License-Identifier: Apache-2.0
"""DuckDB's words."""

import hashlib
from collections.abc import Sequence

from datong.engine.plans.masking import FORMAT_FUNCTION

_BLOCK = 64
"""Bytes of a block of SHA-256 (RFC 2104)."""


class DuckDialect:
    """SQL of DuckDB."""

    name = "duck"
    text = "varchar"

    def identifier(self, name: str) -> str:
        """Quote a name."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, text: str) -> str:
        """Quote a text; backslashes mean themselves."""
        return "'" + text.replace("'", "''") + "'"

    def octets(self, expression: str) -> str:
        """Bytes in UTF-8 (DuckDB's strlen counts bytes)."""
        return f"strlen({expression})"

    def matches(self, expression: str, pattern: str) -> str:
        """Match the whole text."""
        return f"regexp_full_match({expression}, {self.literal(pattern)})"

    def zoned(self, expression: str) -> str:
        """Instant of a text with an offset."""
        return f"try_cast({expression} as timestamptz)"

    def shanghai(self, expression: str) -> str:
        """Instant of a local time; DuckDB's own zone tables know the summer times of 1986 to 1991."""
        return f"(try_cast({expression} as timestamp) at time zone 'Asia/Shanghai')"

    def row_text(self, names: Sequence[str], expressions: Sequence[str]) -> str:
        """A JSON object of text cells."""
        pairs = (f"{self.literal(name)}, {cell}" for name, cell in zip(names, expressions, strict=True))
        return f"cast(json_object({', '.join(pairs)}) as varchar)"

    def begins(self, expression: str, pattern: str) -> str:
        """Match the beginning of a text."""
        return f"regexp_matches({expression}, {self.literal(f'^{pattern}')})"

    def unpadded(self, expression: str) -> str:
        """Cut zeros, then the point."""
        return f"rtrim(rtrim({expression}, '0'), '.')"

    def day(self, expression: str) -> str:
        """Text of a date."""
        return f"strftime({expression}, '%Y-%m-%d')"

    def moment(self, expression: str) -> str:
        """Text of an instant, with six digits where it has a fraction."""
        local, shape = f"make_timestamp(epoch_us({expression}))", "%Y-%m-%dT%H:%M:%S"
        whole, broken = (f"strftime({local}, '{shape}{rest}')" for rest in ("Z", ".%fZ"))
        return f"case when epoch_us({expression}) % 1000000 = 0 then {whole} else {broken} end"

    def keyed_hash(self, expression: str, key: bytes) -> str:
        """Write HMAC-SHA-256 out over DuckDB's own SHA-256."""
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
        inner, outer = (f"unhex('{bytes(byte ^ pad for byte in block).hex()}')" for pad in (0x36, 0x5C))
        return f"substr(sha256({outer} || unhex(sha256({inner} || encode({expression})))), 1, 32)"

    def keyed_form(self, expression: str, form: str, key: bytes) -> str:
        """Call the function that the engine registers where a statement needs it."""
        return f"{FORMAT_FUNCTION}({expression}, {self.literal(form)}, unhex('{key.hex()}'))"
