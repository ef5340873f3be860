# SPDX-License-Identifier: Apache-2.0
"""Spark through Spark Connect: the same steps over the Parquet files of Delta tables, on a cluster or on Sail.

Kept here: the log of a table is read on this machine and the cluster is told the files, so it needs no Delta library and
lists no folder; a step becomes a temporary view, so the cluster plans the whole chain at once. What a statement gives comes
back as Parquet in a folder that both see, never through this program's memory as a whole. No message of the cluster is
repeated and none is logged: it may quote values of rows.
"""

import logging
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.connect.client import DefaultChannelBuilder

from datong.engine.backends import lake
from datong.engine.backends.spark import staging
from datong.engine.backends.spark.dialect import SparkDialect
from datong.engine.base import Block, Dialect, Step
from datong.engine.errors import BackendFailed, Unsupported
from datong.engine.places import Place
from datong.engine.plans.casting import Kind

_ROWS = 65_536
SECONDS = 10
"""How long a server may take to answer at first."""
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # a decimal as text without an exponent
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
}
_PLACES = re.compile(r"`[^`]*`|'(?:[^'\\]|\\.)*'|[?]", re.DOTALL)
"""Quoted names, quoted texts, and the places of values."""
_TELLERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "pyspark.sql.connect.logging")


def connect(remote: str, beside: Path | None) -> "SparkEngine":
    """Open a session, if the server answers.

    Args:
        remote: Address like `sc://host:15002`.
        beside: Folder for what statements leave; None where none is run that leaves anything.

    Raises:
        BackendFailed: It does not answer.
    """
    try:
        with DefaultChannelBuilder(remote).toChannel() as channel:
            grpc.channel_ready_future(channel).result(timeout=SECONDS)
    except (grpc.FutureTimeoutError, PySparkException) as error:
        raise _away() from error
    return SparkEngine(remote, beside)


