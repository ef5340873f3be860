# SPDX-License-Identifier: Apache-2.0
"""Rules of connections: what an address may say, what may be read, and that nothing shown holds a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.connections import domain
from datong.contexts.connections.domain import DATABASES, PARTS, READ_FILES, READINGS, ConnectionKind, Opened
from datong.contexts.connections.domain.addresses import ACCOUNTS
from datong.contexts.connections.pages.keeping import ACCOUNTS as ACCOUNT_LABELS
from datong.contexts.connections.pages.keeping import HINTS, SECRETS
from datong.engine.backends.sources import addresses
from datong.kernel.errors import Malformed

SOUND = {
    ConnectionKind.POSTGRES: {"host": "db.example.gov.cn", "database": "renkou"},
    ConnectionKind.MYSQL: {"host": "10.1.2.3", "port": "3307", "database": "renkou", "ssl": "true"},
    ConnectionKind.S3: {"endpoint": "https://s3.example.gov.cn", "bucket": "gov-share"},
    ConnectionKind.SFTP: {"host": "fd00::1", "folder": "/share"},
    ConnectionKind.HTTP: {"base": "https://app.example.gov.cn/api", "signing": "header", "header": "X-Api-Key"},
    ConnectionKind.FOLDER: {"root": "/data/share"},
}


@pytest.mark.parametrize("table", [PARTS, READINGS, ACCOUNTS, SECRETS, HINTS, ACCOUNT_LABELS, SOUND])
def test_every_kind_has_a_row(table):
    assert table.keys() == set(ConnectionKind)


@pytest.mark.parametrize("kind", ConnectionKind)
def test_a_sound_address_is_taken_whole_and_shown_in_a_line(kind):
    parts = domain.address_of(kind, SOUND[kind])
    assert parts.keys() == {part.name for part in PARTS[kind]}
    assert parts.items() >= SOUND[kind].items()
    assert domain.shown(kind, parts)


@pytest.mark.parametrize(
    ("kind", "part", "text"),
    [
        ("postgres", "host", "/var/run/postgresql"),
        ("postgres", "host", "@socket"),
        ("postgres", "host", "a b"),
        ("postgres", "host", "me@host"),
        ("postgres", "host", ""),
        ("postgres", "host", "db.example.gov.cn,evil.example"),
        ("postgres", "port", "0"),
        ("postgres", "port", "65536"),
        ("postgres", "port", "５４３２"),
        ("postgres", "sslmode", "verify"),
        ("postgres", "database", "a\nb"),
        ("mysql", "ssl", "maybe"),
        ("s3", "endpoint", "file:///etc"),
        ("s3", "endpoint", "https://me:pw@s3.example"),
        ("s3", "endpoint", "https://s3.example?x=1"),
        ("s3", "bucket", "../etc"),
        ("s3", "prefix", "a/../b"),
        ("sftp", "fingerprint", "MD5:00"),
        ("sftp", "folder", "/a/../../etc"),
        ("http", "base", "gopher://app.example"),
        ("http", "base", "https://app.example:99999/"),
        ("http", "base", "https://app.example\\@evil.example"),
        ("http", "header", "Host: evil"),
        ("http", "header", ""),
        ("http", "check", "//evil.example"),
        ("http", "signing", "digest"),
        ("folder", "root", "share"),
        ("folder", "root", "/data/../etc"),
        ("folder", "root", "/data//x"),
    ],
)
def test_what_is_no_address_of_a_server_is_refused_by_the_name_of_its_part(kind, part, text):
    with pytest.raises(Malformed) as told:
        domain.address_of(ConnectionKind(kind), {**SOUND[ConnectionKind(kind)], part: text})
    assert set(told.value.fields) == {part}


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("postgres", {}),
        ("postgres", {"table": "a", "query": "select 1"}),
        ("postgres", {"query": "drop table a"}),
        ("postgres", {"path": "a.csv"}),
        ("s3", {"path": "a.exe"}),
        ("s3", {"path": "../a.csv"}),
        ("sftp", {"table": "a"}),
        ("sftp", {"path": "a.db"}),
        ("folder", {"path": "a.csv", "table": "a"}),
        ("sftp", {"path": "a.xlsx", "header_row": "0"}),
        ("http", {"path": "http://evil.example"}),
        ("http", {"path": "//evil.example"}),
        ("http", {"paging": "forever"}),
        ("http", {"rows": "items"}),
        ("http", {"columns": "a"}),
        ("http", {"size_parameter": "n", "page_size": "0"}),
        ("http", {"paging": "page", "first_page": "2"}),
    ],
)
def test_what_cannot_be_read_is_refused(kind, what):
    with pytest.raises(Malformed) as told:
        domain.checked(ConnectionKind(kind), what)
    assert told.value.fields


def test_what_is_read_is_kept_in_one_form_whatever_was_left_out():
    assert domain.checked(ConnectionKind.POSTGRES, {"table": " public.a ", "query": ""}) == {"table": "public.a"}
    assert domain.checked(ConnectionKind.MYSQL, {"query": "select 1 ;\n"}) == {"query": "select 1"}
    assert domain.checked(ConnectionKind.S3, {"path": "a/b.XLSX", "header_row": "2"}) == {"path": "a/b.XLSX", "header_row": 2}
    paged = domain.checked(ConnectionKind.HTTP, {"path": "/v1", "rows": "/data", "paging": "page", "size_parameter": "n"})
    assert paged["page_parameter"] == "page"
    assert paged["page_size"] == 1000
    for kind in ConnectionKind:
        made = {"table": "a"} if kind in DATABASES else {"path": "/a.csv" if kind in READ_FILES else "/a"}
        assert domain.checked(kind, domain.checked(kind, made)) == domain.checked(kind, made)


@given(st.text(min_size=1, max_size=30).filter(str.isprintable), st.text(min_size=1, max_size=30).filter(str.isprintable))
def test_any_account_and_password_come_through_an_address(account, secret):
    for kind in DATABASES:
        opened = Opened("K1", "n", kind, "d", domain.address_of(kind, SOUND[kind]), account, secret)
        if kind is ConnectionKind.MYSQL:
            read = addresses.mysql(domain.dsn_of(opened))
            assert (read.user, read.password, read.ssl) == (account, secret, True)
        else:
            assert addresses.check(domain.dsn_of(opened))


def test_only_databases_have_an_address_for_drivers():
    with pytest.raises(Malformed):
        domain.dsn_of(Opened("K1", "n", ConnectionKind.S3, "d", {}, "a", "b"))
