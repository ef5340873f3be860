# SPDX-License-Identifier: Apache-2.0
"""Recording acts: inside a transaction, in order, forever."""

import pytest
from django.db import DatabaseError, connection, transaction

from datong.contexts.audit import domain
from datong.contexts.audit import face as audit
from datong.contexts.audit.models import Act
from datong.contexts.audit.queries import view
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Malformed
from datong.ledger.merkle import leaf_hash


def test_an_act_keeps_strings_of_who_did_what(db, clerk, act):
    (seq,) = act("3330001001/1", why="核对")
    kept = audit.acts(subject="3330001001/1")[0]
    assert (kept.seq, kept.account, kept.department, kept.roles) == (seq, "clerk", clerk.department, ("consumer_applicant", "provider_compiler"))
    assert kept.facts == {"why": "核对"}


def test_the_leaf_is_the_hash_of_the_record(db, act):
    (seq,) = act("x", n=1, 甲="乙")
    row = Act.objects.get(seq=seq)
    assert bytes(row.leaf) == leaf_hash(domain.record_of(view(row)))


def test_numbers_follow_one_another(db, act):
    first = act("a", "b")
    assert act("c") == [first[1] + 1] == [first[0] + 2]


def test_a_rolled_back_act_leaves_no_gap(db, clerk, act):
    before = act("a")[0]
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record("audit.test.done", by=clerk, subject="b")
        raise RuntimeError
    assert act("c") == [before + 1]
    assert not audit.acts(subject="b")


def test_outside_a_transaction_nothing_is_recorded(transactional_db, clerk):
    with pytest.raises(transaction.TransactionManagementError):
        audit.record("audit.test.done", by=clerk, subject="x")
    assert not Act.objects.exists()


@pytest.mark.parametrize("change", ["update audit_act set account = 'nobody'", "delete from audit_act", "truncate audit_act"])
def test_what_is_recorded_stays(db, act, change):
    act("x")
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert audit.acts(subject="x")[0].account == "clerk"


@pytest.mark.parametrize("wrong", [{"tag": "nonsense"}, {"subject": "x" * 301}, {"facts": {"x": 0.5}}])
def test_what_is_out_of_shape_is_refused_and_takes_no_number(db, clerk, act, wrong):
    before = act("a")[0]
    with pytest.raises(Malformed):
        audit.record(**({"tag": "audit.test.done", "by": clerk, "subject": "x"} | wrong))
    assert act("b") == [before + 1]


def test_many_acts_take_their_numbers_at_once_and_in_order(db, clerk, act, django_assert_max_num_queries):
    before = act("a")[0]
    deeds = [audit.Deed("audit.test.done", f"m{n}", {"n": n}) for n in range(300)]
    with django_assert_max_num_queries(3):
        numbers = audit.record_all(deeds, by=clerk)
    assert numbers == range(before + 1, before + 301)
    rows = Act.objects.filter(seq__gt=before).order_by("seq")
    assert [row.subject for row in rows] == [f"m{n}" for n in range(300)]
    assert all(bytes(row.leaf) == leaf_hash(domain.record_of(view(row))) for row in rows)
    assert act("b") == [before + 301]


def test_of_many_acts_one_out_of_shape_refuses_all(db, clerk, act):
    before = act("a")[0]
    with pytest.raises(Malformed):
        audit.record_all([audit.Deed("audit.test.done", "x"), audit.Deed("nonsense", "y")], by=clerk)
    assert audit.record_all([], by=clerk) == range(0)
    assert act("b") == [before + 1]


def test_filters_and_pages_go_from_new_to_old(db, act):
    numbers = act(*[f"s{n}" for n in range(7)])
    page = audit.acts(tag="audit.test", limit=3)
    assert [one.seq for one in page] == numbers[:-4:-1]
    assert [one.seq for one in audit.acts(tag="audit.test", before=page[-1].seq, limit=99)] == numbers[3::-1]
    assert audit.acts(account="nobody") == []


def test_others_see_their_own_department_only(db, clerk, act):
    act("x")
    stranger = Officer("li", "李", "11420000000000001F", "别处", "420000", frozenset({Role.COMPILER}))
    colleague = Officer("wang", "王", clerk.department, "测试厅", "330000", frozenset({Role.COMPILER}))
    auditor = Officer("audit1", "审", "", "", "", frozenset({Role.AUDITOR}))
    homeless = Officer("root", "管", "", "", "", frozenset({Role.SYSADMIN}))
    assert [len(audit.acts(by=by)) for by in (stranger, colleague, auditor, homeless)] == [0, 1, 1, 0]
