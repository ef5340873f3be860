# SPDX-License-Identifier: Apache-2.0
"""DuckDB in process: staging by Arrow, steps as temporary tables, results streamed as Arrow batches.

Kept here: no extension is ever fetched or loaded from elsewhere, no file outside a step's own is opened by name, and
the session's zone is UTC. Memory is bounded; what does not fit spills beside the table.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from datong.engine.backends import lake
from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.base import Block, Dialect, Step
from datong.engine.errors import BackendFailed

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
        self.dialect = DuckDialect()
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def stage(self, name: str, width: int, blocks: Iterable[Block]) -> int:
        """Make `name` and `name_faults` from blocks of text cells; give the rows read, faults included."""
        columns = [f"c{number}" for number in range(width)]
        declared = "".join(f", {column} varchar" for column in columns)
        self._session.execute(f"create or replace temp table {name} (_line bigint{declared})")
        self._session.execute(f"create or replace temp table {name}_faults (line bigint, code varchar, raw varchar)")
        total = 0
        for block in blocks:
            cells = [pa.array(block.lines, pa.int64()), *(_texts(column) for column in block.columns)]
            self._take(name, pa.Table.from_arrays(cells, names=["_line", *columns]))
            if block.faults:
                rows = [{"line": fault.line, "code": fault.code, "raw": fault.raw} for fault in block.faults]
                self._take(f"{name}_faults", pa.Table.from_pylist(rows, schema=_FAULTS))
            total += len(block.lines) + len(block.faults)
        return total

    def open_table(self, name: str, folder: Path, version: int | None = None) -> None:
        """Give a Delta table a name that steps can read."""
        table = lake.open_table(folder, version)
        files = lake.files(table, folder)
        if not files:
            self._session.register(name, pa.schema(table.schema()).empty_table())
            return
        listed = ", ".join(self.dialect.literal(file) for file in files)
        with _named(folder.name):
            self._session.execute(f"create or replace temp view {name} as select * from read_parquet([{listed}])")

    def open_files(self, name: str, files: Sequence[str]) -> None:
        """Give Parquet files a name that steps can read as one table."""
        listed = ", ".join(self.dialect.literal(file) for file in files)
        self.name(name, f"select * from read_parquet([{listed}], union_by_name = true)")

    def name(self, name: str, sql: str) -> None:
        """Give a statement a name that steps can read; it is computed when they do."""
        with _named(name):
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
            return self._session.sql(sql, params=list(bound)).to_arrow_reader(rows)

    def write(self, name: str, sql: str, bound: Sequence[object], target: Path) -> None:
        """Write the rows of a statement on bound values into a Parquet file; the name is for errors."""
        with _named(name):
            self._session.execute(f"copy ({sql}) to {self.dialect.literal(str(target))} (format parquet)", list(bound))

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


def _texts(cells: Any) -> Any:
    return cells if isinstance(cells, pa.Array | pa.ChunkedArray) else pa.array(cells, pa.string())
