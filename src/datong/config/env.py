# SPDX-License-Identifier: Apache-2.0
"""The environment, read in one place; a missing setting explains itself.

Kept here: every variable Datong reads, with its meaning. `docs/reference/settings.md` is generated from `VARIABLES`.
"""

from __future__ import annotations

import os
from pathlib import Path

from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.postgres import EmbeddedPostgres

VARIABLES = {
    "DATONG_NODE": "folder of the node; default: the current folder",
    "DATONG_DATABASE_URL": "an outside PostgreSQL (15 or newer) instead of the embedded one",
    "DATONG_LOG_LEVEL": "DEBUG, INFO (default), WARNING or ERROR",
    "DATONG_DEBUG": "1 shows Django's error pages; never on a node that serves people",
}


def folder() -> NodeFolder:
    """The node's folder, from DATONG_NODE or the current folder."""
    return NodeFolder(Path(os.environ.get("DATONG_NODE") or ".").resolve())


def node() -> tuple[NodeFolder, NodeConfig]:
    """The node's folder and what its file says.

    Raises:
        Malformed: there is no node in the folder.
    """
    place = folder()
    return place, place.read()


def database_url(place: NodeFolder, config: NodeConfig) -> str:
    """The database: DATONG_DATABASE_URL, else `database_url` of node.toml, else the embedded one."""
    given = os.environ.get("DATONG_DATABASE_URL") or config.database_url
    return given or EmbeddedPostgres(place.postgres, place.log / "postgres.log").url


def uses_embedded(config: NodeConfig) -> bool:
    """Whether the node starts its own PostgreSQL."""
    return not (os.environ.get("DATONG_DATABASE_URL") or config.database_url)


def log_level() -> str:
    """Level of the logs."""
    return os.environ.get("DATONG_LOG_LEVEL", "INFO").upper()


def debug() -> bool:
    """Whether Django shows its error pages."""
    return os.environ.get("DATONG_DEBUG") == "1"
