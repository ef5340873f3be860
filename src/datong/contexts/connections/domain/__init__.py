# SPDX-License-Identifier: Apache-2.0
"""Rules of connections: kinds and addresses, and what may be read through them."""

from datong.contexts.connections.domain.addresses import ACCOUNTS, PARTS, Choice, Part, address_of, check_account, shown
from datong.contexts.connections.domain.kinds import DATABASES, FILES, READ_FILES, ConnectionKind, Opened, dsn_of
from datong.contexts.connections.domain.reading import READINGS, Paging, checked

__all__ = [
    "ACCOUNTS",
    "DATABASES",
    "FILES",
    "PARTS",
    "READINGS",
    "READ_FILES",
    "Choice",
    "ConnectionKind",
    "Opened",
    "Paging",
    "Part",
    "address_of",
    "check_account",
    "checked",
    "dsn_of",
    "shown",
]
