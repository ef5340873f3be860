# SPDX-License-Identifier: Apache-2.0
"""What a landed batch says of one record: yes or no, and nothing where it cannot be told."""

from __future__ import annotations

import pytest

from datong.contexts.exchange import face as exchange
from factories.exchange import ROWS, a_csv_text, a_landed_batch, a_landed_resource, an_offer, index_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    return a_landed_resource()


def held(home, item, value, key="330100000000", batch=None):
    code = home.resource.code
    return exchange.held_in(code, batch or exchange.landed(code), {"code": key}, item, value)


def test_it_tells_what_stands_there(home):
    assert held(home, "title", "杭州市") == exchange.Holding(record=True, holds=True)
    assert held(home, "title", "宁波市") == exchange.Holding(record=True, holds=False)
    assert held(home, "title", "杭州市", key="999999999999") == exchange.Holding(record=False, holds=False)
    assert held(home, "title", "") == exchange.Holding(record=True, holds=False)


def test_it_tells_of_what_is_missing():
    home = a_landed_resource((("330100000000", "", "乙"),))
    assert held(home, "title", "") == exchange.Holding(record=True, holds=True)
    assert held(home, "title", "", key="1") == exchange.Holding(record=False, holds=False)


def test_nothing_is_told_where_it_cannot_be_known(home):
    code = home.resource.code
    landed = exchange.landed(code)
    assert held(home, "no_such_item", "x") is None
    assert exchange.held_in(code, landed, {}, "title", "") is None
    assert exchange.held_in(code, landed, {"strange": "1"}, "title", "x") is None


def test_every_landing_is_known_and_each_answers_for_itself(home):
    code = home.resource.code
    second = a_landed_batch(home, an_offer(a_csv_text((("330100000000", "杭州", "乙"), *ROWS[2:]))))
    new, old = exchange.landings(code)
    assert (new.batch, exchange.landed(code)) == (second.pk, new)
    assert held(home, "title", "杭州市", batch=old).holds
    assert not held(home, "title", "杭州市", batch=new).holds
    index_of(second).unlink()
    assert held(home, "title", "杭州市", batch=new) is None
    assert exchange.landings("307001/999") == []
