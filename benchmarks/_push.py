# SPDX-License-Identifier: Apache-2.0
"""One party of the benchmark of pushing, as a whole process: `python benchmarks/_push.py PARTY ADDRESS FOLDER TABLE`."""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg

PIECE = 1 << 20


def ours(address: str, folder: Path, table: str) -> int:
    """What a grant of every item lets out, brought in by key in one transaction, compared on both sides, noted in the ledger."""
    import _tables

    from datong.engine import face as engine
    from datong.engine.plans.lookup import Access
    from datong.engine.plans.pushing import Order, PushMode
    from datong.kernel.masks import Mask

    items = _tables.schema()
    kinds, shown = {one.field: one.type for one in items.columns}, dict.fromkeys(items.fields, Mask.parse("none"))
    access = Access(kinds, list(items.keys), [], shown)
    order = Order("bench", f"public.{table}", {name: name for name in items.fields}, PushMode.UPSERT, items.keys)
    with engine.outflow(folder / "lake", items, access, 0, beside=folder) as out:
        return engine.push(address, out, order, progress=lambda _rows: None).theirs.rows


def limit(address: str, folder: Path, table: str) -> int:
    """COPY of the same rows, already written as CSV, into an empty table without keys."""
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table {table}_bare as select * from {table} with no data")
        into = f"copy {table}_bare from stdin (format csv, header)"
        with (folder / "people.csv").open("rb") as file, cursor.copy(into) as copy:
            while piece := file.read(PIECE):
                copy.write(piece)
        return cursor.rowcount


PARTIES = {"ours": ours, "limit": limit}

if __name__ == "__main__":
    print(PARTIES[sys.argv[1]](sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