class SparkEngine:
    """One Spark Connect session.

    Args:
        remote: Address like `sc://host:15002`.
        beside: Folder that the cluster sees under the same path; what statements leave in it goes with the session.
    """

    dialect: Dialect

    def __init__(self, remote: str, beside: Path | None = None) -> None:
        for name in _TELLERS:
            logging.getLogger(name).disabled = True
        self.dialect = SparkDialect()
        self._beside, self._left = beside, list[Path]()
        with _named("session"):
            self._session: Any = SparkSession.builder.remote(remote).create()
            for name, value in _SETTINGS.items():
                self._session.conf.set(name, value)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()
        for folder in self._left:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def version(self) -> str:
        """Of the server."""
        with _named("version"):
            return str(self._session.version)

    def open_table(self, name: str, folder: Place, version: int | None = None) -> None:
        """Give a Delta table a name."""
        table = lake.open_table(folder, version)
        files = lake.files(table, folder)
        if files:
            self.open_files(name, files)
        else:
            self.open_columns(name, table)

    def open_columns(self, name: str, table: Any) -> None:
        """Give the columns of an opened Delta table a name, without its rows."""
        with _named(name):
            one = pa.Table.from_pylist([{}], pa.schema([pa.field(field.name, field.type) for field in pa.schema(table.schema())]))
            self._session.createDataFrame(one).filter("1 = 0").createOrReplaceTempView(name)  # it takes no empty table

    def open_files(self, name: str, files: Sequence[str]) -> None:
        """Give Parquet files a name that steps can read as one table."""
        with _named(name):
            self._session.read.parquet(*(_address(file) for file in files)).createOrReplaceTempView(name)

    def stage(self, name: str, width: int, blocks: Iterable[Block], kinds: Mapping[int, Kind] | None = None) -> int:
        """Make `name` and `name_faults` from blocks of text cells; gives the rows read, faults included.

        Raises:
            Unsupported: Cells that are no texts.
        """
        if kinds:
            raise Unsupported(self.dialect.name, "typed cells")
        folder = self._folder()
        rows, faults = folder / "rows.parquet", folder / "faults.parquet"
        total = staging.write(rows, faults, width, blocks)
        self.open_files(name, [str(rows)])
        self.open_files(f"{name}_faults", [str(faults)])
        return total

    def run(self, step: Step) -> None:
        """Give a step its name."""
        with _named(step.name):
            self._session.sql(step.sql).createOrReplaceTempView(step.name)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Fetch a small result."""
        with _named("rows"):
            return [tuple(row) for row in self._session.sql(sql).collect()]

    def columns_of(self, name: str, sql: str, bound: Sequence[object]) -> Any:
        """Give the Arrow schema of a statement; the name is for errors."""
        with _named(name):
            return self._frame(sql, bound).limit(0).toArrow().schema

    def query(self, name: str, sql: str, bound: Sequence[object], rows: int = _ROWS) -> Any:
        """Run a statement on bound values and give a RecordBatchReader over what it left; the name is for errors."""
        columns = self.columns_of(name, sql, bound)
        with _named(name):
            left = self._written(self._frame(sql, bound))
        return pa.RecordBatchReader.from_batches(columns, _batches(left, columns, rows))

    def write(self, name: str, sql: str, bound: Sequence[object], target: Path) -> None:
        """Write the rows of a statement on bound values into one Parquet file; the name is for errors."""
        with _named(name):
            left = self._written(self._frame(sql, bound).coalesce(1))
        if len(left) == 1:
            left[0].rename(target)
        else:  # Sail writes a file for each of those it read; nobody writes one for no rows
            columns = self.columns_of(name, sql, bound)
            with pq.ParquetWriter(target, columns, compression="zstd") as writer:
                for batch in _batches(left, columns, _ROWS):
                    writer.write_batch(batch)

    def leave(self, name: str, sql: str, bound: Sequence[object]) -> list[str]:
        """Write the rows of a statement into as many Parquet files as the cluster likes; the name is for errors."""
        with _named(name):
            return [str(one) for one in self._written(self._frame(sql, bound))]

    def _frame(self, sql: str, bound: Sequence[object]) -> Any:
        """Bind values by name: Spark 4.2 gives the places of a statement with several conditions the values of others."""
        places = count()
        named = _PLACES.sub(lambda found: f":at{next(places)}" if found[0] == "?" else found[0], sql)
        return self._session.sql(named, args={f"at{place}": value for place, value in enumerate(bound)})

    def _written(self, frame: Any) -> list[Path]:
        """Have the cluster write a frame; gives its files in the order of its parts."""
        left = self._folder() / "left"
        frame.write.parquet(_address(str(left)))
        return sorted(left.glob("[!._]*.parquet"))

    def _folder(self) -> Path:
        """Make a folder that goes with the session."""
        if self._beside is None:
            raise BackendFailed("this session has no folder to leave anything in")
        self._beside.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".spark-", dir=self._beside))
        self._left.append(folder)
        return folder


def _batches(files: list[Path], columns: Any, rows: int) -> Iterator[Any]:
    for file in files:
        with pq.ParquetFile(file) as held:
            for batch in held.iter_batches(batch_size=rows):
                yield batch.cast(columns)


def _address(path: str) -> str:
    """A path of this machine as the cluster reads it: without it, a cluster looks in its own file system."""
    return f"file://{path}"


@contextmanager
def _named(step: str) -> Iterator[None]:
    """Say which step failed without repeating the message of the cluster: it may quote values of rows."""
    try:
        yield
    except PySparkException as error:
        kind = type(error).__name__
        raise BackendFailed(f"step {step} failed in Spark ({kind})", remedy="see the log of the cluster") from error
    except grpc.RpcError as error:
        raise _away() from error


def _away() -> BackendFailed:
    return BackendFailed(
        "Spark 集群没有应答 (the Spark Connect server does not answer)",
        remedy="检查 DATONG_ENGINE 的地址与集群 (check the address in DATONG_ENGINE and the cluster): datong node doctor",
    )
