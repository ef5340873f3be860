# SPDX-License-Identifier: Apache-2.0
"""A Spark Connect server for the tests: the one DATONG_TEST_SPARK names, else Sail on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def look_like_a_program() -> None:
    """Give a worker of xdist a file: pyspark would take it for its own doctests, and leave."""
    main = sys.modules["__main__"]
    if not hasattr(main, "__file__"):
        main.__file__ = __file__


@contextmanager
def a_cluster() -> Iterator[str]:
    """Give the address of a server."""
    if os.environ.get("DATONG_TEST_SPARK"):
        yield os.environ["DATONG_TEST_SPARK"]
        return
    from pysail.spark import SparkConnectServer  # noqa: PLC0415  a native server: only where it is needed

    look_like_a_program()
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield "sc://{}:{}".format(*server.listening_address)
    server.stop()
