# SPDX-License-Identifier: Apache-2.0
"""The node set to a Spark cluster: tables of grants and deliveries are made there, and without it nothing is made."""

from __future__ import annotations

import csv
import io
import shutil
import warnings

import pytest
from deltalake import DeltaTable
from django.conf import settings

from datong.contexts.deliveries.usecases import writing
from datong.contexts.exchange import face as exchange
from datong.contexts.exchange.usecases import deriving
from datong.engine.base import Bulk
from datong.wire import deliveries as wire
from factories import clusters
from factories.deliveries import a_bulk_grant, a_carried_delivery
from factories.exchange import ROWS

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]  # the client's own warnings about its pandas
PAIRS = [(code, title) for code, title, _ in ROWS]


@pytest.fixture(scope="module")
def address():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with clusters.a_cluster() as where:
            yield where


@pytest.fixture(autouse=True)
def _no_files_of_other_tests():
    for folder in (wire.FOLDER, deriving.FOLDER):
        shutil.rmtree(settings.NODE_FOLDER.path / folder, ignore_errors=True)


@pytest.fixture
def seen(monkeypatch):
    """Statements that a cluster was asked, by name, in this process."""
    from datong.engine.backends.spark.engine import SparkEngine  # noqa: PLC0415  after the filter

    asked = []
    for name in ("write", "leave"):
        done = getattr(SparkEngine, name)
        monkeypatch.setattr(SparkEngine, name, lambda self, step, *rest, _done=done: (asked.append(step), _done(self, step, *rest))[1])
    return asked


def the_tables(grant):
    return [one for one in exchange.outlets(exchange.published()) if one.grant == grant.number]


def test_a_delivery_holds_what_the_cluster_picked(settings, address, seen):
    grant = a_bulk_grant()
    settings.BULK = Bulk(address)
    row = a_carried_delivery(grant)
    assert (row.stage, row.rows, row.error) == ("ready", 3, "")
    (name,) = [one["name"] for one in row.files if one["name"].endswith(".csv")]
    data = (writing.home(row.number) / name).read_bytes()
    assert sorted(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[:-1] == sorted(map(list, PAIRS))
    assert seen == ["landed"]


def test_a_table_is_made_by_the_cluster_and_not_without_it(settings, address, seen, monkeypatch):
    grant = a_bulk_grant()
    exchange.publish_policy()
    (one,) = the_tables(grant)
    monkeypatch.setattr(deriving.engine, "apart", lambda task, *given, **named: task(*given, **named))
    monkeypatch.setattr("datong.engine.backends.spark.engine.SECONDS", 0.2)
    settings.BULK = Bulk("sc://127.0.0.1:1")
    assert deriving.make_tables(exchange.published()) == 0
    assert not one.ready
    settings.BULK = Bulk(address)
    monkeypatch.setattr("datong.engine.backends.spark.engine.SECONDS", 10)
    assert deriving.make_tables(exchange.published()) == 1
    rows = DeltaTable(str(one.folder)).to_pyarrow_table().to_pylist()
    assert sorted(tuple(row.values()) for row in rows) == sorted(PAIRS)
    assert seen == ["derived"]
