# SPDX-License-Identifier: Apache-2.0
"""Spark's words; the session's zone must be UTC."""

from collections.abc import Sequence


class SparkDialect:
    """SQL of Spark 4 (and of Sail, which speaks it)."""

    name = "spark"

    def identifier(self, name: str) -> str:
        """Quote a name."""
        return "`" + name.replace("`", "``") + "`"

    def literal(self, text: str) -> str:
        """Quote a text; Spark reads escapes inside quotes."""
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def octets(self, expression: str) -> str:
        """Bytes in UTF-8."""
        return f"octet_length({expression})"

    def matches(self, expression: str, pattern: str) -> str:
        """Match the whole text."""
        return f"{expression} rlike {self.literal(f'^({pattern})$')}"

    def zoned(self, expression: str) -> str:
        """Instant of a text with an offset."""
        return f"try_cast({expression} as timestamp)"

    def shanghai(self, expression: str) -> str:
        """Instant of a local time."""
        return f"to_utc_timestamp(try_cast({expression} as timestamp), 'Asia/Shanghai')"

    def row_text(self, names: Sequence[str], expressions: Sequence[str]) -> str:
        """A JSON object of text cells; a map keeps its nulls, a struct would drop them."""
        pairs = (f"{self.literal(name)}, {cell}" for name, cell in zip(names, expressions, strict=True))
        return f"to_json(map({', '.join(pairs)}))"
