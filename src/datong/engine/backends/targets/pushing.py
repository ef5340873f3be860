# SPDX-License-Identifier: Apache-2.0
"""Rows into a consumer's database, whichever it is."""

from collections.abc import Callable
from typing import Any

from datong.engine.backends.exporting import Outflow
from datong.engine.backends.sources import addresses
from datong.engine.backends.targets import mysql, postgres
from datong.engine.backends.targets.pushed import Progress, Pushed
from datong.engine.plans.pushing import Order

_DATABASES: dict[str, Any] = {"postgres": postgres, "mysql": mysql}


def push(dsn: str, out: Outflow, order: Order, *, progress: Progress, commit: Callable[[], None] | None = None) -> Pushed:
    """Bring rows into a table, exactly once for each delivery.

    Args:
        dsn: Address of the database.
        out: What the grant lets out.
        order: Where and how.
        progress: Told the rows sent so far; what it raises ends the push and leaves nothing.
        commit: Called right before the commit, for the same purpose.

    Raises:
        TargetRefuses: It would not be taken if it were tried again; why is said.
        TargetAway: It may be taken later.
    """
    made: Pushed = _DATABASES[addresses.kind_of(dsn)].push(dsn, out, order, progress=progress, commit=commit)
    return made


def committed(dsn: str, order: Order) -> Pushed | None:
    """Give what was committed over there of a delivery, or of one it tries again; None where nothing was.

    Raises:
        TargetRefuses, TargetAway: It cannot be told.
    """
    found: Pushed | None = _DATABASES[addresses.kind_of(dsn)].committed(dsn, order)
    return found
