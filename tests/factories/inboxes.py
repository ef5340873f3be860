# SPDX-License-Identifier: Apache-2.0
"""The inbox of corrections as a gateway sees it: the columns it names, in a PostgreSQL without the control plane."""

from __future__ import annotations

from typing import Any

import psycopg

from datong.wire.inbox import STATES, TABLE

TABLES = f"""
    create table if not exists {TABLE} (
        reference varchar(32) primary key, at timestamptz not null, client varchar(64) not null, resource varchar(44) not null,
        digest varchar(64) not null default '', sealed bytea not null default '', number varchar(24) not null default '',
        due date, problem varchar(500) not null default '', taken_at timestamptz
    );
    create unique index if not exists corrections_inbox_once on {TABLE} (client, digest) where digest <> '';
    create table if not exists {STATES} (
        number varchar(24) primary key, stage varchar(16) not null, opinion text not null default '', answered_at timestamptz,
        corrected_batch bigint, corrected_version int, "case" varchar(100) not null default '',
        proof_kind varchar(32) not null default ''
    );
"""


def make(dsn: str) -> None:
    """Make the tables, empty."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(TABLES)
        connection.execute(f"truncate {TABLE}, {STATES}")


def rows(dsn: str) -> list[tuple[Any, ...]]:
    """Reference, client, resource, digest and sealed words of what was put down, the oldest first."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            f"select reference, client, resource, digest, sealed from {TABLE} order by at, reference"
        ).fetchall()


def run(dsn: str, sql: str, *values: Any) -> None:
    """Do what the control plane would."""
    with psycopg.connect(dsn) as connection:
        connection.execute(sql, values)
