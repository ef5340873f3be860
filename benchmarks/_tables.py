# SPDX-License-Identifier: Apache-2.0
"""The table all benchmarks of bulk share: made-up persons in a PostgreSQL of its own, and what their items are declared as.

Kept here: eleven columns of every kind a registry has, a key among them, three of ten remarks empty; `wide` adds columns of
the same kinds up to forty. The server listens on this machine alone, since not every peer knows sockets.
"""

from __future__ import annotations

import os
import re
import socket
import tempfile
from pathlib import Path

import psycopg

from datong.config.node.postgres import EmbeddedPostgres
from datong.engine import face as engine
from datong.engine.backends import lake as tables
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType

TABLE = "public.people"
TUNED = {"shared_buffers": "512MB", "fsync": "off", "max_wal_size": "4GB", "max_parallel_workers": "0"}
KINDS = {
    "cert": ("C", "varchar(18)", "'330106' || (1950 + i % 60) || lpad(i::text, 8, '0')"),
    "name": ("C", "varchar(60)", "'欧阳' || i"),
    "phone": ("C", "varchar(20)", "'138' || lpad(i::text, 8, '0')"),
    "region": ("C", "char(6)", "(330100 + i % 13)::text"),
    "born": ("D", "date", "date '1950-01-01' + (i % 25000)::int"),
    "registered": ("T", "timestamptz", "timestamptz '2020-01-01 08:00+08' + (i % 200000000) * interval '1 second'"),
    "income": ("N", "numeric(12,2)", "((i * 7919) % 10000000)::numeric / 100"),
    "persons": ("I", "integer", "(i % 9)::int"),
    "rate": ("F", "double precision", "(i % 1000)::float8 / 8"),
    "alive": ("L", "boolean", "i % 50 <> 0"),
    "note": ("C", "text", "case when i % 10 < 7 then '经社区核对第' || i % 977 || '号底册' end"),
}
"""Item to its letter, its type in PostgreSQL and how row `i` fills it."""
WIDE = 40


def kinds(width: int = len(KINDS)) -> dict[str, tuple[str, str, str]]:
    """The columns, those after the eleventh with a number behind their name."""
    wider = dict(KINDS)
    rest = [name for name in KINDS if name != "cert"]
    while len(wider) < width:
        place = len(wider) - len(KINDS)
        name = rest[place % len(rest)]
        wider[f"{name}{place // len(rest) + 2}"] = KINDS[name]
    return wider


def schema(width: int = len(KINDS)) -> engine.Schema:
    """The items as a catalogue declares them."""
    return engine.Schema(
        tuple(
            engine.Column(
                name, ItemType(letter), length=18 if name == "cert" else None, key=name == "cert", precision=_scale(letter)
            )
            for name, (letter, _, _) in kinds(width).items()
        )
    )


def _scale(letter: str) -> int | None:
    return 2 if letter == "N" else None


def made_server(folder: Path) -> EmbeddedPostgres:
    """Start a PostgreSQL of its own; whoever made it stops it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    os.environ["PGPORT"] = port
    server = EmbeddedPostgres(folder / "pg", folder / "pg.log", TUNED | {"listen_addresses": "127.0.0.1"}, port=int(port))
    server.start()
    return server


def address() -> str:
    """Where the server is reached."""
    return f"postgresql://postgres@127.0.0.1:{os.environ['PGPORT']}/datong?sslmode=disable"


def fill(rows: int, width: int = len(KINDS)) -> None:
    """Make the table and its rows, and see that no maintenance runs into a measurement."""
    columns = kinds(width)
    declared = ", ".join(f"{name} {kind}{' primary key' if name == 'cert' else ''}" for name, (_, kind, _) in columns.items())
    with psycopg.connect(address(), autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        connection.execute(f"create table {TABLE} ({declared}) with (autovacuum_enabled = off)")
        cells = ", ".join(one for *_, one in columns.values())
        connection.execute(f"insert into {TABLE} select {cells} from generate_series(1::bigint, {rows}) as i")
        connection.execute(f"vacuum (analyze, freeze) {TABLE}")
        connection.execute("checkpoint")


def granted(items: engine.Schema) -> Access:
    """A grant of all items but the remarks: phones, names and births masked, one region of thirteen left out."""
    kinds_of = {column.field: column.type for column in items.columns}
    masks = {"phone": "partial:3:4", "name": "partial:1:0", "born": "year"}
    shown = {
        name: Mask.parse(masks.get(name.rstrip("0123456789"), "none")) for name in items.fields if not name.startswith("note")
    }
    regions = tuple(str(330100 + place) for place in range(12))
    return Access(kinds_of, list(items.keys), [], shown, [RowRule("region", "in", regions)], b"k" * 32)


def derived(lake: Path, items: engine.Schema, folder: Path) -> Path:
    """Build the table of that grant; its folder."""
    return engine.derive(lake, items, granted(items), folder)


def landed(lake: Path, rows: int) -> None:
    """Put the same table into a lake as a landing would, without a PostgreSQL: for what begins at the lake."""
    typed = {"I": "bigint", "D": "date", "T": "timestamptz", "N": "decimal(38,2)", "F": "double", "L": "boolean", "C": "varchar"}
    shown = ", ".join(f"({_said(how)})::{typed[letter]} as {name}" for name, (letter, _, how) in KINDS.items())
    sql = f"select {shown}, '{TABLE}' as _source, 'b' as _batch, now() as _landed_at from range(1, {rows + 1}) as r(i)"
    with tempfile.TemporaryDirectory(dir=lake.parent) as spill, DuckEngine(Path(spill)) as session:
        tables.overwrite(lake, session.query("landed", sql, ()), batch="b")


def _said(how: str) -> str:
    """A row's filling in DuckDB's words."""
    return re.sub(r"(\(i [%*] \d+\)) \* interval '1 second'", r"to_seconds(\1)", how)
