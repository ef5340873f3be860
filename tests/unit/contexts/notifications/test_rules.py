# SPDX-License-Identifier: Apache-2.0
"""Rules of notifications: where a webhook may lead, when a message is tried again, when the digest goes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.notifications import domain
from datong.contexts.notifications.domain import BACK_OFF, SHANGHAI
from datong.contexts.notifications.permissions import check_mail_is_sent
from datong.kernel.errors import Malformed
from datong.wire import posting

INSIDE = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


@pytest.mark.parametrize("address", ["224.0.0.1", "ff02::1", "100.64.0.1", "192.0.2.1", "fe80::1%eth0", "::"])
def test_special_addresses_are_not_reachable(address):
    with pytest.raises(Malformed):
        posting.check_addresses([address], (), scheme="https")


def test_one_inner_address_among_several_spoils_all():
    with pytest.raises(Malformed, match="内网"):
        posting.check_addresses(["8.8.8.8", "127.0.0.1"], (), scheme="https")
    assert posting.check_addresses(["8.8.8.8", "1.1.1.1"], (), scheme="https") == "8.8.8.8"


def test_networks_inside_are_reached_when_allowed_and_may_do_without_tls():
    assert posting.check_addresses(["10.1.2.3"], INSIDE, scheme="http") == "10.1.2.3"
    assert posting.check_addresses(["fd00::1"], INSIDE, scheme="http") == "fd00::1"
    for found in (["10.2.0.1"], [], ["8.8.8.8"]):
        with pytest.raises(Malformed):
            posting.check_addresses(found, INSIDE, scheme="http")


def test_a_url_gives_scheme_host_and_port():
    assert posting.check_url("https://a.example/x") == ("https", "a.example", 443)
    assert posting.check_url("http://a.example:8080/x?y=1") == ("http", "a.example", 8080)


def test_pauses_grow_and_end():
    pauses = [domain.after_failure(tries) for tries in range(1, len(BACK_OFF) + 1)]
    assert pauses == sorted(pauses) == list(BACK_OFF) and domain.after_failure(len(BACK_OFF) + 1) is None


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.integers(0, 23))
def test_the_digest_is_the_next_such_hour_in_shanghai(moment, hour):
    now = moment.replace(tzinfo=UTC)
    found = domain.next_digest(now, hour)
    assert now < found <= now + timedelta(days=1) and found.astimezone(SHANGHAI).hour == hour


def test_a_message_has_one_key():
    made = {domain.key_of("330000", notice, account, channel) for notice in (1, 2) for account in "ab" for channel in "ew"}
    assert len(made) == 8 and domain.key_of("330000", 1, "a", "e") in made


def test_mails_need_a_server():
    assert check_mail_is_sent.allowed({"host": "mail"}) and not check_mail_is_sent.allowed(None)
