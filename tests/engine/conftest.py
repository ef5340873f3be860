# SPDX-License-Identifier: Apache-2.0
"""Every backend under one name: DuckDB in process, Spark Connect answered by a Sail server on this machine."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.base import Engine


@pytest.fixture(scope="session")
def spark_address() -> Iterator[str]:
    from pysail.spark import SparkConnectServer  # noqa: PLC0415  a native server: only where this suite runs

    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):  # a worker of xdist: pyspark would take it for its own doctests and leave
        main.__file__ = __file__
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield "sc://{}:{}".format(*server.listening_address)
    server.stop()


@contextmanager
def spark(address: str) -> Iterator[Engine]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the client's own warnings about its pandas
        from datong.engine.backends.spark.engine import SparkEngine  # noqa: PLC0415  after the filter

        with SparkEngine(address) as engine:
            yield engine


@pytest.fixture(params=["duck", "spark"])
def engine(request: Any, tmp_path: Path) -> Iterator[Engine]:
    """A fresh session of each backend; `todo(engine, why)` marks a gap, strictly."""
    for mark in request.node.iter_markers("todo"):
        if mark.args[0] == request.param:
            request.applymarker(pytest.mark.xfail(reason=mark.kwargs["why"], strict=True))
    if request.param == "duck":
        with DuckEngine(tmp_path) as session:
            yield session
    else:
        with spark(request.getfixturevalue("spark_address")) as session:
            yield session
