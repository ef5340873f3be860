# SPDX-License-Identifier: Apache-2.0
"""A made-up catalogue of some size in the test database, and its index."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from datong.config.demo import catalogue, loading
from datong.contexts.catalog import usecases
from datong.contexts.organisations import face as organisations
from datong.kernel.actors import Officer, Role

PLACES = ("330000", "330100", "330106", "330109", "330200", "420000", "420100", "110000", "440000", "440300", "500000", "350200")
ENTRIES = 6_000
LOOKER = Officer("looker", "看客", "", "", "330000", frozenset({Role.APPLICANT}))


def without_index() -> None:
    """Take the index away."""
    shutil.rmtree(settings.NODE_FOLDER.path / "search", ignore_errors=True)


@contextmanager
def an_index() -> Iterator[None]:
    """The index of what the database holds now; gone afterwards."""
    without_index()
    usecases.rebuild_search()
    try:
        yield
    finally:
        without_index()


def a_catalogue(number: int = ENTRIES) -> list[catalogue.Made]:
    """A made-up catalogue of some provinces, cities and counties, in the database."""
    organisations.seed()
    usecases.seed_classes()
    usecases.seed_synonyms()
    places = [one for one in catalogue.regions() if one["code"] in PLACES]
    homes = catalogue.bodies(places)
    made = list(catalogue.entries(number, homes))
    with connection.cursor() as cursor:
        loading.load_bodies(cursor.cursor, homes)
        loading.load_entries(cursor.cursor, made)
        cursor.execute("set constraints all immediate")
        cursor.execute("analyze")  # tables that other tests left empty would be thought to be so still
    return made
