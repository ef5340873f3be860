# SPDX-License-Identifier: Apache-2.0
"""Serving indexes: one immutable SQLite file per resource and version, read by the gateway.

Kept here: a file is never changed once it has its name, so it is opened immutable, without locks, and mapped into
memory; three functions SQLite lacks are registered. Loads nothing but the standard library and the block cipher.
"""

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Self

from datong.engine.backends.forming import formed
from datong.engine.errors import IndexMissing, TooBroad
from datong.engine.plans.aggregating import FUNCTIONS, Aggregate
from datong.engine.plans.batching import Batch, read, settled
from datong.engine.plans.lookup import PLAIN_FUNCTION, Access, Lookup, LookupRequest, Verify, compile_lookup, plain
from datong.engine.plans.masking import FORMAT_FUNCTION, HASH_FUNCTION
from datong.engine.plans.serving import APPLICATION
from datong.kernel import masks
from datong.kernel.sharing import ItemType

_HASH = masks.Mask("hash")
_MAPPED = 1 << 34
_LARGE_STATEMENTS = 24
"""Statements of batches kept ready; one of 2,048 questions takes a megabyte."""
_STEPS = 100_000
"""Steps of SQLite between two looks at the clock."""


class ServingIndex:
    """An open index; may be shared by threads.

    Args:
        path: The SQLite file.

    Raises:
        IndexMissing: The file is absent or is not a serving index.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self._key = b""
        self._lock = threading.Lock()
        self._many: sqlite3.Connection | None = None
        try:
            self._connection = self._opened(512)
            mark = self._connection.execute("pragma application_id").fetchone()[0]
        except sqlite3.Error as error:
            raise IndexMissing("the serving index cannot be opened", remedy="land the resource again") from error
        if mark != APPLICATION:
            self._connection.close()
            raise IndexMissing("the serving index has another format", remedy="land the resource again")
        self._equip(self._connection)

    def _opened(self, statements: int) -> sqlite3.Connection:
        """Open the file; so many statements are kept ready."""
        made = sqlite3.connect(
            f"{self.path.resolve().as_uri()}?immutable=1&mode=ro",
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            cached_statements=statements,
        )
        made.execute(f"pragma mmap_size = {_MAPPED}")
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
        if self._many is not None:
            self._many.close()

    def fetch(self, plan: Lookup | Verify) -> list[tuple[Any, ...]]:
        """Run a compiled plan.

        Raises:
            IndexMissing: The file is damaged, or lacks a column the plan names.
        """
        try:
            if not plan.mask_key:
                return self._connection.execute(plan.sql, plan.params).fetchall()
            with self._lock:
                self._key = plan.mask_key
                return self._connection.execute(plan.sql, plan.params).fetchall()
        except sqlite3.Error as error:
            raise IndexMissing("the serving index does not fit the catalogue", remedy="land the resource again") from error

    def _equip(self, connection: sqlite3.Connection) -> None:
        """Register what SQLite lacks."""
        connection.create_function(PLAIN_FUNCTION, 1, _plain, deterministic=True)
        connection.create_function(HASH_FUNCTION, 1, self._hashed)
        connection.create_function(FORMAT_FUNCTION, 2, self._formed)
        for name, made in FUNCTIONS.items():
            connection.create_aggregate(name, 1, made)  # type: ignore[arg-type]  # each has the two methods

    def verify(self, batch: Batch) -> list[str]:
        """Run a batch of verifications.

        Returns:
            Of each question the bits of its claims as a decimal number, or `batching.UNSEEN`.

        Raises:
            IndexMissing: The file is damaged, or lacks a column the plan names.
        """
        found: list[str] = []
        try:
            if self._many is None:
                self._many = self._opened(_LARGE_STATEMENTS)
                self._equip(self._many)
            for size, params in batch.pieces():
                row = self._many.execute(batch.statement(size), params).fetchone()
                if not settled(row):
                    row = self._many.execute(batch.statement(size, folding=True), params).fetchone()
                found += read(size, row)
        except sqlite3.Error as error:
            raise IndexMissing("the serving index does not fit the catalogue", remedy="land the resource again") from error
        return found

    def aggregate(self, plan: Aggregate, seconds: float) -> list[tuple[Any, ...]]:
        """Run an aggregate within some seconds.

        Raises:
            TooBroad: It takes longer.
            IndexMissing: The file is damaged, or lacks a column the plan names.
        """
        until = monotonic() + seconds
        self._connection.set_progress_handler(lambda: monotonic() > until, _STEPS)
        try:
            return self._connection.execute(plan.sql, plan.params).fetchall()
        except sqlite3.Error as error:
            if monotonic() > until:
                raise TooBroad("this takes too long", fields={"by": f"{seconds} s"}, remedy="group by fewer items") from error
            raise IndexMissing("the serving index does not fit the catalogue", remedy="land the resource again") from error
        finally:
            self._connection.set_progress_handler(None, 0)

    def _hashed(self, text: str | None) -> str | None:
        return None if text is None else str(masks.apply(_HASH, text, key=self._key))

    def _formed(self, text: str | None, form: str) -> str | None:
        return None if text is None else formed(text, form, self._key)


def _plain(text: str | None) -> str | None:
    return None if text is None else plain(text)


def first_rows(
    index: Path, columns: Mapping[str, ItemType], granted: Mapping[str, masks.Mask], *, limit: int
) -> list[dict[str, Any]]:
    """Read the first rows of a serving index, masked inside the look-up.

    Args:
        index: The SQLite file.
        columns: Items of the resource and their types.
        granted: Items wanted, each with what hides it; no other item is read. None of them is keyed.
        limit: Most rows.

    Raises:
        IndexMissing: The file is absent, or lacks one of the items.
    """
    plan = compile_lookup(LookupRequest(Access(columns, (), (), granted), limit=limit))
    with ServingIndex(index) as held:
        return plan.page(held.fetch(plan)).records
