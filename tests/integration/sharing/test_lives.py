# SPDX-License-Identifier: Apache-2.0
"""The life of a grant beyond its making: superseded, ended by its consumer, renewed, accounted for, destroyed; changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from datong.config.node.folder import NodeFolder
from datong.contexts.audit import face as audit
from datong.contexts.exchange.usecases import publish_policy
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face, queries, usecases
from datong.contexts.sharing.domain import GrantStage
from datong.contexts.sharing.domain.changes import ChangeStage
from datong.contexts.sharing.domain.disposals import Certificate, DisposalStage
from datong.contexts.sharing.models import DisposalTask, Grant
from datong.crypto import keys
from datong.gateway.granting import choose
from datong.gateway.refusals import GrantExpired, GrantRevoked
from datong.gateway.snapshot import Standing
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from datong.wire import grants as wire
from datong.wire.policy import Resource
from factories.catalog import a_compiler, a_provider_head, an_authority, someone
from factories.changing import a_service_change
from factories.sharing import (
    A_CERTIFICATE,
    CONSUMER,
    a_consumer_head,
    a_grant,
    a_request,
    an_amending_request,
    an_amendment,
    an_applicant,
    today,
)

pytestmark = pytest.mark.django_db
OTHER = "浙江省交通运输厅"
EXPLAINED = {"resource": "", "application": "", "account": "", "item": ""}


def explain(grant, *, by, **more):
    asked = EXPLAINED | {"resource": grant.resource_id, "application": grant.application_id} | more
    return face.explain(asked.pop("resource"), **asked, today=today(), by=by)


def test_a_change_supersedes_in_one_transaction_and_the_document_says_so():
    old = a_grant()
    new = an_amendment(old, items=("resident_id", "name"))
    old.refresh_from_db()
    assert (old.stage, new.stage, new.supersedes) == (GrantStage.SUPERSEDED, GrantStage.ACTIVE, old)
    assert queries.envelope(new)["grant"]["supersedes"] == old.number
    assert queries.envelope(old)["grant"]["supersedes"] is None
    assert new.valid_from == today()
    assert not DisposalTask.objects.exists(), "it goes on using the data"
    known = {one.number: one.policy.stage for one in face.grants_in_force()}
    assert known == {old.number: "superseded", new.number: "active"}


def test_a_failed_change_leaves_the_old_grant_as_it_was(monkeypatch):
    old = a_grant()
    row = an_amending_request(old)
    monkeypatch.setattr(keys, "load_signer", lambda _path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        usecases.grant_request(row.number, by=a_provider_head())
    old.refresh_from_db()
    assert old.stage == GrantStage.ACTIVE and Grant.objects.count() == 1


def test_what_is_suspended_is_put_right_before_it_is_changed():
    old = a_grant()
    row = an_amending_request(old)
    usecases.suspend_grant(old.number, "超范围", by=an_authority())
    with pytest.raises(Refused, match="整改恢复后"):
        usecases.grant_request(row.number, by=a_provider_head())
    usecases.revoke_grant(old.number, "拒不整改", by=an_authority())
    with pytest.raises(Conflict, match="已终止"):
        usecases.grant_request(row.number, by=a_provider_head())


def test_a_renewal_decided_after_the_end_lifts_the_destruction():
    old = a_grant()
    row = an_amending_request(old)
    usecases.expire_grants(datetime.combine(old.valid_until + timedelta(days=2), datetime.min.time(), UTC))
    made = usecases.grant_request(row.number, by=a_provider_head())
    old.refresh_from_db()
    assert (old.stage, made.supersedes) == (GrantStage.EXPIRED, None)
    assert old.disposal.stage == DisposalStage.LIFTED


def test_one_scope_has_one_live_grant_in_use_case_and_database():
    asked = a_request()
    again = a_request(queries.as_draft(asked))
    first = a_grant(request=asked)
    with pytest.raises(Conflict, match="同一资源"):
        usecases.grant_request(again.number, by=a_provider_head())
    values = {field.attname: getattr(first, field.attname) for field in Grant._meta.concrete_fields}
    values |= {"id": None, "number": "G20000101-0001", "request_id": again.pk}
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(**values)
    usecases.terminate_grant(first.number, "unneeded", by=an_applicant())
    assert usecases.grant_request(again.number, by=a_provider_head()).stage == GrantStage.ACTIVE


def test_gateways_tell_each_end_by_its_own_reason():
    made = a_grant()
    policy = queries.view(made).policy
    resource = Resource(code=made.resource_id, name="x", version=1, items=[])
    told = {}
    for stage in ("revoked", "terminated", "superseded", "disposed", "expired"):
        standing = Standing(
            type(policy)(**{**{n: getattr(policy, n) for n in policy.__struct_fields__}, "stage": stage}), resource, 0, 9e12
        )
        with pytest.raises((GrantRevoked, GrantExpired)) as refused:
            choose([standing], "call", "", 1e9)
        told[stage] = str(refused.value)
    assert len(set(told.values())) == 5


def test_only_the_consumer_ends_it_and_says_why():
    made = a_grant()
    for by in (a_provider_head(), an_authority()):
        with pytest.raises(Refused):
            usecases.terminate_grant(made.number, "met", by=by)
    with pytest.raises(Malformed):
        usecases.terminate_grant(made.number, "bored", by=an_applicant())
    assert (
        usecases.terminate_grant(made.number, "met", "复核结束", by=a_consumer_head()).stage_reason == "共享目的已实现：复核结束"
    )
    with pytest.raises(IllegalMove):
        usecases.terminate_grant(made.number, "met", by=an_applicant())
    assert made.number in {one.subject for one in periods.notices(a_provider_head())}


def test_both_sides_are_reminded_thirty_seven_and_one_days_before_once_each():
    made = a_grant()
    days = {}
    for left in (40, 30, 29, 8, 7, 3, 1, 0):
        now = datetime.combine(made.valid_until - timedelta(days=left), datetime.min.time(), UTC)
        days[left] = usecases.remind_grants(now)
    assert days == {40: 0, 30: 1, 29: 0, 8: 0, 7: 1, 3: 0, 1: 1, 0: 0}
    for by in (an_applicant(), a_provider_head()):
        assert [one.kind for one in periods.notices(by) if one.subject == made.number].count("reminder") == 3
    assert [act.tag for act in audit.acts(subject=made.number)].count("sharing.grant.reminded") == 3


def test_several_grants_are_renewed_at_once_and_one_refusal_stops_no_other():
    first, second, ended = a_grant(), a_grant(), a_grant(stage=GrantStage.TERMINATED)
    until = today() + timedelta(days=700)
    done = usecases.renew_grants([first.number, ended.number, second.number, "G0"], until, by=an_applicant())
    assert [bool(one.request) for one in done] == [True, False, True, False]
    request = queries.request_of(done[0].request, by=a_consumer_head())
    assert (request.stage, request.amends_id, request.term_until) == ("filed", first.number, until)
    assert usecases.renew_grants([first.number], by=an_applicant())[0].fault is not None, "one is under way already"
    with pytest.raises(Malformed):
        usecases.renew_grants([], by=an_applicant())


def test_the_destruction_is_the_providers_to_demand_and_to_lift():
    made = a_grant(stage=GrantStage.EXPIRED)
    number, later = made.disposal.number, today() + timedelta(days=60)
    for by in (an_applicant(), an_authority()):
        with pytest.raises(Refused):
            usecases.demand_disposal(number, later, "覆写三遍", by=by)
        with pytest.raises(Refused):
            usecases.lift_disposal(number, "不必", by=by)
    with pytest.raises(Malformed):
        usecases.demand_disposal(number, today() - timedelta(days=1), "覆写三遍", by=a_provider_head())
    assert usecases.demand_disposal(number, later, "覆写三遍", by=a_provider_head()).due == later
    assert usecases.lift_disposal(number, "档案法要求留存", by=a_provider_head()).stage == DisposalStage.LIFTED
    with pytest.raises(IllegalMove):
        usecases.certify_disposal(number, A_CERTIFICATE, by=an_applicant())


def test_a_certificate_is_the_consumers_and_keeps_its_file():
    made = a_grant(stage=GrantStage.TERMINATED)
    number = made.disposal.number
    scan = Certificate("核对库全部数据", "media", "信息中心", today(), "证明.pdf", b"%PDF-1.7 x")
    with pytest.raises(Refused):
        usecases.certify_disposal(number, scan, by=a_provider_head())
    row = usecases.certify_disposal(number, scan, by=an_applicant())
    assert (row.stage, bytes(row.file), len(row.file_digest)) == ("certified", b"%PDF-1.7 x", 64)
    assert list(face.disposals_waiting(an_applicant())) == []
    with pytest.raises(Unknown):
        queries.disposal_of(number, by=a_provider_head(OTHER))


USE = usecases.Use(today(), today(), "年度复核", "窗口核对", "免交证明", "未留存", "无")


def test_use_records_name_every_gap_and_are_the_consumers():
    made = a_grant()
    with pytest.raises(Malformed) as refused:
        usecases.record_use(made.number, usecases.Use(), by=an_applicant())
    assert refused.value.fields.keys() == {"used_from", "used_until", "scenario", "process", "effect", "storage", "destruction"}
    with pytest.raises(Refused):
        usecases.record_use(made.number, USE, by=a_provider_head())
    assert usecases.record_use(made.number, USE, by=an_applicant()).grant == made


@pytest.mark.parametrize("stage", list(ChangeStage))
def test_every_stage_of_a_change_can_be_reached(stage):
    made = a_grant()
    row = a_service_change(made.resource_id, stage=stage)
    assert row.stage == stage
    made.refresh_from_db()
    assert made.stage == ("revoked" if stage is ChangeStage.EFFECTED else "active")


def test_a_recorded_alteration_lets_an_item_go():
    made = a_grant()
    assert face.harmed_grants(made.resource_id, ["name"]) == [made.number]
    assert face.harmed_grants(made.resource_id, ["registered_on"]) == []
    a_service_change(made.resource_id, "alter", stage=ChangeStage.RECORDED)
    assert face.harmed_grants(made.resource_id, ["name"]) == []


def test_who_sees_and_who_answers_a_change():
    made = a_grant()
    row = a_service_change(made.resource_id, stage=ChangeStage.NEGOTIATING)
    assert list(face.changes_waiting(a_consumer_head())) == [row]
    for by in (a_provider_head(OTHER), someone(Role.CONSUMER_HEAD, OTHER)):
        with pytest.raises(Unknown):
            queries.change_of(row.number, by=by)
    with pytest.raises(Refused):
        usecases.answer_change(row.number, "agreed", by=an_applicant())
    with pytest.raises(Malformed):
        usecases.answer_change(row.number, "objected", "", by=a_consumer_head())
    with pytest.raises(Conflict):
        a_service_change(made.resource_id, stage=ChangeStage.NEGOTIATING)
    with pytest.raises(Malformed) as refused:
        usecases.propose_change(made.resource_id, "burn", " ", "x", today(), by=a_provider_head())
    assert refused.value.fields.keys() == {"kind", "what", "effective_on"}


def test_explain_says_by_which_rule_grant_stage_and_mask():
    made = a_grant()
    told = explain(made, item="resident_id", by=an_applicant()).verdicts[0]
    assert (told.allowed, told.grant, told.stage, told.mask, told.quota) == (True, made.number, "active", "partial:6:4", 1000)
    assert not explain(made, item="registered_on", by=an_applicant()).allowed
    withheld = explain(made, item="case_note", by=an_applicant()).verdicts[0]
    assert not withheld.allowed and "居民身份证法" in withheld.why and withheld.grant == ""
    usecases.suspend_grant(made.number, "超范围", by=an_authority())
    stopped = explain(made, by=a_provider_head()).verdicts[0]
    assert (stopped.allowed, stopped.stage) == (False, "suspended") and "整改" in stopped.next


def test_explain_is_for_those_who_may_know():
    made = a_grant()
    for by in (an_applicant(), a_consumer_head(), a_provider_head(), a_compiler(), an_authority()):
        assert explain(made, by=by).allowed
    for by in (someone(Role.APPLICANT, OTHER), a_provider_head(OTHER), someone(Role.SYSADMIN, CONSUMER)):
        with pytest.raises(Unknown):
            explain(made, by=by)
    with pytest.raises(Unknown):
        explain(made, application="app-nothing", by=an_authority())
    with pytest.raises(Malformed):
        explain(made, account="somebody", by=an_authority())


@pytest.mark.parametrize("algorithm", ["ed25519", "sm2"])
def test_a_node_signs_by_its_own_key_whatever_the_algorithm(algorithm, tmp_path, monkeypatch):
    place = NodeFolder(tmp_path)
    for folder in place.places():
        folder.mkdir()
    signer = keys.generate(place.key, algorithm)
    row = a_request()
    monkeypatch.setattr(settings, "NODE_FOLDER", place)
    made = usecases.grant_request(row.number, by=a_provider_head())
    assert made.algorithm == signer.algorithm
    wire.verify(queries.envelope(made), keys.load_verifier(signer.public_pem()))
    assert publish_policy() == 1
