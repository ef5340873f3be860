# SPDX-License-Identifier: Apache-2.0
"""What every worker of xdist would do at its beginning, done once for all: tests compiled, a database migrated.

Kept here: workers set out at the same moment on the same files, so each would rewrite the asserts of all of them; each writes
its share first, and finds the others' when it comes to them. The first that wants a database migrates one, and every worker
begins with a copy of that.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from _pytest.assertion import rewrite
from django.conf import settings
from django.core.management import call_command
from django.db import connection

TESTS: Final = Path(__file__).parents[1]
MIGRATED: Final = "datong_migrated"


def compile_a_share(config: pytest.Config) -> None:
    """Compile this worker's share of the tests as pytest does, where Python may keep what it compiled."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode:
        return
    first, workers = int(worker["workerid"].removeprefix("gw")), int(worker["workercount"])
    for file in sorted(TESTS.rglob("test_*.py"))[first::workers]:
        kept = rewrite.get_cache_dir(file) / (file.stem + rewrite.PYC_TAIL)
        if rewrite._read_pyc(file, kept) is None and rewrite.try_makedirs(kept.parent):
            digest, code = rewrite._rewrite_test(file, config)
            rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, digest, kept)


def begin_with_a_copy() -> None:
    """Let the database of this worker be a copy of one that is migrated already; make that one if this is the first to ask."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    with Path(os.environ["DATONG_NODE"]).parent.joinpath("migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_the_migrated()
    settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = connection.settings_dict["TEST"]["TEMPLATE"] = MIGRATED


def _make_the_migrated() -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute("select from pg_database where datname = %s", [MIGRATED])
        if cursor.fetchone() is not None:
            return
        cursor.execute(f'create database "{MIGRATED}"')
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = MIGRATED
    try:
        call_command("migrate", verbosity=0)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own
