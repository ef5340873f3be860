# SPDX-License-Identifier: Apache-2.0
"""What a client asks with: the capabilities header and the body of a query.

Kept here: predicates and limits of a client are hints that may be passed over, and are: what may leave is in the table
already. What we do not give (history, changes, delta format alone) is refused in words, never answered with something
else.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from datong.kernel.errors import Malformed

_HISTORY: Final = ("version", "timestamp", "startingVersion", "endingVersion")
_TEXTS: Final = {"predicateHints": list, "jsonPredicateHints": str, "limitHint": int}
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Query:
    """A query: how many rows the client wants at least, if it said."""

    limit: int | None = None


def response_format(header: str) -> str:
    """Choose the format of an answer by the capabilities header; absent is parquet.

    Raises:
        Malformed: Only formats that are not spoken here are wanted.
    """
    said = dict(part.strip().lower().partition("=")[::2] for part in header.split(";"))
    wanted = [one.strip() for one in said.get("responseformat", "parquet").split(",") if one.strip()]
    if wanted and "parquet" not in wanted:
        raise Malformed(
            f"只提供 responseformat=parquet，不提供 {wanted[0][:20]} (only the parquet format is given here)",
            fields={"delta-sharing-capabilities": "responseformat=parquet"},
        )
    return "parquet"


def query(body: bytes, table: str) -> Query:
    """Read the body of a query; an empty one asks for everything.

    Args:
        body: JSON as it came.
        table: Name of the table, for the refusal.

    Raises:
        Malformed: Not a JSON object, a value of another kind, or something of history.
    """
    try:
        said: Any = orjson.loads(body) if body.strip() else {}
    except orjson.JSONDecodeError as error:
        raise Malformed("the body of the query is not JSON", fields={"body": "JSON"}) from error
    if not isinstance(said, dict):
        raise Malformed("the body of the query is no JSON object", fields={"body": "an object"})
    if any(said.get(name) is not None for name in _HISTORY):
        words = "Reading table by version or timestamp is not supported because history sharing is not enabled on table: "
        raise Malformed(words + table, fields={"version": "leave it out"})
    for name, kind in _TEXTS.items():
        if not isinstance(said.get(name, kind()), kind) or isinstance(said.get(name), bool):
            raise Malformed(f"{name} is of another kind", fields={name: kind.__name__})
    limit = said.get("limitHint")
    if limit is not None and not 0 <= limit <= _LARGEST:
        raise Malformed("limitHint is out of range", fields={"limitHint": f"0 to {_LARGEST}"})
    return Query(limit)
