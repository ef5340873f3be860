# SPDX-License-Identifier: Apache-2.0
"""The verbs of connections: add, test, replace the secret, retire; open, take up and let go for other contexts."""

from datong.contexts.connections.usecases.guarding import bound, check_foreign
from datong.contexts.connections.usecases.keeping import add, replace_secret, retire
from datong.contexts.connections.usecases.opening import calling, checked, database, reading, sealed_of, secret_of, writing
from datong.contexts.connections.usecases.testing import try_out
from datong.contexts.connections.usecases.using import let_go, take_up

__all__ = [
    "add",
    "bound",
    "calling",
    "check_foreign",
    "checked",
    "database",
    "let_go",
    "reading",
    "replace_secret",
    "retire",
    "sealed_of",
    "secret_of",
    "take_up",
    "try_out",
    "writing",
]
