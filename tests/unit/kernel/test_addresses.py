# SPDX-License-Identifier: Apache-2.0
"""Where a request comes from: nothing that a stranger says moves it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.addresses import MOST_NETWORKS, inside, networks, origin
from datong.kernel.errors import Malformed

OURS = networks(["10.0.0.0/8", "fd00::/8"])
addresses = st.ip_addresses().map(str)
strangers = addresses.filter(lambda one: not inside(one, OURS))
said = st.one_of(st.text(max_size=40), st.lists(addresses, max_size=5).map(", ".join))


@given(strangers, said)
def test_a_stranger_is_where_he_stands(peer, forwarded):
    assert origin(peer, forwarded, OURS) == peer
    assert origin(peer, forwarded, ()) == peer


@given(said, strangers)
def test_behind_a_proxy_of_ours_the_nearest_stranger_counts(lies, peer):
    assert origin("10.0.0.1", f"{lies}, {peer}", OURS) == peer
    assert origin("10.0.0.1", f"{lies},{peer}, 10.9.9.9,fd00::1", OURS) == peer


@given(st.text(max_size=60))
def test_what_does_not_read_lies_nowhere(text):
    try:
        ip_address(text)
    except ValueError:
        assert not inside(text, networks(["0.0.0.0/0", "::/0"]))


def test_an_ipv4_address_is_one_however_it_is_written():
    assert inside("::ffff:10.1.1.1", OURS)
    assert not inside("::ffff:11.1.1.1", OURS)


def test_networks_are_read_once_each():
    assert [str(one) for one in networks([" 10.1.0.0/16", "10.1.0.0/16", "192.0.2.7", "2001:db8::/32"])] == [
        "10.1.0.0/16", "192.0.2.7/32", "2001:db8::/32",
    ]  # fmt: skip


@pytest.mark.parametrize("bad", ["", "x", "10.1.1.1/8", "10.0.0.0/33", "10.0.0.0/8/8", "\x1b[31m", "１０.0.0.0/8", "9" * 5_000])
def test_a_network_that_does_not_read_is_named(bad):
    with pytest.raises(Malformed) as refused:
        networks([bad], field="proxies")
    assert set(refused.value.fields) == {"proxies"}
    assert len(refused.value.message) < 200 and refused.value.message.isprintable()


def test_there_may_not_be_too_many():
    with pytest.raises(Malformed):
        networks([f"10.0.0.{number}" for number in range(MOST_NETWORKS + 1)])
