# SPDX-License-Identifier: Apache-2.0
"""Rules of subscriptions: events made of images, values as answers show them, pauses that grow."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa

from datong.contexts.subscriptions import domain, permissions
from datong.contexts.subscriptions.domain import BACK_OFF
from datong.kernel.actors import Officer, Role

AT = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


def image(kind, **values):
    return {"_change_type": kind, **values, "_commit_version": 4, "_commit_timestamp": AT}


def test_two_images_are_one_event_and_single_ones_stand_alone():
    rows = [image("delete", a=1), image("update_preimage", a=1), image("update_postimage", a=2), image("insert", a=3)]
    assert list(domain.told(iter(rows))) == [
        (4, "2026-11-22T01:02:03Z", "delete", {"before": {"a": 1}}),
        (4, "2026-11-22T01:02:03Z", "update", {"before": {"a": 1}, "after": {"a": 2}}),
        (4, "2026-11-22T01:02:03Z", "insert", {"after": {"a": 3}}),
    ]


def test_values_look_as_in_answers_of_calls():
    given = [Decimal("12.50"), AT, date(2026, 1, 2), True, None, "王*", 7, 0.5]
    assert [domain.shown(one) for one in given] == ["12.5", "2026-11-22T01:02:03Z", "2026-01-02", True, None, "王*", 7, 0.5]


def test_rows_of_batches_follow_one_another():
    assert list(domain.pairs(pa.table({"a": [1, 2, 3]}).to_batches(max_chunksize=2))) == [{"a": 1}, {"a": 2}, {"a": 3}]


def test_pauses_grow_until_a_batch_is_given_up():
    pauses = [domain.after_failure(tries) for tries in range(1, len(BACK_OFF) + 1)]
    assert pauses == sorted(pauses) == list(BACK_OFF)
    assert domain.after_failure(len(BACK_OFF) + 1) is None


def test_who_keeps_and_who_sees():
    def officer(role):
        return Officer("a", "甲", "11330000002482109N", "民政厅", "330000", frozenset({role}))

    assert [role for role in Role if permissions.check_may_keep.allowed(officer(role), "11330000002482109N")] == [
        Role.APPLICANT,
        Role.CONSUMER_HEAD,
    ]
    assert not permissions.check_may_keep.allowed(officer(Role.APPLICANT), "another")
    assert {role for role in Role if permissions.sees_all(officer(role))} == {Role.AUTHORITY, Role.AUDITOR, Role.SECURITY}
