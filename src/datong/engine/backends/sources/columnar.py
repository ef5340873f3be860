# SPDX-License-Identifier: Apache-2.0
"""Parquet files: typed columns brought to the text every source speaks, without a Python object per row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datong.engine.backends.sources.headers import addressable
from datong.engine.base import Block, Inspection, Limits
from datong.engine.errors import SourceUnreadable

PREVIEW = 20


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """A Parquet file of plain columns; the line of a row is its number from 1.

    Attributes:
        path: The file.
        name: Name to show; the file's own name when empty.
        limits: Bounds.
    """

    path: Path
    name: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def label(self) -> str:
        """File name without its folder."""
        return self.name or Path(self.path).name

    def inspect(self) -> Inspection:
        """Read the header and the first rows.

        Raises:
            SourceUnreadable: Not a Parquet file, or one with nested columns.
        """
        with _open(self) as file:
            names, repeated = addressable(list(file.schema_arrow.names), self.limits)
            for field_ in file.schema_arrow:
                if pa.types.is_nested(field_.type) or pa.types.is_binary(field_.type):
                    raise SourceUnreadable(
                        f"column {field_.name[:64]} is not a plain value",
                        fields={field_.name[:64]: str(field_.type)[:64]},
                        remedy="flatten the file first",
                    )
            head = next(islice(file.iter_batches(PREVIEW), 1), None)
            columns = [_texts(column).to_pylist() for column in head.columns] if head is not None else []
        return Inspection(names, tuple(zip(*columns, strict=True)), duplicates=repeated)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows."""
        line = 1
        with _open(self) as file:
            for batch in file.iter_batches(self.limits.block_rows):
                yield Block(range(line, line + batch.num_rows), [_texts(column) for column in batch.columns])
                line += batch.num_rows


def _open(source: ParquetSource) -> Any:
    try:
        return pq.ParquetFile(source.path)
    except (pa.ArrowException, OSError) as error:
        raise SourceUnreadable(
            "this is not a sound Parquet file", fields={"file": "not Parquet"}, remedy="write the file again"
        ) from error


def _texts(column: Any) -> Any:
    """Bring a typed column to text: ISO dates, plain decimals, shortest floats; text keeps its bytes."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = pc.cast(column, pa.timestamp("us", column.type.tz), safe=False)
    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = pc.cast(column, pa.timestamp(column.type.unit, "UTC"))
    if pa.types.is_float16(column.type):
        column = pc.cast(column, pa.float32())
    return pc.cast(column, pa.string())
