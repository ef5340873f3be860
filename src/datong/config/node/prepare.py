# SPDX-License-Identifier: Apache-2.0
"""Bring the node's database up to this program: a short process of its own, so that the supervisor never holds Django.

Kept here: a database written by a newer program is refused before anything is touched; migrations run under an advisory
lock, so two nodes on one outside database cannot run them together. The outcome is one line of JSON on standard output.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from datong.config.node.journal import announce
from datong.kernel.errors import DatongError, Refused, Unavailable, problem

LOCK = 0x6D69_6772_6174_65  # "migrate"
OLDEST = 150_000
PATIENCE = 600.0


def main() -> None:
    """Prepare; print {"event": "prepared", …}, or the problem and leave with 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datong.config.settings")
    try:
        import django

        django.setup()
        announce({"event": "prepared", "level": "info", **prepare()})
    except DatongError as error:
        announce({"event": "not prepared", "level": "error", **problem(error)})
        sys.exit(1)


def prepare() -> dict[str, Any]:
    """Check, migrate, seed.

    Returns:
        migrations: names of those applied; administrator: account and password of the first one, or None.

    Raises:
        Refused: the database is newer than this program, or PostgreSQL too old.
        Unavailable: the database does not answer.
    """
    from datong.config import wiring

    with _locked():
        applied = _migrate()
        for seed in wiring.seeds():
            seed()
        made = wiring.first_administrator()
    return {
        "migrations": applied,
        "administrator": {"account": made[0], "password": made[1]} if made else None,
    }


class _locked:  # noqa: N801
    """Hold the advisory lock of migrations on Django's connection."""

    def __enter__(self) -> None:
        from django.db import connection
        from django.db.utils import OperationalError

        try:
            cursor = connection.cursor()
        except OperationalError as error:
            raise Unavailable(
                f"the database does not answer: {error}".strip(),
                remedy="see DATONG_DATABASE_URL, or database_url in node.toml",
            ) from None
        version = connection.cursor().connection.info.server_version
        if version < OLDEST:
            raise Refused(f"PostgreSQL {version // 10_000} is too old", remedy="PostgreSQL 15 or newer")
        cursor.execute("set statement_timeout = 0")
        deadline = time.monotonic() + PATIENCE
        while not cursor.execute("select pg_try_advisory_lock(%s)", [LOCK]).fetchone()[0]:
            if time.monotonic() > deadline:
                raise Unavailable("another process migrates this database and does not end")
            time.sleep(0.5)

    def __exit__(self, *_: object) -> None:
        from django.db import connection

        connection.close()  # frees the lock


def unknown_migrations() -> list[str]:
    """Migrations that the database has and this program does not know: it was written by a newer one."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    known = set(loader.disk_migrations) | {name for one in loader.disk_migrations.values() for name in one.replaces}
    applied = {key for key in loader.applied_migrations if key[0] in loader.migrated_apps}
    return sorted(f"{app}.{name}" for app, name in applied - known)


def pending_migrations() -> list[str]:
    """Migrations of this program that the database lacks."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{one.app_label}.{one.name}" for one, _ in plan]


def _migrate() -> list[str]:
    from django.core.management import call_command

    newer = unknown_migrations()
    if newer:
        raise Refused(
            f"the database was written by a newer Datong: {', '.join(newer[:3])}{'…' if len(newer) > 3 else ''}",
            remedy="run that version or a newer one, or restore a backup made by this one",
        )
    waiting = pending_migrations()
    if waiting:
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    return waiting


if __name__ == "__main__":
    main()
