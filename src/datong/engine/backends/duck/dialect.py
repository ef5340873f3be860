# SPDX-License-Identifier: Apache-2.0
"""DuckDB's words."""

from collections.abc import Sequence


class DuckDialect:
    """SQL of DuckDB."""

    name = "duck"

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
