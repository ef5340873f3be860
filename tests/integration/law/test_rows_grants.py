# SPDX-License-Identifier: Apache-2.0
"""Rows 20, 23 to 26 and 28 to 31 of the law: what a grant is good for, how it ends, who reads of its use.

Each test does what the table's column “how to test” says.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import usecases as catalog
from datong.contexts.catalog.models import Resource
from datong.contexts.catalog.usecases import removals
from datong.contexts.exchange import queries as exchange
from datong.contexts.exchange import usecases as collecting
from datong.contexts.exchange.models import Call
from datong.contexts.periods import face as periods
from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.domain.changes import ChangeStage
from datong.contexts.sharing.domain.disposals import DisposalStage
from datong.contexts.sharing.models import Grant, UseRecord
from datong.kernel.actors import Role
from datong.kernel.errors import Refused, Unknown
from datong.ledger.verify import verify_directory
from factories.catalog import ITEMS, PROVIDER, a_new_version, a_provider_head, an_authority, someone
from factories.changing import a_service_change
from factories.doors import Door, a_door
from factories.sharing import A_CERTIFICATE, a_consumer_head, a_grant, an_applicant, today

pytestmark = pytest.mark.django_db
OTHER = "浙江省交通运输厅"
USE = usecases.Use(today(), today(), "低保资格年度复核", "窗口逐件核对", "减少证明材料", "未留存", "无")


@pytest.fixture
def door():
    """A gateway that answers under one grant, its evidence taken away afterwards."""
    with a_door() as made:
        yield made
    shutil.rmtree(settings.NODE_FOLDER.evidence / "gateway-0", ignore_errors=True)


def test_row_20_809_25_no_extra_column_other_purpose_nor_after_the_end(door: Door):
    assert door.call().status == 200
    refusals = {
        "extra column": door.call("code=330100000000&items=code,title"),
        "other purpose": door.call(purpose="商业查询"),
        "other way": door.call(channel="verify"),
    }
    assert {what: reply.status for what, reply in refusals.items()} == {
        "extra column": 403, "other purpose": 403, "other way": 405,
    }  # fmt: skip
    usecases.expire_grants(datetime.combine(door.grant.valid_until + timedelta(days=2), datetime.min.time(), UTC))
    door.publish()
    after = door.call()
    assert (after.status, after.code) == (403, "grant_expired")
    collecting.collect_calls()
    kept = list(Call.objects.filter(status=403).values_list("code", flat=True))
    assert sorted(kept) == sorted(["grant_expired", "purpose_mismatch", refusals["extra column"].code])


def test_row_23_809_26_the_consumer_sees_as_many_calls_as_the_log_holds(door: Door):
    for _ in range(3):
        assert door.call().status == 200
    assert door.call(purpose="别的目的").status == 403
    collecting.collect_calls()
    used = exchange.usage(door.grant.number, 1000)
    assert (used.calls, used.refused, used.left) == (4, 1, 997)
    assert used.calls == exchange.calls(an_applicant(), grant=door.grant.number).count() == logged(door)


def logged(door: Door) -> int:
    """Records of calls in the gateway's own log."""
    reports = {report.directory: report for report in verify_directory(settings.NODE_FOLDER.evidence)}
    gateway = next(report for name, report in reports.items() if "gateway-0" in str(name))
    return gateway.size - 1  # the first one is the request for the token


def test_row_24_809_27_a_suspension_bites_within_a_second_and_a_restoration_works(door: Door):
    for by in (a_provider_head(), an_authority()):
        assert door.call().status == 200
        usecases.suspend_grant(door.grant.number, "超范围使用", mend_by=today() + timedelta(days=5), by=by)
        door.publish()
        refused = door.call()
        assert (refused.status, refused.code) == (403, "grant_suspended")
        assert queries.grant_of(door.grant.number, by=by).mend_by == today() + timedelta(days=5)
        usecases.resume_grant(door.grant.number, "已整改", by=by)
        door.publish()
        assert door.call().status == 200
    usecases.suspend_grant(door.grant.number, "再次超范围使用", by=a_provider_head())
    usecases.revoke_grant(door.grant.number, "拒不整改", by=a_provider_head())
    door.publish()
    assert door.call().code == "grant_revoked"


def test_row_25_809_27_an_ended_grant_leaves_a_task_and_without_certificate_a_breach():
    made = a_grant()
    usecases.expire_grants(datetime.combine(made.valid_until + timedelta(days=2), datetime.min.time(), UTC))
    task = made.disposal
    assert (task.stage, task.number[0]) == (DisposalStage.OPEN, "X")
    assert [one.subject for one in periods.notices(an_applicant()) if one.subject_kind == "disposal"] == [task.number]
    last = datetime.combine(task.due, datetime.min.time(), UTC)
    assert usecases.watch_disposals(last) == 0
    assert usecases.watch_disposals(last + timedelta(days=1)) == 1 and usecases.watch_disposals(last + timedelta(days=2)) == 0
    for by in (a_provider_head(), an_authority(), an_applicant()):
        assert queries.disposal_of(task.number, by=by).stage == DisposalStage.BREACHED
        assert "overdue" in {one.kind for one in periods.notices(by) if one.subject == task.number}
    usecases.certify_disposal(task.number, A_CERTIFICATE, by=an_applicant())
    made.refresh_from_db()
    assert made.stage == "disposed"
    assert [one for one in periods.notices(a_provider_head()) if one.subject == task.number] == []


