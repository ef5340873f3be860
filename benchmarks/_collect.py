# SPDX-License-Identifier: Apache-2.0
"""One party of the benchmark of collecting, as a whole process: `python benchmarks/_collect.py PARTY ADDRESS TARGET WIDTH`.

Kept here: each party reads the same table from the same address and leaves the same rows; it prints how many. `dlt` is run
by the Python of its own environment, so nothing of ours is imported before a party is known.
"""

from __future__ import annotations

import sys
from pathlib import Path

TABLE = "people"


def ours(address: str, target: Path, width: int) -> int:
    """Types checked, keys that repeat and rows that do not fit set aside, digest, provenance, one Delta commit."""
    import _tables

    from datong.engine import face as engine

    items = _tables.schema(width)
    source = engine.PostgresSource(address, f"public.{TABLE}")
    return engine.collect(source, items, {name: name for name in items.fields}, target / "lake" / TABLE, batch="b").rows_good


def limit(address: str, _: Path, __: int) -> int:
    """Read every value into Arrow and throw it away."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"select * from {TABLE}")
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())


def dlt(address: str, target: Path, _: int) -> int:
    """Its quickest way: ConnectorX into Arrow, written as a Delta table; nothing is checked."""
    import dlt as tool
    from dlt.sources.sql_database import sql_table

    rows = sql_table(
        address.replace("postgresql:", "postgresql+psycopg2:"), table=TABLE, schema="public", backend="connectorx",
        chunk_size=100_000, reflection_level="full", backend_kwargs={"return_type": "arrow_stream"},
    )  # fmt: skip
    rows.apply_hints(table_format="delta", write_disposition="replace")
    pipeline = tool.pipeline(
        "people", pipelines_dir=str(target / "state"), dataset_name="lake",
        destination=tool.destinations.filesystem(bucket_url=target.resolve().as_uri()),
    )  # fmt: skip
    pipeline.run(rows)
    return int(pipeline.last_trace.last_normalize_info.row_counts[TABLE])


def derive(_: str, target: Path, width: int) -> int:
    """A grant's table of all items but the remark, phones and names masked, one region left out."""
    import _tables

    made = _tables.derived(target / "lake" / TABLE, _tables.schema(width), target / "derived")
    return sum(1 for _ in made.glob("*.parquet"))


def export(_: str, target: Path, width: int) -> int:
    """The same rows and masks as CSV and as Parquet, as a delivery writes them; their bytes."""
    import _tables

    from datong.engine import face as engine

    place, said = target / "lake" / TABLE, _tables.schema(width)
    with engine.outflow(place, said, _tables.granted(said), 0, beside=target / "spill") as rows:
        lines = sum(len(piece) for piece, _ in rows.csv(guard=True))
        for _ in rows.parquet(target / "export.parquet"):
            pass
    return lines + (target / "export.parquet").stat().st_size


PARTIES = {"ours": ours, "limit": limit, "dlt": dlt, "derive": derive, "export": export}

if __name__ == "__main__":
    print(PARTIES[sys.argv[1]](sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])))
