# SPDX-License-Identifier: Apache-2.0
"""Keeping tests apart: one node folder for each worker, and evidence that is forgotten together with the database.

Kept here: acts refuse to be taken away, and a log must continue what the database holds. A test that commits ends by flushing
its database, so the flush steps past the triggers (a superuser may) and takes the log of acts away with it. It empties the
few tables that hold anything: emptying all of them costs a hundred times as much.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from django.conf import LazySettings, settings
from django.db import connection, transaction

from datong.config.node.folder import NodeFolder

PAST_TRIGGERS = "set local session_replication_role = replica"
OF_DJANGO = {"django_migrations", "django_content_type", "auth_permission"}
"""Written once by migrating; no test changes them."""


def give_each_worker_its_node() -> None:
    """Give a worker of xdist a node folder of its own: same key and settings, own evidence."""
    worker, given = os.environ.get("PYTEST_XDIST_WORKER"), Path(os.environ["DATONG_NODE"])
    if not worker or given.name == worker:
        return
    own = given / "workers" / worker
    own.mkdir(parents=True)
    for name in ("lake", "serving", "uploads", "evidence", "log", "run"):
        (own / name).mkdir()
    for name in ("node.toml", "node.key", "evidence/node.pub"):
        shutil.copy2(given / name, own / name)
    os.environ["DATONG_NODE"] = str(own)


def settle(settings: LazySettings) -> None:
    """Point the settings at this worker's folder: a worker reads them before it has one, as the first process named them."""
    place = NodeFolder(Path(os.environ["DATONG_NODE"]))
    settings.NODE_FOLDER = settings.FOLDER = place
    settings.MEDIA_ROOT = settings.FILE_UPLOAD_TEMP_DIR = place.uploads


def forget_evidence() -> None:
    """Take away the log of acts."""
    shutil.rmtree(settings.NODE_FOLDER.evidence / "acts", ignore_errors=True)


def forget_files() -> None:
    """Take away what tests left in the node's folders: tables, indexes, logs, books and policies of gateways."""
    for folder in settings.NODE_FOLDER.places():
        for left in folder.iterdir():
            if left == settings.NODE_FOLDER.run / "pg":
                continue  # the socket of PostgreSQL, where one process runs all tests
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            elif left.name != "node.pub":
                left.unlink(missing_ok=True)


def let_flush_forget_acts() -> None:
    """Let Django's flush after a test that committed empty what it wrote, the acts and their log too."""

    def nothing_to_truncate(self: object, *_: object, **__: object) -> list[str]:
        return []

    def empty(self: object, sql_list: list[str]) -> None:
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - OF_DJANGO
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PAST_TRIGGERS)
            cursor.execute(" union all ".join(f"select '{one}' where exists (select from \"{one}\")" for one in sorted(tables)))
            for (written,) in cursor.fetchall():
                cursor.execute(f'delete from "{written}"')
        forget_evidence()

    operations = type(connection.ops)
    operations.sql_flush, operations.execute_sql_flush = nothing_to_truncate, empty