def test_row_26_809_27_neither_stopped_nor_altered_without_negotiation_and_filing():
    made = a_grant()
    code = made.resource_id
    with pytest.raises(Refused, match="协商"):
        removals.ask_removal(code, "职责调整", by=a_provider_head())
    with pytest.raises(Refused, match="协商"):
        catalog.withdraw_entry(Resource.objects.get(code=code).current_id, "职责调整", by=an_authority())
    with pytest.raises(Refused, match="擅自停止"):
        usecases.revoke_grant(made.number, "不想提供", by=a_provider_head())
    other = a_grant()
    with pytest.raises(Refused, match="拟删除的信息项"):
        a_new_version(other.resource_id, items=ITEMS[1:2])
    Grant.objects.filter(pk=other.pk).update(stage="expired", stage_reason="期满")
    catalog.consent_entry(other.resource.versions.latest("number").pk, by=a_provider_head())
    change = a_service_change(code, stage=ChangeStage.NEGOTIATING)
    with pytest.raises(Refused, match="未答复"):
        usecases.file_change(change.number, "无须协商", by=a_provider_head())
    usecases.answer_change(change.number, "objected", "低保办理依赖此接口", by=a_consumer_head())
    usecases.file_change(change.number, "已给出替代接口", by=a_provider_head())
    usecases.record_change(change.number, accept=True, filing="浙数备〔2026〕2号", by=an_authority())
    with pytest.raises(Refused, match="此前服务不变"):
        usecases.effect_change(change.number, by=a_provider_head())
    type(change).objects.filter(pk=change.pk).update(effective_on=today())
    usecases.effect_change(change.number, by=a_provider_head())
    made.refresh_from_db()
    assert made.stage == "revoked" and made.disposal.stage == DisposalStage.OPEN
    removals.ask_removal(code, "职责调整", by=a_provider_head())


@pytest.mark.django_db(transaction=True)
def test_row_28_809_29_use_records_are_not_deleted_within_three_years_and_their_evidence_holds():
    made = a_grant()
    record = usecases.record_use(made.number, USE, by=an_applicant())
    for attempt in (record.delete, lambda: UseRecord.objects.update(effect="无")):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    audit.seal()
    assert all(report.ok for report in verify_directory(settings.NODE_FOLDER.evidence))
    assert "sharing.use.recorded" in {act.tag for act in audit.acts(subject=made.number)}


def test_row_29_809_29_records_are_read_by_both_sides_and_those_who_supervise_only(door: Door):
    door.call()
    collecting.collect_calls()
    usecases.record_use(door.grant.number, USE, by=an_applicant())
    for by in (a_provider_head(), an_authority(), an_applicant(), someone(Role.AUDITOR, "浙江省数据局")):
        assert exchange.calls(by, grant=door.grant.number).count() == 1
        assert queries.uses(by, grant=door.grant.number).count() == 1
    for by in (a_provider_head(OTHER), someone(Role.APPLICANT, OTHER), someone(Role.SYSADMIN, PROVIDER)):
        assert exchange.calls(by, grant=door.grant.number).count() == 0 == queries.uses(by, grant=door.grant.number).count()
        with pytest.raises(Unknown):
            queries.grant_of(door.grant.number, by=by)


def test_row_30_809_31_all_traffic_comes_through_the_gateways_and_their_grants(door: Door):
    door.call()
    door.call(purpose="别的目的")
    collecting.collect_calls()
    gateways = {folder.name for folder in settings.NODE_FOLDER.evidence.glob("gateway-*")}
    assert set(Call.objects.values_list("log", flat=True)) == gateways
    ways = {(row.number, way) for row in Grant.objects.all() for way in queries.envelope(row)["grant"]["channels"]}
    assert set(Call.objects.filter(status=200).values_list("grant", "channel")) <= ways
    assert set(Call.objects.values_list("client", flat=True)) == {door.grant.application_id}


def test_row_31_809_34_a_tampered_hop_does_not_verify_and_the_log_names_who(door: Door, tmp_path: Path):
    door.call()
    collecting.collect_calls()
    call = Call.objects.get()
    assert (call.client, call.department, call.grant) == (door.grant.application_id, door.grant.consumer_id, door.grant.number)
    place = shutil.copytree(settings.NODE_FOLDER.evidence, tmp_path / "evidence")
    assert all(report.ok for report in verify_directory(place))
    segment = next((place / "gateway-0").glob("*.seg"))
    data = bytearray(segment.read_bytes())
    spot = data.find(door.grant.number.encode())
    data[spot] ^= 1
    segment.write_bytes(data)
    assert not all(report.ok for report in verify_directory(place))
