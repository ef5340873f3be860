# SPDX-License-Identifier: Apache-2.0
"""Digests: one SHA-256 over the good rows of a landing, so that equal content is recognised.

Kept here: a row is a JSON array of its stored forms; the rows follow each other in source order. Two landings of the
same rows under the same items have the same digest, whatever file they came in.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from datong.engine.base import Schema, Step
from datong.engine.plans.lookup import quoted
from datong.engine.plans.serving import stored


def row_texts(schema: Schema, table: str) -> Step:
    """Give each row as one text (DuckDB)."""
    cells = ", ".join(quoted(field) for field in schema.fields)
    return Step("digest", f"select cast(json_array({cells}) as varchar) as text from ({stored(schema, table).sql})")


def digest(batches: Iterable[Any]) -> str:
    """Hash record batches of one text column, without a Python object per row."""
    total = hashlib.sha256()
    for batch in batches:
        column = batch.column(0)
        _, places, data = column.buffers()
        ends = memoryview(places).cast("i")[column.offset : column.offset + len(column) + 1]
        total.update(memoryview(data)[ends[0] : ends[-1]])
    return total.hexdigest()
