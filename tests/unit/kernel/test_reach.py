# SPDX-License-Identifier: Apache-2.0
"""Where the node may send: public addresses and networks it was told of, whatever dress an address wears."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from datong.kernel import reach
from datong.kernel.reach import Hindrance

INSIDE = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


@given(st.ip_addresses())
@example(ip_address("::ffff:10.0.0.1"))
def test_only_public_addresses_are_reachable_unless_allowed(address):
    reachable = reach.is_reachable(address, ())
    assert not reachable or (address.is_global and not address.is_loopback and not address.is_link_local)
    assert reach.is_reachable(address, (ip_network(address),))


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_what_it_is(address):
    assert reach.is_reachable(ip_address(f"::ffff:{address}"), ()) == reach.is_reachable(address, ())
    assert not reach.is_reachable(ip_address(f"64:ff9b::{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"), ())


@pytest.mark.parametrize(
    ("found", "encrypted", "hindered"),
    [
        ([], True, Hindrance.UNKNOWN),
        (["10.1.2.3"], False, Hindrance.NONE),
        (["10.2.0.1"], True, Hindrance.INNER),
        (["8.8.8.8", "127.0.0.1"], True, Hindrance.INNER),
        (["8.8.8.8"], True, Hindrance.NONE),
        (["8.8.8.8"], False, Hindrance.PLAIN),
        (["169.254.169.254"], True, Hindrance.INNER),
    ],
)
def test_every_address_of_a_name_has_to_be_allowed(found, encrypted, hindered):
    assert reach.hindrance(found, INSIDE, encrypted=encrypted) is hindered
