# SPDX-License-Identifier: Apache-2.0
"""Rows that pass through: a few rows of another system, answered by the very statements that answer landed ones.

Kept here: rows live in memory for one question and are gone with it. Masks, row rules, conditions, claims and paging are
those of the serving index, compiled once for both, so a proxied answer cannot differ from a landed one.
"""

import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence

from datong.engine.backends.index import ServingIndex
from datong.engine.plans.lookup import TABLE
from datong.engine.plans.serving import table_of
from datong.engine.plans.values import Stored
from datong.kernel.sharing import ItemType


class PassingRows(ServingIndex):
    """An index in memory.

    Args:
        columns: Items and their types, in order.
        rows: In their stored form, in the same order.
    """

    def __init__(self, columns: Mapping[str, ItemType], rows: Iterable[Sequence[Stored | None]]) -> None:  # no file is opened
        self._key, self._lock = b"", threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._many = self._connection
        self._equip(self._connection)
        self._connection.execute(table_of(columns))
        places = ", ".join("?" * len(columns))
        self._connection.executemany(f"insert into {TABLE} values ({places})", rows)
