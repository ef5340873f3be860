# SPDX-License-Identifier: Apache-2.0
"""Spark through Spark Connect: the same steps over Delta tables, on a cluster or on Sail.

Kept here: nothing is gathered on this machine but small results; a step becomes a temporary view, so the cluster
plans the whole chain at once.
"""

from pathlib import Path
from typing import Any, Self

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from datong.engine.backends.spark.dialect import SparkDialect
from datong.engine.base import Dialect, Step
from datong.engine.errors import BackendFailed


class SparkEngine:
    """One Spark Connect session.

    Args:
        remote: Address like `sc://host:15002`.
    """

    dialect: Dialect

    def __init__(self, remote: str) -> None:
        self.dialect = SparkDialect()
        self._session: Any = SparkSession.builder.remote(remote).create()
        self._session.conf.set("spark.sql.session.timeZone", "UTC")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.stop()

    def open_table(self, name: str, folder: Path, version: int | None = None) -> None:
        """Give a Delta table a name."""
        reader = self._session.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        try:
            reader.load(str(folder)).createOrReplaceTempView(name)
        except PySparkException as error:
            raise BackendFailed(f"table {folder.name} could not be opened in Spark") from error

    def run(self, step: Step) -> None:
        """Give a step its name."""
        try:
            self._session.sql(step.sql).createOrReplaceTempView(step.name)
        except PySparkException as error:
            raise BackendFailed(f"step {step.name} failed in Spark", remedy="see the log of the cluster") from error

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Fetch a small result."""
        try:
            return [tuple(row) for row in self._session.sql(sql).collect()]
        except PySparkException as error:
            raise BackendFailed("a query failed in Spark", remedy="see the log of the cluster") from error
