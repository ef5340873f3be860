# SPDX-License-Identifier: Apache-2.0
"""The door of connections: choose one, say it is in use, open it to read from or write to.

Kept here: `reading`, `writing`, `database` and `secret_of` are for use cases of other contexts, in the process that
reads or writes; nothing they give is stored, logged or shown. Which department may use a connection is checked each
time it is opened.
"""

from datong.contexts.connections.domain import DATABASES, FILES, READ_FILES, READINGS, ConnectionKind, Opened, Paging
from datong.contexts.connections.models import Connection
from datong.contexts.connections.queries import check_usable, connections
from datong.contexts.connections.usecases import (
    bound,
    calling,
    check_foreign,
    checked,
    database,
    let_go,
    reading,
    sealed_of,
    secret_of,
    take_up,
    writing,
)

__all__ = [
    "DATABASES",
    "FILES",
    "READINGS",
    "READ_FILES",
    "Connection",
    "ConnectionKind",
    "Opened",
    "Paging",
    "bound",
    "calling",
    "check_foreign",
    "check_usable",
    "checked",
    "connections",
    "database",
    "let_go",
    "reading",
    "sealed_of",
    "secret_of",
    "take_up",
    "writing",
]
