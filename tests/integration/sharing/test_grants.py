# SPDX-License-Identifier: Apache-2.0
"""The grant: signed, never edited, suspended, revoked, expired, delivered."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import usecases as catalog
from datong.contexts.periods.models import Clock
from datong.contexts.sharing import face, queries, usecases
from datong.contexts.sharing.domain import Decision, GrantedItem, GrantStage, RowRule, Stage
from datong.contexts.sharing.models import Grant
from datong.crypto import keys
from datong.crypto.signing import BadSignature
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.wire import grants as wire
from datong.wire.policy import Pace
from factories.catalog import (
    ITEMS,
    PROVIDER,
    a_compiler,
    a_new_version,
    a_provider_head,
    a_resource,
    an_authority,
    an_open_draft,
    someone,
)
from factories.sharing import CONSUMER, a_consumer_head, a_grant, a_request, a_request_draft, an_applicant, today

pytestmark = pytest.mark.django_db


def masks(grant):
    return {item["field"]: item["mask"] for item in queries.view(grant).document["items"]}


@pytest.mark.parametrize("stage", list(GrantStage))
def test_every_stage_can_be_reached(stage):
    made = a_grant(stage=stage)
    assert made.stage == stage
    assert face.grant(made.number, by=an_applicant()).policy.stage == stage


def test_the_document_verifies_offline_with_the_public_key_alone():
    made = a_grant()
    envelope = queries.envelope(made)
    verifier = keys.load_verifier((settings.NODE_FOLDER.evidence / "node.pub").read_bytes())
    document = wire.verify(envelope, verifier)
    assert document["number"] == made.number == f"G{today():%Y%m%d}-0001"
    assert made.digest == hashlib.sha256(bytes(made.document)).hexdigest()
    assert document["request"] == made.request.number
    assert (document["department"], document["provider"]) == (made.consumer_id, made.provider_id)
    envelope["grant"]["purpose"] = "其他目的"
    with pytest.raises(BadSignature):
        wire.verify(envelope, verifier)


def test_personal_items_under_conditional_sharing_are_masked_unless_the_head_says_otherwise():
    assert masks(a_grant()) == {"resident_id": "partial:6:4", "name": "partial:1:0", "division": "none"}
    clear = Decision(items=(GrantedItem("resident_id", "none"), GrantedItem("name")), opinion="核验需要原值")
    assert masks(a_grant(clear)) == {"resident_id": "none", "name": "partial:1:0"}


def test_a_mask_that_would_hide_everything_unsaid_is_not_granted():
    with pytest.raises(Malformed) as refused:
        a_grant(Decision(items=(GrantedItem("name", "band:10"),), opinion="只需分段"))
    assert refused.value.fields.keys() == {"items.0.mask"}
    assert masks(a_grant(Decision(items=(GrantedItem("name", "null"),), opinion="不需要姓名"))) == {"name": "null"}


def test_a_grant_in_part_says_so():
    decision = Decision(
        items=(GrantedItem("name", "partial:1:0"),), channels=("verify",), rows=(RowRule("division", "in", ("330100",)),),
        quota_per_day=50, max_rows=10, require_case=True, term_until=today() + timedelta(days=30), opinion="核验姓名即可",
        per_second=20, burst=40, at_once=4,
    )  # fmt: skip
    policy = queries.view(a_grant(decision)).policy
    assert (policy.channels, policy.quota_per_day, policy.max_rows, policy.require_case) == (["verify"], 50, 10, True)
    assert policy.rows[0].values == ["330100"]
    assert policy.pace == Pace(per_second=20, burst=40, at_once=4)
    assert policy.not_after == (today() + timedelta(days=30)).isoformat()
    assert policy.require_purpose


def test_never_more_than_was_asked():
    row = a_request(a_request_draft(items=("name",)))
    with pytest.raises(Malformed) as refused:
        usecases.grant_request(row.number, Decision(items=(GrantedItem("resident_id"),), opinion="x"), by=a_provider_head())
    assert "items" in refused.value.fields
    row.refresh_from_db()
    assert row.stage == Stage.ENDORSED
    assert Grant.objects.count() == 0


def test_an_item_withheld_since_is_not_granted():
    row = a_request()
    withheld = tuple(item if item.field != "name" else type(item)(**{**fields_of(item), "sharing_type": "withheld"}) for item in ITEMS)
    a_new_version(row.resource_id, items=withheld)
    with pytest.raises(Malformed) as refused:
        usecases.grant_request(row.number, by=a_provider_head())
    assert refused.value.fields.keys() == {"items.1.field"}
    made = usecases.grant_request(
        row.number, Decision(items=(GrantedItem("resident_id"), GrantedItem("division")), opinion="姓名不予共享"), by=a_provider_head()
    )
    assert queries.view(made).document["resource_version"] == 2


def fields_of(item):
    return {name: getattr(item, name) for name in item.__dataclass_fields__}


def test_an_item_that_left_the_catalogue_is_not_granted():
    row = a_request()
    a_new_version(row.resource_id, items=ITEMS[1:2])
    with pytest.raises(Malformed) as refused:
        usecases.grant_request(row.number, by=a_provider_head())
    assert refused.value.fields.keys() == {"items.0.field", "items.2.field", "rows.0.field"}


def test_what_was_asked_as_unconditional_gets_only_unconditional_items():
    resource = a_resource(an_open_draft())
    row = a_request(a_request_draft(resource, items=("code", "title"), rows=()))
    assert row.sharing_type == "unconditional"
    items = tuple(item if item.field != "title" else type(item)(**{**fields_of(item), "sharing_type": "conditional"}) for item in an_open_draft().items)
    draft = an_open_draft(items=items)
    changes = {name: getattr(draft, name) for name in draft.__dataclass_fields__ if name not in ("class_code", "name")}
    a_new_version(row.resource_id, **changes)
    with pytest.raises(Malformed) as refused:
        usecases.grant_request(row.number, by=a_provider_head())
    assert refused.value.fields.keys() == {"items.1.field"}


def test_a_withdrawn_resource_is_not_granted():
    resource = a_resource()
    row = a_request(a_request_draft(resource))
    catalog.withdraw_entry(resource.pk, "职责调整", by=an_authority())
    with pytest.raises(Refused, match="已撤销"):
        usecases.grant_request(row.number, by=a_provider_head())


def test_the_database_refuses_to_edit_or_delete_a_grant():
    made = a_grant()
    for attempt in (
        lambda: Grant.objects.filter(pk=made.pk).update(document=b"{}"),
        lambda: Grant.objects.filter(pk=made.pk).update(valid_until=today() + timedelta(days=9999)),
        made.delete,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


@pytest.mark.parametrize("role", [Role.PROVIDER_HEAD, Role.AUTHORITY, Role.SECURITY])
def test_809_27_who_may_stop_a_grant(role):
    by = someone(role, PROVIDER if role is Role.PROVIDER_HEAD else "浙江省数据局")
    made = a_grant()
    assert usecases.suspend_grant(made.number, "超范围", by=by).stage == GrantStage.SUSPENDED
    assert usecases.resume_grant(made.number, "已整改", by=by).stage == GrantStage.ACTIVE
    if role is Role.PROVIDER_HEAD:
        with pytest.raises(Refused, match="擅自停止"):
            usecases.revoke_grant(made.number, "再犯", by=by)
        usecases.suspend_grant(made.number, "再犯", by=by)
    assert usecases.revoke_grant(made.number, "拒不整改", by=by).stage == GrantStage.REVOKED
    with pytest.raises(IllegalMove):
        usecases.resume_grant(made.number, "反悔", by=by)
    tags = [act.tag for act in audit.acts(subject=made.number)]
    assert tags[0] == "sharing.grant.revoked" and tags[-3:-1] == ["sharing.grant.resumed", "sharing.grant.suspended"]


def test_who_may_not_stop_a_grant():
    made = a_grant()
    for by in (an_applicant(), a_consumer_head(), a_compiler(), someone(Role.AUDITOR, PROVIDER)):
        with pytest.raises(Refused):
            usecases.revoke_grant(made.number, "x", by=by)
    for by in (a_provider_head("浙江省交通运输厅"), someone(Role.SYSADMIN, PROVIDER)):
        with pytest.raises(Unknown):
            usecases.revoke_grant(made.number, "x", by=by)


@pytest.mark.parametrize("verb", [usecases.suspend_grant, usecases.revoke_grant])
def test_stopping_needs_a_reason(verb):
    made = a_grant()
    with pytest.raises(Malformed):
        verb(made.number, " ", by=an_authority())
    made.refresh_from_db()
    assert made.stage == GrantStage.ACTIVE


def test_a_grant_lives_through_its_last_day_in_shanghai():
    made = a_grant()
    end = datetime.combine(made.valid_until, datetime.min.time(), UTC)
    assert usecases.expire_grants(end + timedelta(hours=15, minutes=59)) == 0
    assert usecases.expire_grants(end + timedelta(hours=16)) == 1, "midnight in Shanghai is 16:00 UTC"
    assert usecases.expire_grants(end + timedelta(days=3)) == 0
    made.refresh_from_db()
    assert (made.stage, made.changed_by) == (GrantStage.EXPIRED, "system")
    assert Clock.objects.get(subject=made.number).stopped_at


def test_809_22_delivery_is_due_in_twenty_working_days_and_stops_once():
    made = a_grant()
    clock = Clock.objects.get(subject=made.number)
    assert (clock.rule, clock.days, clock.subject_kind) == ("809-22-delivery", 20, "grant")
    assert face.record_delivery(made.number) is True
    assert face.record_delivery(made.number) is False
    assert face.record_delivery("G00000000-0000") is False
    assert Clock.objects.get(subject=made.number).stopped_by == "sharing.grant.delivered"


def test_gateways_know_what_is_live_and_what_ended_lately():
    live, stopped, ended = (a_grant(stage=stage) for stage in (GrantStage.ACTIVE, GrantStage.SUSPENDED, GrantStage.REVOKED))
    old = a_grant(stage=GrantStage.REVOKED)
    Grant.objects.filter(pk=old.pk).update(changed_at=datetime.now(UTC) - timedelta(days=31))
    found = {view.number: view.policy.stage for view in face.grants_in_force()}
    assert found == {live.number: "active", stopped.number: "suspended", ended.number: "revoked"}


def test_who_sees_a_grant():
    made = a_grant()
    overseers = [someone(role, "浙江省数据局") for role in (Role.AUTHORITY, Role.AUDITOR, Role.SECURITY)]
    for by in (an_applicant(), a_consumer_head(), a_compiler(), a_provider_head(), *overseers):
        assert list(queries.grants(by)) == [made]
    for by in (someone(Role.APPLICANT, "浙江省交通运输厅"), someone(Role.SYSADMIN, CONSUMER)):
        assert list(queries.grants(by)) == []
        with pytest.raises(Unknown):
            face.grant(made.number, by=by)
    assert list(queries.grants(an_applicant(), side="provider")) == []
    assert list(queries.grants(an_applicant(), stage="active", q="常住", resource=made.resource_id)) == [made]
