# SPDX-License-Identifier: Apache-2.0
"""Rows into a consumer's database, whichever it is."""

from collections.abc import Callable

from datong.engine.backends.exporting import Outflow
from datong.engine.backends.sources import addresses
from datong.engine.backends.targets import mysql, postgres
from datong.engine.backends.targets.pushed import Progress, Pushed
from datong.engine.plans.pushing import Order

_DATABASES = {"postgres": postgres, "mysql": mysql}


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
    return _DATABASES[addresses.kind_of(dsn)].push(dsn, out, order, progress=progress, commit=commit)


def committed(dsn: str, order: Order) -> bool:
    """Tell whether a delivery, or one it tries again, was committed over there.

    Raises:
        TargetRefuses, TargetAway: It cannot be told.
    """
    return _DATABASES[addresses.kind_of(dsn)].committed(dsn, order)
