# SPDX-License-Identifier: Apache-2.0
"""Records as an Arrow IPC stream, and Zstandard: what an answer of the gateway needs of Arrow, loaded on first use.

Kept here: whole numbers, fractions, days, instants and booleans have their types; decimals stay texts, so that no digit is
lost; a field carries its Chinese name as metadata `name`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from datong.kernel.sharing import ItemType

_TYPES = {
    ItemType.I: pa.int64(),
    ItemType.F: pa.float64(),
    ItemType.B: pa.float64(),
    ItemType.D: pa.date32(),
    ItemType.T: pa.timestamp("us", tz="UTC"),
    ItemType.L: pa.bool_(),
}
_READ = {ItemType.D: date.fromisoformat, ItemType.T: datetime.fromisoformat}


def arrow_stream(columns: Mapping[str, ItemType], labels: Mapping[str, str], records: Sequence[Mapping[str, Any]]) -> bytes:
    """Write records as one Arrow IPC stream.

    Args:
        columns: Item to its type, text for what is masked.
        labels: Item to its Chinese name.
        records: By item, in their JSON form.
    """
    schema = pa.schema(
        [pa.field(name, _TYPES.get(kind, pa.string()), metadata={"name": labels.get(name, "")}) for name, kind in columns.items()]
    )
    arrays = [pa.array(_values(kind, [row[name] for row in records]), schema.field(name).type) for name, kind in columns.items()]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_batch(pa.record_batch(arrays, schema=schema))
    return bytes(sink.getvalue())


def zstd(body: bytes) -> bytes:
    """Compress by Zstandard (RFC 8878)."""
    return bytes(pa.compress(body, codec="zstd", asbytes=True))


def _values(kind: ItemType, values: list[Any]) -> list[Any]:
    read = _READ.get(kind)
    return values if read is None else [None if value is None else read(value) for value in values]
