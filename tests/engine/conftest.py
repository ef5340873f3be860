# SPDX-License-Identifier: Apache-2.0
"""Every backend under one name: DuckDB in process, Spark Connect answered by a Sail server on this machine.

Kept here: where DATONG_TEST_SPARK names a Spark Connect server, that one answers (`make test-spark`: Apache Spark itself).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from datong.engine.backends.bulk import BulkEngine
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.base import EMBEDDED, Bulk
from factories import clusters


@pytest.fixture(scope="session")
def spark_address() -> Iterator[str]:
    with clusters.a_cluster() as address:
        yield address


@contextmanager
def spark(address: str, beside: Path) -> Iterator[BulkEngine]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client's own warnings about its pandas
        from datong.engine.backends.spark.engine import connect  # noqa: PLC0415  after the filter

        with connect(address, beside) as engine:
            yield engine


def _marked(request: Any) -> None:
    """`todo(engine, why)` marks a gap, strictly."""
    for mark in request.node.iter_markers("todo"):
        if mark.args[0] == request.param:
            request.applymarker(pytest.mark.xfail(reason=mark.kwargs["why"], strict=True))


@pytest.fixture(params=["duck", "spark"])
def engine(request: Any, tmp_path: Path) -> Iterator[BulkEngine]:
    """A fresh session of each backend."""
    _marked(request)
    if request.param == "duck":
        with DuckEngine(tmp_path) as session:
            yield session
    else:
        with spark(request.getfixturevalue("spark_address"), tmp_path) as session:
            yield session


@pytest.fixture(params=["duck", "spark"])
def by(request: Any) -> Iterator[Bulk]:
    """Each engine as the node's setting names it."""
    _marked(request)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield EMBEDDED if request.param == "duck" else Bulk(request.getfixturevalue("spark_address"))


@pytest.fixture
def cluster(spark_address: str) -> Iterator[Bulk]:
    """The cluster, to be compared with DuckDB."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield Bulk(spark_address)
