# SPDX-License-Identifier: Apache-2.0
"""A delivered batch is called back: everybody who could have got it is asked, and says what became of it."""

from __future__ import annotations

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.corrections import face, queries, usecases
from datong.contexts.corrections.domain.recalls import RecallStage
from datong.contexts.exchange import face as exchange
from datong.contexts.periods import face as periods
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from factories.catalog import a_compiler, a_provider_head, an_authority, someone
from factories.corrections import a_used_resource, mended_rows
from factories.exchange import a_landed_resource
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
OTHER = "浙江省人力资源和社会保障厅"
LATER = "浙江省水利厅"


def served(home) -> int:
    return exchange.landed(home.resource.code).batch


def recalled(home, batch=None):
    return usecases.recall(home.resource.code, batch or served(home), "公民身份号码整列错位", by=a_provider_head())


def test_everybody_who_could_have_it_is_told_and_answers():
    home = a_used_resource(CONSUMER, OTHER)
    batch = served(home)
    row = recalled(home, batch)
    assert exchange.landed(home.resource.code) is None  # a recalled batch serves no more
    assert {act.tag for act in audit.acts(subject=home.resource.code, limit=3)} >= {"exchange.batch.recalled"}
    assert {one.department.name for one in row.receipts.all()} == {CONSUMER, OTHER}
    for name in (CONSUMER, OTHER):
        for role in (Role.APPLICANT, Role.CONSUMER_HEAD):
            (notice,) = [one for one in periods.notices(someone(role, name)) if one.subject_kind == "recall"]
            assert notice.href == f"/recalls/{row.number}"
    (mine,) = [one for one in face.waiting(someone(Role.APPLICANT, CONSUMER)) if one.number == row.number]
    assert (mine.stage_label, mine.href) == ("待回执", f"/recalls/{row.number}")
    usecases.acknowledge(row.number, "destroyed", "已从前置库删除", by=someone(Role.APPLICANT, CONSUMER))
    row.refresh_from_db()
    assert row.stage == RecallStage.OPEN
    assert [one.department.name for one in queries.receipts_visible(row, a_provider_head()) if one.stage == "outstanding"] == [
        OTHER
    ]
    assert [one for one in periods.notices(someone(Role.APPLICANT, CONSUMER)) if one.subject_kind == "recall"] == []
    assert usecases.urge_receipts(row.number, by=a_provider_head()) == 1
    assert "urged" in {one.kind for one in periods.notices(someone(Role.CONSUMER_HEAD, OTHER))}
    usecases.acknowledge(row.number, "not_received", by=someone(Role.CONSUMER_HEAD, OTHER))
    row.refresh_from_db()
    assert (row.stage, row.finished_at is not None) == (RecallStage.FINISHED, True)
    assert [act.tag for act in audit.acts(subject=row.number, limit=2)] == [
        "corrections.recall.finished",
        "corrections.receipt.given",
    ]
    with pytest.raises(IllegalMove):
        usecases.acknowledge(row.number, "destroyed", by=someone(Role.APPLICANT, CONSUMER))
    with pytest.raises(IllegalMove):
        usecases.urge_receipts(row.number, by=a_provider_head())


def test_who_came_after_the_batch_is_not_asked():
    home = a_used_resource(CONSUMER)
    old = served(home)
    mended_rows(home)
    a_grant(
        request=a_request(a_request_draft(home, consumer=LATER, items=("code",), rows=(), row_scope=""), consumer=LATER),
        consumer=LATER,
    )
    assert {one.department.name for one in recalled(home, old).receipts.all()} == {CONSUMER}
    assert {one.department.name for one in recalled(home).receipts.all()} == {CONSUMER, LATER}
    assert queries.recallable(home.resource.code) == []


def test_a_batch_nobody_could_have_is_recalled_at_once():
    home = a_landed_resource()
    assert usecases.recall(home.resource.code, served(home), "装错了", by=a_provider_head()).stage == RecallStage.FINISHED


def test_only_the_head_recalls_and_each_batch_once():
    home = a_used_resource()
    for by in (a_compiler(), an_authority(), someone(Role.PROVIDER_HEAD, OTHER)):
        with pytest.raises(Refused, match="负责人"):
            usecases.recall(home.resource.code, served(home), "错", by=by)
    for batch, reason in ((0, "错"), (served(home), " "), (999_999, "错")):
        with pytest.raises(Malformed):
            usecases.recall(home.resource.code, batch, reason, by=a_provider_head())
    batch = served(home)
    recalled(home, batch)
    with pytest.raises(Malformed, match="已经召回"):
        recalled(home, batch)


def test_who_sees_what_of_a_recall():
    row = recalled(a_used_resource(CONSUMER, OTHER))
    assert queries.receipts_visible(row, an_authority()).count() == 2
    assert [one.department.name for one in queries.receipts_visible(row, someone(Role.APPLICANT, OTHER))] == [OTHER]
    with pytest.raises(Unknown):
        queries.recall_of(row.number, by=someone(Role.APPLICANT, LATER))
    assert queries.recalls(someone(Role.APPLICANT, LATER)).count() == 0
    assert not queries.sees_every_receipt(row, someone(Role.APPLICANT, OTHER))
    (listed,) = queries.recalls(a_compiler())
    assert (listed.asked, listed.given) == (2, 0)
    with pytest.raises(Refused):
        usecases.acknowledge(row.number, "destroyed", by=a_compiler())
    with pytest.raises(Refused):
        usecases.acknowledge(row.number, "destroyed", by=someone(Role.COMPILER, CONSUMER))
    with pytest.raises(Malformed):
        usecases.acknowledge(row.number, "kept", by=someone(Role.APPLICANT, CONSUMER))
