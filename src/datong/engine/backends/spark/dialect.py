# SPDX-License-Identifier: Apache-2.0
"""Spark's words; the session's zone must be UTC."""

from collections.abc import Sequence

from datong.engine.errors import Unsupported


class SparkDialect:
    """SQL of Spark 4 (and of Sail, which speaks it)."""

    name = "spark"
    text = "string"

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

    def begins(self, expression: str, pattern: str) -> str:
        """Match the beginning of a text."""
        return f"{expression} rlike {self.literal(f'^{pattern}')}"

    def unpadded(self, expression: str) -> str:
        """Cut zeros, then the point."""
        return f"trim(trailing '.' from trim(trailing '0' from {expression}))"

    def day(self, expression: str) -> str:
        """Text of a date."""
        return f"date_format({expression}, 'yyyy-MM-dd')"

    def moment(self, expression: str) -> str:
        """Text of an instant, with six digits where it has a fraction."""
        whole, broken = (
            f"date_format({expression}, {self.literal(shape)})"
            for shape in ("yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
        )
        return f"case when unix_micros({expression}) % 1000000 = 0 then {whole} else {broken} end"

    def keyed_hash(self, expression: str, key: bytes) -> str:
        """Refuse: the secret of a grant would stand in the plans, the pages and the logs of the cluster.

        Raises:
            Unsupported: Always.
        """
        raise Unsupported(self.name, "keyed hash")

    def keyed_form(self, expression: str, form: str, key: bytes) -> str:
        """Refuse, for the same reason, and for the want of the cipher.

        Raises:
            Unsupported: Always.
        """
        raise Unsupported(self.name, "format-preserving encryption")
