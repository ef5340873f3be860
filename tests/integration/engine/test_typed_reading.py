# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL table lands alike whether its values come typed or as text: rows, rejects, raw text and digest."""

from __future__ import annotations

import json

import psycopg
import pytest

from datong.engine import face as engine
from datong.engine.backends import reading
from datong.engine.backends.duck import engine as duck
from datong.engine.backends.sources import relational
from datong.engine.backends.sources.kinds import OddValue
from datong.engine.base import Column, Schema
from datong.engine.plans.casting import Kind
from datong.kernel.sharing import ItemType as T
from factories.bridges import a_business_database
from factories.sheets import rows_of

TABLE = "typed_reading"
TYPES = {
    "k": ("int4", T.I), "c": ("char(6)", T.C), "n": ("numeric(12,2)", T.N), "free": ("numeric", T.N), "narrow": ("numeric(9,4)", T.N),
    "f": ("float8", T.F), "r": ("float4", T.F), "d": ("date", T.D), "t": ("timestamptz", T.T), "l": ("timestamp", T.T),
    "b": ("boolean", T.L), "s": ("int8", T.C), "u": ("text", T.M),
}  # fmt: skip
SCHEMA = Schema(
    tuple(
        Column(name, kind, key=name == "k", precision=2 if kind is T.N else None, length=8 if name == "s" else None)
        for name, (_, kind) in TYPES.items()
    )
)
PLAIN = "'330106', 1.50, 1.5, 2.5, 0.1, 0.1, '2020-01-05', '2020-01-05 08:00:00.123456+08', '1988-07-01 00:00', true, 7, E' 两\\n\"\\\\'"
ODD = {
    "infinite_day": "'1', 1, 1, 1, 1, 1, 'infinity', null, null, true, 1, 'x'",
    "before_christ": "'1', 1, 1, 1, 1, 1, '0044-03-15 BC', null, null, true, 1, 'x'",
    "far_day": "'1', 1, 1, 1, 1, 1, '10000-01-01', null, null, true, 1, 'x'",
    "infinite_instant": "'1', 1, 1, 1, 1, 1, null, '-infinity', null, true, 1, 'x'",
    "infinite_time": "'1', 1, 1, 1, 1, 1, null, null, 'infinity', true, 1, 'x'",
    "no_number": "'1', 1, 1, 1, 'NaN', 1, null, null, null, true, 1, 'x'",
    "endless": "'1', 1, 1, 1, '-Infinity', 1, null, null, null, true, 1, 'x'",
    "no_decimal": "'1', 'NaN', 1, 1, 1, 1, null, null, null, true, 1, 'x'",
    "too_precise": "'1', 1, 1.123, 1.1234, 1, 1, null, null, null, true, 1, 'x'",
    "too_long": "'1', 1, 1, 1, 1, 1, null, null, null, true, 123456789, 'x'",
    "whole_fraction": "'1', 1, 1, 1.0001, 5, 5, null, '2020-01-05', null, false, 1, 'x'",
}


@pytest.fixture(scope="module")
def dsn():
    address = a_business_database()
    with psycopg.connect(address, autocommit=True) as connection:
        declared = ", ".join(f"{name} {kind}" for name, (kind, _) in TYPES.items())
        connection.execute(f"create table {TABLE} ({declared})")
    yield address
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"drop table {TABLE}")


def filled(dsn, *rows):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"truncate {TABLE}")
        for row in rows:
            connection.execute(f"insert into {TABLE} values ({row})")
    return engine.PostgresSource(dsn, TABLE)


def landed(source, folder):
    made = engine.land(source, SCHEMA, {name: name for name in SCHEMA.fields}, folder / "t", batch="b1")
    told = [{**row, "raw": json.loads(row["raw"])} for row in engine.quarantine(folder / "t", "b1")]
    return made, rows_of(folder / "t"), told


def both(source, tmp_path, monkeypatch):
    typed = landed(source, tmp_path / "typed")
    monkeypatch.setattr(reading, "TypedSource", type("Nobody", (), {}))
    return typed, landed(source, tmp_path / "text")


def test_what_can_be_typed_is(dsn):
    source = filled(dsn)
    seen = engine.inspect(source)
    kinds = source.kinds(seen, dict(enumerate(SCHEMA.columns)))
    assert {seen.columns[place]: kind for place, kind in kinds.items()} == {
        "k": Kind.WHOLE, "n": Kind.PLAIN, "f": Kind.FRACTION, "d": Kind.DAY, "t": Kind.INSTANT, "l": Kind.LOCAL, "b": Kind.TRUTH,
    }  # fmt: skip


def test_sound_rows_are_equal(dsn, tmp_path, monkeypatch):
    empty = ", ".join(["null"] * (len(TYPES) - 1))
    typed, text = both(filled(dsn, f"1, {PLAIN}", f"2, {empty}", f"3, {PLAIN}"), tmp_path, monkeypatch)
    assert typed == text
    assert typed[0].rows_good == 3


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_rows_no_type_holds_are_judged_by_their_text(dsn, tmp_path, monkeypatch, odd):
    typed, text = both(filled(dsn, f"1, {PLAIN}", f"2, {odd}", f"1, {PLAIN}", f"null, {PLAIN}", f"3, {PLAIN}"), tmp_path, monkeypatch)
    assert typed == text
    assert typed[0].rows_bad == 3


@pytest.mark.parametrize("refusing", ["_session", "_begun"])
def test_a_server_that_knows_no_arrow_is_read_as_text(dsn, tmp_path, monkeypatch, refusing):
    source = filled(dsn, f"1, {PLAIN}", f"1, {PLAIN}", f"3, {PLAIN}")
    known = landed(source, tmp_path / "known")

    def refuses(*_):
        raise OddValue("no Arrow")

    monkeypatch.setattr(relational, refusing, refuses)
    assert landed(source, tmp_path / "plain") == known


def test_many_rows_keep_their_order_when_they_no_longer_fit_as_they_came(dsn, tmp_path, monkeypatch):
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"truncate {TABLE}")
        connection.execute(f"insert into {TABLE} (k, u) select i, 'row ' || i from generate_series(1, 30000) as i order by md5(i::text)")
    source = engine.PostgresSource(dsn, TABLE)
    held = landed(source, tmp_path / "held")
    monkeypatch.setattr(duck, "_HELD", 100_000)
    moved = landed(source, tmp_path / "moved")
    assert held == moved
    assert [row["u"] for row in held[1]] == [f"row {row['k']}" for row in held[1]]
    assert sorted(row["k"] for row in held[1]) == list(range(1, 30_001))
