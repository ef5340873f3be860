# SPDX-License-Identifier: Apache-2.0
"""What a grant lets out of a lake table, streamed: lines of CSV or JSON, rows of texts, Parquet; counted and compared.

Kept here: rows come from the statement of the policy and from nowhere else; a piece at a time is in memory, however many
rows there are, and of lines the next one, which is made while one is taken; what a character set cannot hold is an error,
never another character. Where a cluster does bulk work it runs that statement and leaves what it lets out as Parquet;
lines, order and sums are made of that here, so they are the same whoever did it.
"""

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datong.engine.backends import bulk
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.sources.ahead import ahead
from datong.engine.base import EMBEDDED, Bulk, Schema
from datong.engine.errors import BackendFailed
from datong.engine.places import Place
from datong.engine.plans import delivering, deriving
from datong.engine.plans.lookup import Access, quoted

LANDED = "landed"
PIECE = 20_000
"""Rows of a piece."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows there are, and a sum over them that no order changes."""

    rows: int
    hash: int


@dataclass(frozen=True)
class Outflow:
    """The rows a grant lets out of one version of a table.

    Attributes:
        shapes: Columns, as they leave.
        keys: Of the table, whether they leave or not.
        secret: Key of the traceable order; empty leaves the order to the lake.
    """

    engine: DuckEngine
    sql: str
    bound: tuple[Any, ...]
    shapes: tuple[delivering.Shape, ...]
    keys: tuple[str, ...]
    secret: bytes = b""

    def csv(self, *, guard: bool, encoding: str = "utf-8") -> Iterator[tuple[bytes, int]]:
        """Give pieces of CSV without header, each with its number of rows.

        Raises:
            BackendFailed: A character that the character set does not have; which one is said.
        """
        for line, rows in self._lines(delivering.csv_line(self.shapes, guard=guard)):
            yield (line if encoding == "utf-8" else recoded(line, encoding)), rows

    def json(self) -> Iterator[tuple[bytes, int]]:
        """Give pieces of JSON lines, each with its number of rows."""
        return self._lines(delivering.json_line(self.shapes))

    def only(self, names: Collection[str]) -> "Outflow":
        """Give the same rows with some of the columns."""
        return replace(self, shapes=tuple(one for one in self.shapes if one.field in names))

    def texts(self, told: Callable[[delivering.Shape], str] = delivering.text) -> Iterator[list[tuple[Any, ...]]]:
        """Give pieces of rows as texts; None where there is no value."""
        shown = ", ".join(f"{told(one)} as {quoted(one.field)}" for one in self.shapes)
        for batch in self._read(shown):
            yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))

    def parquet(self, target: Path) -> Iterator[int]:
        """Write Parquet (types as in the lake) and give the rows of each piece written."""
        reader = self._read(", ".join(quoted(one.field) for one in self.shapes))
        with pq.ParquetWriter(target, reader.schema.remove_metadata(), compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
                yield batch.num_rows

    def sum(self) -> Sum:
        """Count the rows and add up their fingerprints."""
        told = delivering.fingerprint(delivering.compared(self.shapes))
        rows, total = self._one(f"count(*), coalesce(sum({told}), 0)")
        return Sum(int(rows), int(total))

    def count(self, cells: str) -> int:
        """Add up a number of each row, such as the cells that a spreadsheet cannot hold."""
        return int(self._one(f"coalesce(sum({cells}), 0)")[0])

    def _one(self, shown: str) -> tuple[Any, ...]:
        reader = self.engine.query("counted", f"select {shown} from ({self.sql}) as {delivering.ROWS}", self.bound)
        table = reader.read_all()
        return tuple(column[0].as_py() for column in table.columns)

    def _read(self, shown: str) -> Any:
        order = ""
        if self.secret:
            row = delivering.row_text(self.shapes, delivering.identifying(self.shapes, self.keys))
            order = f" order by {delivering.place(self.secret, row)}"
        return self.engine.query("delivered", f"select {shown} from ({self.sql}) as {delivering.ROWS}{order}", self.bound, PIECE)

    def _lines(self, line: str) -> Iterator[tuple[bytes, int]]:
        for batch in ahead(self._read(f"{line} as line"), lambda: None):
            yield _bytes(batch.column(0)), batch.num_rows


@contextmanager
def outflow(
    lake: Place, schema: Schema, access: Access, version: int, *, beside: Path, secret: bytes = b"", by: Bulk = EMBEDDED
) -> Iterator[Outflow]:
    """Open what a grant lets out of a version of a lake table.

    Args:
        lake: Where the Delta table lies.
        schema: Its items.
        access: What the grant lets out.
        version: Of the table.
        beside: Folder in which what does not fit into memory is put for a while.
        secret: Key of the traceable order; empty for none.
        by: Who picks and masks the rows; what it has no words for DuckDB does.

    Raises:
        Unknown: Nothing has landed.
        ItemNotGranted, Malformed: The grant lets nothing out in bulk.
        BackendFailed: The cluster does not answer.
    """
    by, (sql, bound) = bulk.compiled(by, lambda words: deriving.select(access, schema, LANDED, words))
    beside.mkdir(parents=True, exist_ok=True)
    spill = Path(tempfile.mkdtemp(prefix=".spill-", dir=beside))
    try:
        with ExitStack() as held:
            engine = held.enter_context(DuckEngine(spill))
            if by.remote:
                sql, bound = _left(engine, held.enter_context(bulk.session(by, spill)), lake, version, (sql, bound))
            else:
                engine.open_table(LANDED, lake, version)
            yield Outflow(engine, sql, bound, delivering.shapes(access, schema), schema.keys, secret)
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _left(
    engine: DuckEngine, cluster: bulk.BulkEngine, lake: Place, version: int, statement: tuple[str, tuple[Any, ...]]
) -> tuple[str, tuple[Any, ...]]:
    """Have a cluster run the statement of a policy, and give the one that reads what it left."""
    cluster.open_table(LANDED, lake, version)
    files = cluster.leave(LANDED, *statement)
    if files:
        engine.open_files(LANDED, files)
    else:
        engine.hold(LANDED, cluster.columns_of(LANDED, *statement).empty_table())
    return f"select * from {LANDED}", ()


def recoded(line: bytes, encoding: str) -> bytes:
    """Put UTF-8 into another character set.

    Raises:
        BackendFailed: A character it does not have.
    """
    try:
        return line.decode().encode(encoding)
    except UnicodeEncodeError as error:
        said = f"U+{ord(error.object[error.start]):04X}"
        raise BackendFailed(
            f"{encoding} 没有字符 {said} (this character set has no such character)", remedy="改用 UTF-8 (choose UTF-8)"
        ) from None


def _bytes(column: pa.Array) -> bytes:
    """The texts of a column one behind the other, without an object for each."""
    if not len(column):
        return b""
    wide = pa.types.is_large_string(column.type)
    _, places, data = (column if wide or pa.types.is_string(column.type) else column.cast(pa.string())).buffers()
    ends = memoryview(places).cast("q" if wide else "i")[column.offset : column.offset + len(column) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]])
