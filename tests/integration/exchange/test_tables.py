# SPDX-License-Identifier: Apache-2.0
"""Tables of other PostgreSQL databases: named in Chinese, by a wrong password, hostile addresses, the node's own."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.exchange.usecases import addresses, sources
from datong.kernel.errors import Malformed, Refused
from factories import stores
from factories.catalog import a_compiler
from factories.exchange import ROWS, a_batch, a_landed_batch, a_shared_resource
from factories.sheets import rows_of

pytestmark = pytest.mark.django_db
SECRET = "s3cret-Pa55"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK


def pump(one, other):
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def relay(near, folder):
    with near, socket.socket(socket.AF_UNIX) as far:
        far.connect(f"{folder}/.s.PGSQL.5432")
        back = threading.Thread(target=pump, args=(far, near))
        back.start()
        pump(near, far)
        back.join()


@pytest.fixture(scope="module")
def port():
    """The test run's PostgreSQL behind a port, for it listens on a Unix socket only."""
    folder = connection.settings_dict["HOST"]
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=relay, args=(server.accept()[0], folder), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


@pytest.fixture(scope="module")
def business():
    """A database of a business system, and an account that needs its password."""
    name, role = f"business_{connection.settings_dict['NAME']}"[-60:], "datong_reader"
    admin = f"host={connection.settings_dict['HOST']} user=postgres"
    with psycopg.connect(f"{admin} dbname=postgres", autocommit=True) as server:
        server.execute(f"drop database if exists {name}")
        server.execute(f"create database {name}")
        with contextlib.suppress(psycopg.errors.DuplicateObject):
            server.execute(f"create role {role} login password '{SECRET}'")
        file = server.execute("show hba_file").fetchone()[0]
        line = f"local all {role} scram-sha-256\n"
        with Path(file).open("r+") as hba:
            text = hba.read()
            if line not in text:
                hba.seek(0)
                hba.write(line + text)
        server.execute("select pg_reload_conf()")
    with psycopg.connect(f"{admin} dbname={name}", autocommit=True) as database:
        database.execute('create schema "民政"')
        database.execute('create table "民政"."区划 表" ("区划代码" char(12), "区划名称" text, "内部备注" text)')
        database.execute('insert into "民政"."区划 表" values (%s, %s, %s), (%s, %s, %s), (%s, %s, %s)', [cell for row in ROWS for cell in row])
        database.execute("create view slow as select pg_sleep(60)::text as a")
        database.execute(f'grant usage on schema "民政" to {role}; grant select on all tables in schema "民政", public to {role}')
    yield name, role
    with psycopg.connect(f"{admin} dbname=postgres", autocommit=True) as server:
        server.execute(f"drop database {name} with (force)")


@pytest.fixture
def dsn(port, business):
    name, role = business
    return f"postgresql://{role}:{SECRET}@127.0.0.1:{port}/{name}"


def offer(dsn, table="民政.区划 表", **more):
    return usecases.Offer(name=table, dsn=dsn, options={"table": table}, **more)


def refused(dsn, table="民政.区划 表"):
    resource = a_shared_resource()
    with pytest.raises((Malformed, Refused)) as caught:
        usecases.attach(resource.resource.code, offer(dsn, table), by=a_compiler())
    error = caught.value
    said = f"{error!r} {error.fields} {error.remedy} {error.__cause__!r}"
    assert SECRET not in said and not Source.objects.exists()
    return error


def test_a_table_named_in_chinese_lands(dsn):
    batch = a_landed_batch(offer=offer(dsn))
    assert (batch.stage, batch.rows_good) == ("landed", 3), batch.error
    found = rows_of(settings.NODE_FOLDER.lake / batch.source.resource_id.replace("/", "-"))
    assert sorted(row["code"] for row in found) == [row[0] for row in ROWS]
    assert SECRET.encode() not in bytes(batch.source.secret)
    assert SECRET not in str(Batch.objects.filter(pk=batch.pk).values().get()) + str(Source.objects.values().get())


def test_a_table_that_is_gone_at_landing_time_fails_in_words(dsn, business):
    batch = a_batch(offer=offer(dsn))
    Source.objects.filter(pk=batch.source_id).update(options={"table": "民政.没有"})
    ended = usecases.run_batch(batch.pk)
    assert ended.stage == "failed" and "没有" in ended.error and SECRET not in ended.error


@pytest.mark.parametrize("table", ["民政.没有", "没有", 'x"; drop schema "民政"; --', "(select 1)", "a.b.c"])
def test_a_table_that_is_not_there_is_told(dsn, table):
    assert "table" in refused(dsn, table).fields


@pytest.mark.parametrize("table", ["a\0b", "x" * 300, "\u202e"])
def test_a_table_that_cannot_be_named_is_told(dsn, table):
    assert "table" in refused(dsn, table).fields


def test_a_wrong_password_account_or_server_is_told(dsn, business):
    name, role = business
    for wrong in (dsn.replace(SECRET, f"{SECRET}x"), dsn.replace(role, "nobody_here"), f"postgresql://a:{SECRET}@127.0.0.1:1/{name}"):
        assert "dsn" in refused(wrong).fields
    assert "dsn" in refused(dsn.replace(name, "nothing")).fields


@pytest.mark.parametrize(
    "address",
    [
        "", "not an address", f"postgresql://u:{SECRET}@/db", "postgresql:///db?host=/tmp", "host=/run/pg dbname=x user=y",
        "postgresql://u@%2Ftmp/db", "postgresql://u@h/db?sslkey=/etc/shadow", "postgresql://u@h/db?passfile=/x", "mysql://u:p@h/db",
        "postgresql://u@h/db?options=-c%20log_statement%3Dall", "host=@abstract dbname=x user=y", f"host=a dbname=x user=y password={SECRET} sslkey=/etc/shadow",
        "host=a dbname=x user=y passfile=/root/.pgpass", "service=mine", "host=a dbname=x user=y servicefile=/etc/passwd",
        "host=a dbname=x user=y sslcert=/x sslrootcert=/etc/passwd", "host=a dbname=x user=y sslrootcert=/etc/passwd",
        "host=a,/tmp dbname=x user=y", "host=a dbname=x user=y options='-c log_statement=all'", "host=a user=y", "host=a dbname=x",
        f"host=a dbname=x user=y password={SECRET} sslkeylogfile=/tmp/x", "hostaddr=127.0.0.1 dbname=x user=y", "host=a\0 dbname=x user=y",
    ],
)  # fmt: skip
def test_an_address_that_reaches_into_this_machine_is_refused(address):
    with pytest.raises(Malformed) as caught:
        addresses.checked(address)
    assert SECRET not in f"{caught.value!r}{caught.value.fields}{caught.value.remedy}" and caught.value.fields["dsn"]


def test_no_password_of_the_nodes_own_is_lent(dsn):
    assert "passfile" in addresses.checked(dsn)


def test_the_nodes_own_database_is_refused_whatever_it_is_called(port, business):
    name = connection.settings_dict["NAME"]
    for host in ("127.0.0.1", "localhost"):
        error = refused(f"postgresql://postgres@{host}:{port}/{name}", "organisations_account")
        assert isinstance(error, Refused) and "自己" in error.message


def test_a_slow_table_is_given_up(dsn, monkeypatch):
    monkeypatch.setattr("datong.engine.backends.sources.relational.GLANCE", 1)
    error = refused(dsn, "slow")
    assert "table" in error.fields


def test_a_sealed_address_opens_only_here():
    sealed = sources.seal(f"host=a password={SECRET}")
    assert SECRET.encode() not in sealed
    assert sources.seal("x") != sources.seal("x")
