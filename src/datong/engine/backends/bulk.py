# SPDX-License-Identifier: Apache-2.0
"""Who does the work on whole tables: DuckDB in process, or a Spark Connect server, as the node is set.

Kept here: what the chosen engine has no words for DuckDB does, and nothing else changes; a server that is away is an error,
never a reason to do its work here.
"""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.spark.dialect import SparkDialect
from datong.engine.base import EMBEDDED, Block, Bulk, Dialect, Engine
from datong.engine.errors import BackendFailed, Unsupported
from datong.engine.plans.casting import Kind

if TYPE_CHECKING:
    from datong.engine.backends.spark.engine import SparkEngine

T = TypeVar("T")


class BulkEngine(Engine, Protocol):
    """An engine that works through whole tables and leaves the result as Parquet or Arrow batches."""

    def stage(self, name: str, width: int, blocks: Iterable[Block], kinds: Mapping[int, Kind] | None = None) -> int:
        """Make `name` and `name_faults` from blocks of cells; gives the rows read, faults included."""

    def open_columns(self, name: str, table: Any) -> None:
        """Give the columns of an opened Delta table a name, without its rows."""

    def open_files(self, name: str, files: Sequence[str]) -> None:
        """Give Parquet files a name that steps can read as one table."""

    def columns_of(self, name: str, sql: str, bound: Sequence[object]) -> Any:
        """Give the Arrow schema of a statement on bound values."""

    def query(self, name: str, sql: str, bound: Sequence[object], rows: int = 65_536) -> Any:
        """Run a statement on bound values and give a RecordBatchReader."""

    def write(self, name: str, sql: str, bound: Sequence[object], target: Path) -> None:
        """Write the rows of a statement on bound values into one Parquet file."""

    def leave(self, name: str, sql: str, bound: Sequence[object]) -> list[str]:
        """Write the rows of a statement on bound values into Parquet files that go with the session."""


def compiled(by: Bulk, plan: Callable[[Dialect], T]) -> tuple[Bulk, T]:
    """Compile a plan for an engine, or for DuckDB where that engine has no words for it.

    Args:
        by: The engine that is wished for.
        plan: Words to what is compiled.

    Returns:
        The engine that can do it, and what was compiled for it.
    """
    if by.remote:
        try:
            return by, plan(SparkDialect())
        except Unsupported:
            pass  # a declared gap: see docs/how-to/use-a-spark-cluster.md
    return EMBEDDED, plan(DuckDialect())


def session(by: Bulk, beside: Path) -> AbstractContextManager[BulkEngine]:
    """Open a session.

    Args:
        by: Of which engine.
        beside: Folder for what it leaves for a while; a cluster must see it under the same path.

    Raises:
        BackendFailed: The server does not answer, or its client is not installed.
    """
    if not by.remote:
        return DuckEngine(beside)
    return _connect(by.remote, beside)


def answers(by: Bulk) -> str:
    """Say which server answers, such as "Spark 4.2.0"; its address is not repeated.

    Raises:
        BackendFailed: It does not answer, or its client is not installed.
    """
    with _connect(by.remote, None) as spark:
        return f"Spark {spark.version}"


def _connect(remote: str, beside: Path | None) -> "SparkEngine":
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # what the client says of pandas, which is not used here
            from datong.engine.backends.spark.engine import connect  # noqa: PLC0415  its driver loads where it is used
    except ImportError as error:
        raise BackendFailed(
            "没有安装 Spark 客户端 (the client of Spark Connect is not installed)",
            remedy="pip install 'pyspark-client>=4.1,<5', 或 (or) DATONG_ENGINE=duckdb",
        ) from error
    return connect(remote, beside)
