# SPDX-License-Identifier: Apache-2.0
"""Deliveries through real connections: a PostgreSQL over the network, a file server; another department's, one in use."""

from __future__ import annotations

import psycopg
import pytest
from django.db import transaction

from datong.contexts.connections import usecases as connecting
from datong.contexts.deliveries import usecases
from datong.kernel.actors import Role
from datong.kernel.errors import DatongError, Unknown
from factories import connections, stores
from factories.bridges import a_business_database, over_tcp
from factories.deliveries import a_bulk_grant, a_carried_delivery, a_delivery
from factories.exchange import ROWS
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db
PAIRS = [(code, title) for code, title, _ in ROWS]


@pytest.fixture(scope="module")
def grant(django_db_setup, django_db_blocker):
    """A grant that every test finds as it was."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_bulk_grant()
        transaction.set_rollback(True)


@pytest.fixture
def keeper(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK
    return connections.a_keeper(CONSUMER, Role.APPLICANT)


def test_rows_reach_a_database_over_the_network(grant, keeper):
    with over_tcp(a_business_database()) as dsn:
        made = connections.of_database(keeper, dsn)
        row = a_carried_delivery(grant, channel="table", connection=made.number, place="real_quhua", mode="upsert")
        assert row.stage == "delivered", row.error
        assert row.target == made.name and not made.uses.filter(ended_at=None).exists() and made.uses.exists()
    with psycopg.connect(a_business_database()) as there:
        assert there.execute("select code, title from real_quhua order by 1").fetchall() == PAIRS


def test_files_reach_a_file_server(grant, keeper, tmp_path):
    with stores.a_file_server(tmp_path) as server:
        address = {"host": "127.0.0.1", "port": str(server.port), "folder": "/", "fingerprint": server.fingerprint}
        made = connections.a_connection(keeper, kind="sftp", address=address, account=stores.ACCOUNT, secret=stores.PASSWORD)
        row = a_carried_delivery(grant, connection=made.number, place="收/件")
        assert row.stage == "delivered", row.error
    names = {one.name for one in (tmp_path / "收" / "件").iterdir()}
    assert {one["name"] for one in row.files} | {f"{row.number}.manifest.json"} == names


def test_the_connection_of_another_department_is_unknown(grant):
    other = connections.a_connection(connections.a_keeper(), kind="s3", address={"endpoint": "https://a.example", "bucket": "abc"}, secret="x")
    with pytest.raises(Unknown):
        a_delivery(grant, connection=other.number)


def test_a_connection_in_use_is_not_retired_and_one_of_another_kind_not_taken(grant, keeper):
    with over_tcp(a_business_database()) as dsn:
        made = connections.of_database(keeper, dsn)
        waiting = a_delivery(grant, channel="table", connection=made.number, place="never")
        with pytest.raises(DatongError):
            connecting.retire(made.number, by=keeper)
        with pytest.raises(DatongError):
            a_delivery(grant, connection=made.number)
        usecases.withdraw(waiting.number, by=connections.a_keeper(CONSUMER, Role.APPLICANT))
        connecting.retire(made.number, by=keeper)
