# SPDX-License-Identifier: Apache-2.0
"""Calls copied from the evidence, once each, and who may read them; how a grant is used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from datong.contexts.exchange import queries, usecases
from datong.contexts.exchange.models import Call
from datong.contexts.exchange.queries import lineage, using
from datong.contexts.exchange.usecases import calls
from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_resource, someone
from factories.exchange import a_call, a_landed_resource, some_calls
from factories.organisations import a_department
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db
TOKEN = {"kind": "token", "at": "2026-03-01T00:00:00Z", "client": "app-1", "status": 200}


def test_calls_are_copied_once_past_tokens_and_from_every_log():
    some_calls("gateway-7", [TOKEN, a_call(1), TOKEN, a_call(2, status=403, code="purpose_required", rows=0)])
    some_calls("gateway-8", [a_call(3)])
    assert usecases.collect_calls() == 3
    assert usecases.collect_calls() == 0
    assert list(Call.objects.order_by("log", "index").values_list("log", "index")) == [("gateway-7", 1), ("gateway-7", 3), ("gateway-8", 0)]
    some_calls("gateway-7", [TOKEN, a_call(4)])
    assert usecases.collect_calls() == 1
    refused = Call.objects.get(status=403)
    assert (refused.code, refused.rows, refused.purpose, refused.at) == (
        "purpose_required", 0, "低保资格核查", datetime(2026, 3, 3, 2, 3, 4, tzinfo=UTC),
    )  # fmt: skip


def test_the_copy_can_be_made_again_from_the_evidence():
    some_calls("gateway-7", [a_call(1), TOKEN, a_call(2)])
    usecases.collect_calls()
    before = list(Call.objects.order_by("index").values_list("index", "at", "request_id", "case"))
    Call.objects.all().delete()
    usecases.collect_calls()
    assert list(Call.objects.order_by("index").values_list("index", "at", "request_id", "case")) == before


def test_more_calls_than_fit_at_once_come_in_one_go(monkeypatch):
    monkeypatch.setattr(calls, "BATCH", 10)
    some_calls("gateway-7", [a_call(number) for number in range(35)])
    assert usecases.collect_calls() == 35
    assert Call.objects.count() == 35


def test_overlong_words_of_a_caller_are_cut():
    some_calls("gateway-7", [a_call(1, purpose="用" * 900, case="", grant=None, rows=None)])
    usecases.collect_calls()
    assert len(Call.objects.get().purpose) == 500


def test_without_evidence_there_are_no_calls():
    assert usecases.collect_calls() == 0


@pytest.fixture
def two_sides():
    resource, other = a_landed_resource(), a_resource(provider="浙江省民宗委")
    consumer = a_department(CONSUMER).uscc
    some_calls(
        "gateway-7",
        [
            a_call(1, resource=resource.resource.code, department=consumer, grant="G1"),
            a_call(2, resource=other.resource.code, department=a_department("第三方").uscc, grant="G2", status=403, code="grant_revoked"),
            a_call(3, resource="", department="", grant="", status=401, code="unauthenticated"),
        ],
    )
    usecases.collect_calls()
    return resource


SEEN = {
    ("provider_compiler", PROVIDER): {"r1"}, ("provider_head", PROVIDER): {"r1"}, ("consumer_applicant", PROVIDER): set(),
    ("consumer_applicant", CONSUMER): {"r1"}, ("consumer_head", CONSUMER): {"r1"}, ("provider_compiler", CONSUMER): set(),
    ("provider_compiler", "浙江省民宗委"): {"r2"}, ("consumer_head", "第三方"): {"r2"}, ("consumer_head", "无关部门"): set(),
    ("authority", "浙江省数据局"): {"r1", "r2", "r3"}, ("auditor", PROVIDER): {"r1", "r2", "r3"},
    ("security_officer", PROVIDER): {"r1", "r2", "r3"}, ("system_administrator", PROVIDER): set(),
}  # fmt: skip


@pytest.mark.parametrize(("role", "department"), SEEN)
def test_who_reads_which_calls(two_sides, role, department):
    by = someone(Role(role), department)
    assert set(queries.calls(by).values_list("request_id", flat=True)) == SEEN[role, department]


def test_calls_are_found_by_grant_resource_and_outcome(two_sides):
    by = someone(Role.AUTHORITY, "浙江省数据局")

    def found(**asked):
        return set(queries.calls(by, **asked).values_list("request_id", flat=True))

    assert found(grant="G1") == {"r1"} == found(resource=two_sides.resource.code) == found(outcome="answered")
    assert found(outcome="refused") == {"r2", "r3"} and found(outcome="strange") == {"r1", "r2", "r3"}
    assert found(grant="\0") == set() == found(resource="\ud800")


SEEN_BATCHES = {
    ("provider_compiler", PROVIDER): True, ("provider_head", PROVIDER): True, ("consumer_applicant", PROVIDER): False,
    ("provider_compiler", CONSUMER): False, ("authority", "浙江省数据局"): True, ("auditor", CONSUMER): True,
    ("system_administrator", PROVIDER): False,
}  # fmt: skip


@pytest.mark.parametrize(("role", "department"), SEEN_BATCHES)
def test_who_sees_which_batches(role, department):
    a_landed_resource()
    assert queries.batches_visible(someone(Role(role), department)).exists() is SEEN_BATCHES[role, department]


def test_use_of_a_grant_counts_as_the_gateway_does():
    now = datetime.now(UTC)
    today, earlier = now.isoformat(), (now - timedelta(days=3)).isoformat()
    some_calls(
        "gateway-7",
        [
            a_call(1, at=earlier, grant="G1", rows=5), a_call(2, at=today, grant="G1"), a_call(3, at=today, grant="G1", rows=0),
            a_call(4, at=today, grant="G1", status=204, code="ok", rows=0), a_call(5, at=today, grant="G1", status=429, code="quota_exhausted"),
            a_call(6, at=today, grant="G2"),
        ],
    )  # fmt: skip
    usecases.collect_calls()
    used = queries.usage("G1", 10)
    assert (used.calls, used.refused, used.rows, used.today, used.quota, used.left) == (5, 1, 7, 2, 10, 8)
    assert [day["calls"] for day in used.days] == [1, 4]
    assert {one["code"]: one["times"] for one in used.reasons} == {"quota_exhausted": 1}
    assert queries.usage("G1", 1).left == 0 and queries.usage("G1").left is None
    assert queries.usage("nothing").last_at is None


def test_a_batch_counts_as_what_it_asks_and_what_has_not_changed_is_answered():
    """As the gateway's quota counts: all of a batch, nothing for 304; but 304 is a use."""
    now = datetime.now(UTC)
    today, earlier = now.isoformat(), (now - timedelta(days=2)).isoformat()
    some_calls(
        "gateway-7",
        [
            a_call(1, at=earlier, grant="G1", channel="verify", calls=900, rows=850), a_call(2, at=today, grant="G1", status=304, rows=0),
            a_call(3, at=today, grant="G1", channel="verify", calls=40), a_call(4, at=today, grant="G1", calls=60, status=429, code="quota_exhausted", rows=0),
            a_call(5, at=today, grant="G2", status=204, rows=0), a_call(6, at=today, grant="G3", status=304, rows=0),
        ],
    )  # fmt: skip
    usecases.collect_calls()
    used = queries.usage("G1", 100)
    assert (used.calls, used.refused, used.rows, used.today, used.left) == (1001, 60, 851, 40, 60)
    assert [(day["calls"], day["refused"]) for day in used.days] == [(900, 0), (101, 60)]
    assert {one["code"]: one["times"] for one in used.reasons} == {"quota_exhausted": 60}
    found = using.figures_of(["G1", "G2", "G3"])
    assert (found["G1"].calls, found["G1"].refused, found["G1"].lately, found["G1"].failing) == (1001, 60, 1001, 60)
    assert found["G1"].last_at == now == found["G3"].last_at and found["G2"].last_at is None
    assert {one.channel: one.times for one in lineage._uses(["G1"])["G1"]} == {"verify": 940, "call": 1}


@pytest.mark.django_db(transaction=True)
def test_each_first_delivery_is_an_act_of_its_own_before_the_calls_count(monkeypatch):
    """Kept open, the act of one would wait for whoever stops another grant, and he for it."""
    seen = []

    def delivered(number, at):
        seen.append((number, connection.in_atomic_block, Call.objects.count()))

    monkeypatch.setattr(calls.sharing, "record_delivery", delivered)
    some_calls("gateway-7", [a_call(1, grant="G1"), a_call(2, grant="G2"), a_call(3, grant="G3", rows=0)])
    assert usecases.collect_calls() == 3
    assert seen == [("G1", False, 0), ("G2", False, 0)]
