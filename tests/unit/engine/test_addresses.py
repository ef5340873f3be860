# SPDX-License-Identifier: Apache-2.0
"""Addresses of databases: a server, an account, a database; nothing that reads this machine."""

import pytest

from datong.engine import face as engine
from datong.engine.backends.sources import addresses
from datong.kernel.errors import Malformed


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://me:pw@db.gov.cn:5432/people", "postgres://me@10.0.0.1/people?sslmode=require", " mysql://me:p%40w@db:3307/people?charset=gbk&ssl=true ",
     "mariadb://me@db/people"],
)  # fmt: skip
def test_servers_are_taken(dsn):
    assert engine.check_address(dsn) == dsn.strip()


@pytest.mark.parametrize(
    "dsn",
    [
        "", "s3cret", "host=db user=me dbname=x password=s3cret", "sqlite:///etc/s3cret", "file:///etc/passwd", "mysql:s3cret",
        "postgresql:///x?user=s3cret", "postgresql://me:s3cret@/x", "postgresql://me:s3cret@%2Fvar%2Frun/x", "postgresql://me:s3cret@h/x?host=/tmp",
        "postgresql://me:s3cret@h/x?service=s", "postgresql://me:s3cret@h/x?passfile=/root/.pgpass", "postgresql://me:s3cret@h/x?sslkey=/root/k",
        "postgresql://me:s3cret@h/x?sslrootcert=/etc/x", "postgresql://me:s3cret@h/x?options=-c%20x", "postgresql://me:s3cret@h,/tmp/x",
        "postgresql://me:s3cret@h1,%2Ftmp/x", "postgresql://s3cret@h", "postgresql://h/x", "postgresql://me:s3cret@h:port/x",
        "mysql://me:s3cret@h/x?local_infile=1", "mysql://me:s3cret@h/x?read_default_file=/etc/my.cnf", "mysql://me:s3cret@h/x?unix_socket=/tmp/s",
        "mysql://me:s3cret@h/x?ssl_ca=/etc/x", "mysql://me:s3cret@/x", "mysql://me:s3cret@h/", "mysql://s3cret@h/a/b", "mysql://h/s3cret",
        "mysql://me:s3cret@h:99999999/x", "mysql://me:s3cret@[/x", "mysql://me:s3cret@h/x\n", "postgresql://me:s3cret@h/" + "x" * 3000,
    ],
)  # fmt: skip
def test_whatever_reads_this_machine_is_refused_and_nothing_is_quoted(dsn):
    with pytest.raises(Malformed) as caught:
        engine.check_address(dsn + "\x00" if dsn.endswith("\n") else dsn)
    said = f"{caught.value} {caught.value.fields} {caught.value.remedy} {caught.value.__cause__}"
    assert "dsn" in caught.value.fields
    assert "s3cret" not in said


def test_an_address_hides_its_password():
    where = addresses.mysql("mysql://me:s3%2Fcret@h/x")
    assert where.password == "s3/cret"
    assert "cret" not in repr(where)
    assert "cret" not in repr(engine.database("mysql://me:s3cret@h/x")) + repr(engine.database("postgresql://me:s3cret@h/x"))
