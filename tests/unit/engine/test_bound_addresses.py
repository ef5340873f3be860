# SPDX-License-Identifier: Apache-2.0
"""Addresses of databases bound to where they lead: hostile names and numbers, names that move, the way that is taken."""

from __future__ import annotations

import socket
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from datong.engine.backends.sources import addresses
from datong.engine.errors import SourceUnreadable
from datong.kernel.errors import Malformed

INSIDE = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))
NAMES = {
    "db.inside": ["10.20.0.5"],
    "two.faces": ["10.20.0.5", "169.254.169.254"],
    "public": ["93.184.216.34"],
    "six": ["fd00::5"],
}
HOSTILE = (
    "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "192.168.1.1", "0.0.0.0", "[::1]",
    "[::ffff:127.0.0.1]", "[fe80::1]", "[64:ff9b::7f00:1]", "two.faces", "nobody.knows",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _names(monkeypatch):
    real = socket.getaddrinfo

    def found(host, port, **more):
        if host in NAMES:
            return [(0, 0, 0, "", (one, port)) for one in NAMES[host]]
        if host == "localhost":
            return [(0, 0, 0, "", ("127.0.0.1", port))]
        return real(host, port, **more, flags=socket.AI_NUMERICHOST)

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("host", HOSTILE)
@pytest.mark.parametrize("form", ["postgresql://a:b@{}:5432/c?sslmode=require", "mysql://a:b@{}:3306/c?ssl=true"])
def test_where_nobody_named_is_not_reached(form, host):
    with pytest.raises(SourceUnreadable) as refused:
        addresses.bound(form.format(host), INSIDE)
    said = f"{refused.value} {refused.value.fields} {refused.value.remedy}"
    assert host.strip("[]") not in said


def test_the_way_goes_to_the_address_that_was_checked():
    made = addresses.bound("postgresql://a:b@db.inside:6543/c", INSIDE)
    assert made.startswith("postgresql://")
    assert conninfo_to_dict(made) | {} == {
        "user": "a",
        "password": "b",
        "host": "db.inside",
        "port": "6543",
        "dbname": "c",
        "hostaddr": "10.20.0.5",
    }
    assert addresses.mysql(addresses.bound("mysql://a%40b:p%2Fw@db.inside/c?charset=gbk", INSIDE)).host == "10.20.0.5"
    assert addresses.mysql(addresses.bound("mysql://a:b@six/c", INSIDE)).host == "fd00::5"
    assert conninfo_to_dict(addresses.bound("host=six user=a dbname=c", INSIDE))["hostaddr"] == "fd00::5"
    assert conninfo_to_dict(addresses.bound("postgresql://a@db.inside,six/c", INSIDE))["hostaddr"] == "10.20.0.5,fd00::5"


@pytest.mark.parametrize(
    "said", ["hostaddr=127.0.0.1", "hostaddr=169.254.169.254", "host=127.0.0.1", "hostaddr=10.20.0.5,127.0.0.1"]
)
def test_no_option_leads_around_the_check(said):
    with pytest.raises((SourceUnreadable, Malformed)):
        addresses.bound(f"postgresql://a@db.inside/c?sslmode=require&{said}", INSIDE)


@pytest.mark.parametrize("dsn", ["postgresql://a@public/c", "postgresql://a@public/c?sslmode=prefer", "mysql://a:b@public/c"])
def test_public_servers_want_encryption(dsn):
    with pytest.raises(SourceUnreadable, match="加密"):
        addresses.bound(dsn, INSIDE)
    secured = dsn.partition("?")[0] + ("?ssl=true" if dsn.startswith("mysql") else "?sslmode=require")
    assert "93.184.216.34" in addresses.bound(secured, INSIDE)


@pytest.mark.parametrize(
    "dsn", ["postgresql:///c?host=/var/run/postgresql&user=a", "postgresql://a@/c", "host=@x user=a dbname=c", "nonsense"]
)
def test_no_socket_of_this_machine(dsn):
    with pytest.raises(Malformed):
        addresses.bound(dsn, INSIDE)


@given(st.ip_addresses())
def test_whatever_number_is_given_only_what_is_allowed_is_reached(number):
    host = f"[{number}]" if number.version == 6 else str(number)
    inside = any(number in network for network in INSIDE if network.version == number.version)
    try:
        addresses.bound(f"mysql://a:b@{host}/c", INSIDE)
    except SourceUnreadable:
        assert not inside
    else:
        assert inside
