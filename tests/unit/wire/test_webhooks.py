# SPDX-License-Identifier: Apache-2.0
"""Standard Webhooks: the published example verifies, and nothing that was touched does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.wire import webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example():
    assert webhooks.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY) == SIGNATURE


@given(st.binary(max_size=200), st.integers(0, 2**33), st.text("abc_", min_size=1, max_size=40))
def test_what_was_signed_is_known_and_what_was_touched_is_not(body, at, identifier):
    secret = webhooks.new_secret()
    given_headers = webhooks.headers(secret, identifier, at, body)
    assert webhooks.is_signed(secret, given_headers, body, at)
    assert not webhooks.is_signed(secret, given_headers, body + b" ", at)
    assert not webhooks.is_signed(secret, {**given_headers, "webhook-id": identifier + "x"}, body, at)
    assert not webhooks.is_signed(secret, given_headers, body, at + webhooks.TOLERANCE + 1)
    assert not webhooks.is_signed(webhooks.new_secret(), given_headers, body, at)


def test_one_of_several_signatures_suffices():
    made = webhooks.headers(SECRET, "m", 5, BODY)
    several = {**made, "webhook-signature": f"v1,AAAA {made['webhook-signature']}"}
    assert webhooks.is_signed(SECRET, several, BODY, 5)


@pytest.mark.parametrize("stamp", ["", "now", "-1", "٣", "9" * 30])
def test_a_time_that_does_not_read_is_no_time(stamp):
    assert not webhooks.is_signed(SECRET, {**webhooks.headers(SECRET, "m", 5, BODY), "webhook-timestamp": stamp}, BODY, 5)


def test_a_secret_reads():
    with pytest.raises(Malformed):
        webhooks.sign("whsec_***", "m", 1, BODY)
