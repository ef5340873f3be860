# SPDX-License-Identifier: Apache-2.0
"""Digests: one SHA-256 over the good rows of a landing, so that equal content is recognised.

Kept here: the typed values of each item are hashed in source order, apart from which of them are there and how long texts
are; a digest of all those hashes is the digest. Two landings of the same rows under the same items have the same one,
whatever file they came in and however the rows were cut into batches.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


class Seal:
    """The digest of rows that pass.

    Args:
        fields: The items that count, in order.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = tuple(fields)
        self._parts = [tuple(hashlib.sha256() for _ in range(3)) for _ in self._fields]

    def add(self, batch: Any) -> None:
        """Count the rows of a record batch."""
        for field, (there, sizes, values) in zip(self._fields, self._parts, strict=True):
            column = batch.column(field)
            there.update(_bytes(pc.cast(pc.is_valid(column), pa.uint8())))
            column = column.drop_null() if column.null_count else column
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                column = column.cast(pa.large_string())
                sizes.update(_bytes(pc.binary_length(column)))
                values.update(_text(column))
            else:
                values.update(_bytes(pc.cast(column, pa.uint8()) if pa.types.is_boolean(column.type) else column))

    def passing(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Give batches on, counted."""
        for batch in batches:
            self.add(batch)
            yield batch

    def hexdigest(self) -> str:
        """The digest of all rows so far."""
        return hashlib.sha256(b"".join(part.digest() for parts in self._parts for part in parts)).hexdigest()


def digest(fields: Sequence[str], batches: Iterable[Any]) -> str:
    """Hash record batches, without a Python object per row."""
    seal = Seal(fields)
    for batch in batches:
        seal.add(batch)
    return seal.hexdigest()


def _bytes(column: Any) -> memoryview:
    """Values of one width, none of them null."""
    width = column.type.bit_width // 8
    data = column.buffers()[1]
    whole = memoryview(data) if data is not None else memoryview(b"")
    return whole[column.offset * width : (column.offset + len(column)) * width]


def _text(column: Any) -> memoryview:
    """Bytes of all texts, one behind the other."""
    _, places, data = column.buffers()
    if not len(column) or data is None:
        return memoryview(b"")
    ends = memoryview(places).cast("q")[column.offset : column.offset + len(column) + 1]
    return memoryview(data)[ends[0] : ends[-1]]
