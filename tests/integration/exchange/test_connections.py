# SPDX-License-Identifier: Apache-2.0
"""挂接 through a connection: a table, a query, a file and an interface of real systems; whose it has to be, when it is let go."""

from __future__ import annotations

import psycopg
import pytest
from django.test import Client

from datong.contexts.connections import usecases as keeping
from datong.contexts.connections.models import Use
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Source
from datong.contexts.organisations.models import Account
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories import bridges, stores
from factories.connections import a_connection, a_keeper, of_database
from factories.exchange import HEADER, ROWS, a_csv_text, a_landed_batch, a_shared_resource, an_offer

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def business():
    address = bridges.a_business_database()
    columns = ", ".join(f'"{name}" text' for name in HEADER)
    with psycopg.connect(address, autocommit=True) as held:
        held.execute(f"drop table if exists qu; create table qu ({columns})")
        held.cursor().executemany("insert into qu values (%s, %s, %s)", ROWS)
    with bridges.over_tcp(address) as dsn:
        yield dsn


@pytest.fixture
def compiler():
    return a_keeper()


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK


def through(number, **what):
    return usecases.Offer(name=number, connection=number, options=what)


@pytest.mark.parametrize("what", [{"table": "public.qu"}, {"query": "select * from qu where true"}])
def test_rows_of_a_database_land(business, compiler, what):
    made = of_database(compiler, business)
    batch = a_landed_batch(offer=through(made.number, **what))
    assert (batch.stage, batch.rows_good, batch.error) == ("landed", 3, "")
    assert batch.source.connection_id == made.number
    assert batch.source.name.startswith(made.name)
    assert not bytes(batch.source.secret)


def test_a_file_of_a_file_server_lands(compiler, tmp_path):
    (tmp_path / "区划.csv").write_text(a_csv_text(), "gb18030")
    with stores.a_file_server(tmp_path) as server:
        address = {"host": "127.0.0.1", "port": str(server.port), "folder": "/"}
        made = a_connection(compiler, kind="sftp", address=address, account=stores.ACCOUNT, secret=stores.PASSWORD)
        batch = a_landed_batch(offer=through(made.number, path="区划.csv"))
    assert (batch.stage, batch.rows_good, batch.error) == ("landed", 3, "")


def test_rows_of_an_interface_land_and_its_columns_are_remembered(compiler):
    with stores.an_interface() as server:
        rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
        server.answers["/qu"] = lambda asked: {"items": rows[int(asked["page"]) - 1 :][:1]}
        made = a_connection(compiler, address={"base": server.base})
        batch = a_landed_batch(offer=through(made.number, path="/qu", rows="/items", paging="page"))
    assert (batch.stage, batch.rows_good, batch.error) == ("landed", 3, "")
    assert batch.source.options["columns"] == list(HEADER)


def test_a_connection_is_in_use_until_something_else_is_attached(business, compiler):
    made, home = of_database(compiler, business), a_shared_resource()
    usecases.attach(home.resource.code, through(made.number, table="qu"), by=compiler)
    assert [one.subject for one in Use.objects.filter(ended_at=None)] == [home.resource.code]
    with pytest.raises(Conflict):
        keeping.retire(made.number, by=compiler)
    usecases.attach(home.resource.code, an_offer(), by=compiler)
    assert keeping.retire(made.number, by=compiler).retired_at


def test_another_departments_connection_and_what_does_not_fit_are_refused(business, compiler):
    code = a_shared_resource().resource.code
    theirs = of_database(a_keeper("民政厅"), business)
    with pytest.raises(Unknown):
        usecases.attach(code, through(theirs.number, table="qu"), by=compiler)
    ours = of_database(compiler, business)
    for wrong in ({}, {"path": "a.csv"}, {"query": "drop table qu"}, {"table": "nothing"}):
        with pytest.raises(Malformed):
            usecases.attach(code, through(ours.number, **wrong), by=compiler)
    assert not Source.objects.exists()
    assert not Use.objects.exists()


def test_a_connection_that_was_retired_is_not_read_any_more(business, compiler):
    made = of_database(compiler, business)
    batch = a_landed_batch(offer=through(made.number, table="qu"))
    Use.objects.all().delete()
    keeping.retire(made.number, by=compiler)
    with pytest.raises(Refused, match="已停用"):
        usecases.attach(batch.source.resource_id, through(made.number, table="qu"), by=compiler)


def test_the_page_looks_pairs_and_attaches(business, compiler, client: Client):
    client.force_login(Account.objects.get(username=compiler.account))
    made, code = of_database(compiler, business), a_shared_resource().resource.code
    address = f"/exchange/attach/{code}"
    assert made.name in client.get(address).content.decode()
    form = {"connection": made.number, "c-table": "", "c-query": "", "c-rows": "x", "c-paging": "none", "encoding": ""}
    missing = client.post(address, {**form, "step": "look"})
    assert missing.status_code == 422
    assert "库表或者查询" in missing.content.decode()
    looked = client.post(address, {**form, "c-table": "qu", "step": "look"})
    assert ROWS[0][1] in looked.content.decode()
    done = client.post(address, {**form, "c-table": "qu", "step": "attach"})
    assert done.status_code == 302
    assert Source.objects.get().connection_id == made.number


def test_the_interface_looks_and_attaches(business, compiler, client: Client):
    client.force_login(Account.objects.get(username=compiler.account))
    made, code = of_database(compiler, business), a_shared_resource().resource.code
    body = {"connection": made.number, "query": "select * from qu"}
    looked = client.post(f"/api/v1/resources/{code}/readings/inspect", body, content_type="application/json")
    assert looked.json()["columns"] == list(HEADER)
    assert client.post(f"/api/v1/resources/{code}/readings", body, content_type="application/json").status_code == 202
    wrong = {**body, "rows": "/x"}
    assert client.post(f"/api/v1/resources/{code}/readings", wrong, content_type="application/json").status_code == 422
