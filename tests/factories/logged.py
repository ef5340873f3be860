# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL of its own whose log can be followed: making a slot waits for every transaction of its server."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datong.config.node.postgres import EmbeddedPostgres


@contextmanager
def a_server_with_a_log() -> Iterator[str]:
    """Give its address."""
    root = Path(tempfile.mkdtemp(prefix="datong-log-"))
    options = {"wal_level": "logical", "max_replication_slots": "3", "fsync": "off", "shared_buffers": "16MB"}
    server = EmbeddedPostgres(root / "postgres", root / "postgres.log", options)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)
