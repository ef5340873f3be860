# SPDX-License-Identifier: Apache-2.0
"""DuckDB in process: staging by Arrow, steps as temporary tables, results streamed as Arrow batches.

Kept here: no extension is ever fetched or loaded from elsewhere, no file outside a step's own is opened by name, and
the session's zone is UTC. Memory is bounded; what does not fit spills beside the table.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from datong.engine.backends import forming, lake
from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.base import Block, Dialect, Step
from datong.engine.errors import BackendFailed
from datong.engine.places import Place
from datong.engine.plans.casting import Kind
from datong.engine.plans.masking import FORMAT_FUNCTION

_HELD = 192 << 20
"""Bytes of staged rows up to which they are held as they came."""
_TYPES: Mapping[Kind, Any] = {
    Kind.WHOLE: pa.int64(), Kind.FRACTION: pa.float64(), Kind.DAY: pa.date32(), Kind.LOCAL: pa.timestamp("us"),
    Kind.INSTANT: pa.timestamp("us", "UTC"), Kind.TRUTH: pa.bool_(),
}  # fmt: skip
_FAULTS = pa.schema([("line", pa.int64()), ("code", pa.string()), ("raw", pa.string())])


class DuckEngine:
    """One short-lived DuckDB session.

    Args:
        spill: Folder for what does not fit into memory.
        memory: DuckDB's own limit, like "512MB".
        threads: Worker threads; None leaves it to DuckDB.
    """

    dialect: Dialect

    def __init__(self, spill: Path, *, memory: str = "512MB", threads: int | None = None) -> None:
        self.dialect, self._spill = DuckDialect(), spill
        config: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(spill),
            "memory_limit": memory,
        }
        if threads:
            config["threads"] = threads
        self._session = duckdb.connect(":memory:", config=config)
        self._session.execute("set TimeZone = 'UTC'")
        self._forms: dict[str, str] = {}
        self._taught = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def stage(self, name: str, width: int, blocks: Iterable[Block], kinds: Mapping[int, Kind] | None = None) -> int:
        """Make `name` and `name_faults` from blocks of cells; give the rows read, faults included.

        Args:
            name: Under which steps read them.
            width: Columns.
            blocks: The rows.
            kinds: Number of a column to what its cells are; the others are text.
        """
        schema = pa.schema([("_line", pa.int64()), *((f"c{place}", _kind(kinds, place)) for place in range(width))])
        self._empty(f"{name}_faults", _FAULTS)
        held: list[Any] = []
        total = size = 0
        for block in blocks:
            cells = [_lines(block.lines), *map(_cells, block.columns, schema.types[1:])]
            rows = pa.Table.from_arrays(cells, schema=schema)
            size = self._keep(name, schema, held, rows, size)
            if block.faults:
                told = [{"line": fault.line, "code": fault.code, "raw": fault.raw} for fault in block.faults]
                self._take(f"{name}_faults", pa.Table.from_pylist(told, schema=_FAULTS))
            total += len(block.lines) + len(block.faults)
        if size <= _HELD:
            self._place(name, "view")
            self._session.register(name, pa.concat_tables(held) if held else schema.empty_table())
        return total

    def _keep(self, name: str, schema: Any, held: list[Any], rows: Any, size: int) -> int:
        """Hold rows as they came while they are few; move all into a table that can spill once they are many."""
        held.append(rows)
        now = size + int(rows.nbytes)
        if now <= _HELD:
            return now
        if size <= _HELD:
            self._empty(name, schema)
        for one in held:
            self._take(name, one)
        held.clear()
        return now

    def _empty(self, name: str, schema: Any) -> None:
        self._place(name, "table")
        self._session.register("incoming", schema.empty_table())
        self._session.execute(f"create or replace temp table {name} as select * from incoming")
        self._session.unregister("incoming")

    def _place(self, name: str, form: str) -> None:
        """Take away what bears a name as another kind of thing."""
        before = self._forms.get(name, form)
        if before != form:
            self._session.execute(f"drop {before} if exists {name}")
        self._forms[name] = form

    def open_table(self, name: str, folder: Place, version: int | None = None) -> None:
        """Give a Delta table a name that steps can read."""
        table = lake.open_table(folder, version)
        files = lake.files(table, folder)
        if not files:
            self.open_columns(name, table)
            return
        listed = ", ".join(self.dialect.literal(file) for file in files)
        with _named(folder.name):
            self._session.execute(f"create or replace temp view {name} as select * from read_parquet([{listed}])")

    def open_columns(self, name: str, table: Any) -> None:
        """Give the columns of an opened Delta table a name, without its rows; no file of it is read."""
        self._place(name, "view")
        self._session.register(name, pa.schema(table.schema()).empty_table())

    def open_files(self, name: str, files: Sequence[str]) -> None:
        """Give Parquet files a name that steps can read as one table."""
        listed = ", ".join(self.dialect.literal(file) for file in files)
        self.name(name, f"select * from read_parquet([{listed}], union_by_name = true)")

    def name(self, name: str, sql: str) -> None:
        """Give a statement a name that steps can read; it is computed when they do."""
        with _named(name):
            self._place(name, "view")
            self._session.execute(f"create or replace temp view {name} as {sql}")

    def hold(self, name: str, rows: Any) -> None:
        """Keep the rows of an Arrow stream under a name that steps can read."""
        with _named(name):
            self._session.register("incoming", rows)
            self._session.execute(f"create or replace temp table {name} as select * from incoming")
            self._session.unregister("incoming")

    def columns(self, name: str) -> dict[str, str]:
        """Columns of what bears a name, and their types in DuckDB's words."""
        with _named(name):
            return {str(row[0]): str(row[1]) for row in self._session.execute(f"describe select * from {name}").fetchall()}

    def run(self, step: Step) -> None:
        """Compute a step into a temporary table of its name."""
        with _named(step.name):
            self._place(step.name, "table")
            self._session.execute(f"create or replace temp table {step.name} as {step.sql}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Fetch a small result."""
        with _named("rows"):
            return list(self._session.execute(sql).fetchall())

    def stream(self, step: Step, rows: int = 65_536) -> Iterator[Any]:
        """Run a step and give its result as Arrow record batches."""
        with _named(step.name):
            yield from self.reader(step, rows)

    def reader(self, step: Step, rows: int = 65_536) -> Any:
        """Run a step and give a RecordBatchReader."""
        with _named(step.name):
            return self._session.sql(step.sql).to_arrow_reader(rows)

    def query(self, name: str, sql: str, bound: Sequence[object], rows: int = 65_536) -> Any:
        """Run a statement on bound values and give a RecordBatchReader; the name is for errors."""
        with _named(name):
            self._teach(sql)
            return self._session.sql(sql, params=list(bound)).to_arrow_reader(rows)

    def columns_of(self, name: str, sql: str, bound: Sequence[object]) -> Any:
        """Give the Arrow schema of a statement without running it over rows; the name is for errors."""
        return self.query(name, f"select * from ({sql}) as nothing limit 0", bound).schema

    def write(self, name: str, sql: str, bound: Sequence[object], target: Path) -> None:
        """Write the rows of a statement on bound values into a Parquet file; the name is for errors."""
        with _named(name):
            self._teach(sql)
            self._session.execute(f"copy ({sql}) to {self.dialect.literal(str(target))} (format parquet)", list(bound))

    def leave(self, name: str, sql: str, bound: Sequence[object]) -> list[str]:
        """Write the rows of a statement on bound values into a Parquet file beside what spills."""
        self._spill.mkdir(parents=True, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix=".left-", dir=self._spill)) / "left.parquet"
        self.write(name, sql, bound, target)
        return [str(target)]

    def _teach(self, sql: str) -> None:
        """Register what DuckDB lacks, once a statement needs it."""
        if not self._taught and FORMAT_FUNCTION in sql:
            self._session.create_function(FORMAT_FUNCTION, forming.formed, ["VARCHAR", "VARCHAR", "BLOB"], "VARCHAR")
            self._taught = True

    def _take(self, name: str, table: Any) -> None:
        self._session.register("incoming", table)
        self._session.execute(f"insert into {name} select * from incoming")
        self._session.unregister("incoming")


@contextmanager
def _named(step: str) -> Iterator[None]:
    """Say which step failed without repeating DuckDB's message: it may quote values of rows."""
    try:
        yield
    except duckdb.Error as error:
        kind = type(error).__name__
        raise BackendFailed(f"step {step} failed in DuckDB ({kind})", remedy="see the log of the worker") from error


def _kind(kinds: Mapping[int, Kind] | None, place: int) -> Any:
    return _TYPES.get((kinds or {}).get(place, Kind.TEXT), pa.string())


def _lines(lines: Sequence[int]) -> Any:
    return pa.array(lines, pa.int64())


def _cells(cells: Any, kind: Any) -> Any:
    if not isinstance(cells, pa.Array | pa.ChunkedArray):
        return pa.array(cells, kind)
    return cells if cells.type == kind else cells.cast(kind)
