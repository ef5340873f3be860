# SPDX-License-Identifier: Apache-2.0
"""One real PostgreSQL and one node folder for the whole run, shared by every worker."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.utils import translation

from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.postgres import EmbeddedPostgres
from datong.crypto import keys
from factories import beginnings, browsers, isolation, mariadb, turns


def _make_node() -> None:
    """Start PostgreSQL and make a node folder; workers of xdist inherit both through the environment."""
    root = Path(tempfile.mkdtemp(prefix="datong-test-"))
    place = NodeFolder(root)
    for folder in place.places():
        folder.mkdir(parents=True)
    signer = keys.generate(place.key)
    (place.evidence / "node.pub").write_bytes(signer.public_pem())
    place.write(NodeConfig(code="330000", name="浙江省", role="provincial", secret_key=secrets.token_urlsafe(48), hosts=("*",)))
    os.environ["DATONG_NODE"] = str(root)
    hasty = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}  # nothing here outlives the run
    hasty["max_connections"] = "250"  # crowds of fifty follow one another, and those that leave take a moment
    server = EmbeddedPostgres(place.postgres, place.log / "postgres.log", hasty)
    server.start()
    os.environ["DATONG_DATABASE_URL"] = server.url

    def clear() -> None:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)

    atexit.register(clear)


if "PYTEST_XDIST_WORKER" not in os.environ:
    _make_node()  # whatever DATONG_NODE says: no test ever touches a node that serves people
isolation.give_each_worker_its_node()
os.environ["DJANGO_SETTINGS_MODULE"] = "datong.config.settings"


@pytest.fixture(autouse=True, scope="module")
def _nothing_of_other_files() -> None:
    """A file of tests begins with empty folders of the node."""
    isolation.forget_files()


@pytest.fixture(autouse=True)
def _nothing_of_other_tests() -> None:
    """A test begins without acts in its database, so without acts in its evidence, and in the node's language."""
    isolation.forget_evidence()
    translation.activate(settings.LANGUAGE_CODE)


def pytest_collection_modifyitems(config, items) -> None:
    """Leave out what this machine has no program for; begin with the longest."""
    for program in (browsers, mariadb):
        program.leave_out_where_there_is_none(config, items)
    turns.give_each_a_name_of_its_own(items)
    turns.give_the_longest_first(items)


def pytest_terminal_summary(terminalreporter) -> None:
    """Say at the end which tests did not run."""
    for program in (browsers, mariadb):
        program.say_so(terminalreporter)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker) -> None:
    """The database of a worker is a copy of one that is migrated once."""
    with django_db_blocker.unblock():
        beginnings.begin_with_a_copy()


def pytest_configure(config) -> None:
    """Read Django's settings now that the node stands; pytest-django sets up the rest."""
    beginnings.compile_a_share(config)
    isolation.settle(settings)
    isolation.let_flush_forget_acts()
    hypothesis.settings.register_profile("datong", deadline=None)  # nothing here is timed
    hypothesis.settings.load_profile("datong")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # scrypt is slow on purpose
