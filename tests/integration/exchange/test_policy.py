# SPDX-License-Identifier: Apache-2.0
"""The policy: written when something changed or the lease runs low, and saying only what may leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from datong.contexts.catalog.domain import ItemDraft
from datong.contexts.catalog.usecases import removals
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import PolicySnapshot
from datong.contexts.exchange.usecases.policy import KEPT, LEASE
from datong.contexts.organisations.usecases import guard_application, suspend_application
from datong.contexts.sharing import usecases as sharing
from datong.contexts.sharing.domain import Decision, GrantStage
from datong.crypto import keys
from datong.crypto.certificates import thumbprint
from datong.gateway.snapshot import Snapshot
from datong.kernel.actors import Role
from datong.kernel.errors import DatongError
from datong.wire import policy as wire
from factories.catalog import DRAFT, a_draft, a_new_version, a_provider_head, a_resource, an_authority, someone
from factories.changing import a_service_change
from factories.exchange import a_csv_text, a_landed_batch, an_offer
from factories.sharing import a_grant, a_request, a_request_draft, an_applicant

pytestmark = pytest.mark.django_db
COLUMNS = ("公民身份号码", "姓名", "行政区划代码", "登记日期")
ROW = ("11010519491231002X", "王五", "330106", "2020-01-05")


def read(snapshot=None):
    """The newest policy as a gateway reads it: signature checked."""
    newest = snapshot or PolicySnapshot.objects.order_by("-version").first()
    verifier = keys.load_verifier((settings.NODE_FOLDER.evidence / "node.pub").read_bytes())
    return wire.decode(bytes(newest.document), verifier)


def published():
    usecases.publish_policy()
    return read()


@pytest.fixture
def granted():
    resource = a_resource(a_draft(name=f"{DRAFT.name}（策略）"))
    return a_grant(request=a_request(a_request_draft(resource)))


def a_landing(grant):
    return a_landed_batch(grant.resource.current, an_offer(a_csv_text([ROW], COLUMNS)))


def test_a_policy_names_clients_resources_and_grants(granted):
    before = published().resources[0]
    assert (before.code, before.index, before.rows) == (granted.resource_id, "", 0)
    batch = a_landing(granted)
    policy = published()
    [resource], [grant] = policy.resources, policy.grants
    assert policy.node == "330000" and {one.client_id for one in policy.clients} == {granted.application_id}
    assert (resource.index, resource.rows, resource.version) == (batch.index, 1, 1)
    assert [item.field for item in resource.items] == ["resident_id", "name", "division", "registered_on"]
    assert (resource.keys, resource.queries) == (["resident_id"], ["resident_id", "division"])
    assert (grant.number, grant.stage, grant.quota_per_day) == (granted.number, "active", 1000)
    assert Snapshot(policy).standings(granted.application_id, granted.resource_id)


def test_what_a_department_wants_of_its_callers_is_in_the_policy(granted, settings):
    settings.NODE = replace(settings.NODE, certificate_proxies=("10.0.0.5",))
    certificate = thumbprint(b"of the application")
    wanted = {"networks": ["10.1.0.0/16"], "signed": True, "certificates": [certificate]}
    guard_application(granted.application_id, by=an_applicant(), **wanted)
    [client] = published().clients
    assert {name: getattr(client, name) for name in wanted} == wanted


def test_what_the_provider_says_of_pace_goes_before_what_the_node_gives(settings):
    node = replace(settings.NODE, grant_calls_per_second=50, grant_burst=80, grant_calls_at_once=8, source_calls_per_second=200)
    settings.NODE = node
    spoken, silent = (a_draft(name=f"{DRAFT.name}（{word}）") for word in ("有", "无"))
    requests = [a_request(a_request_draft(a_resource(draft))) for draft in (spoken, silent)]
    chosen = [Decision(per_second=20, opinion="数据源能力有限"), Decision()]
    numbers = [a_grant(decision, request=request).number for decision, request in zip(chosen, requests, strict=True)]
    policy = published()
    paces = {one.number: one.pace for one in policy.grants}
    assert paces[numbers[0]] == wire.Pace(per_second=20, burst=0, at_once=8)
    assert paces[numbers[1]] == wire.Pace(per_second=50, burst=80, at_once=8)
    assert {one.pace for one in policy.resources} == {wire.Pace(per_second=200)}


def test_a_policy_is_written_once_while_nothing_changes(granted):
    now = datetime.now(UTC)
    assert usecases.publish_policy(now) == 1
    assert usecases.publish_policy(now) is None
    assert usecases.publish_policy(now + LEASE / 2 - timedelta(seconds=1)) is None
    assert usecases.publish_policy(now + LEASE / 2) == 2
    first, second = (read(one) for one in PolicySnapshot.objects.order_by("version"))
    assert replace_times(first) == replace_times(second) and first.not_after < second.not_after
    assert usecases.publish_policy(now - timedelta(hours=1)) == 3  # set back: a policy of a time to come is answered on nowhere


def replace_times(policy):
    return (policy.clients, policy.resources, policy.grants)


@pytest.mark.parametrize("stop", ["revoke_grant", "suspend_grant"])
def test_stopping_a_grant_changes_it_at_once(granted, stop):
    published()
    getattr(sharing, stop)(granted.number, "超范围使用", by=an_authority())
    policy = published()
    assert policy.version == 2
    assert policy.grants[0].stage == {"revoke_grant": GrantStage.REVOKED, "suspend_grant": GrantStage.SUSPENDED}[stop]


def test_a_withdrawn_resource_is_unknown_to_the_gateway(granted):
    a_landing(granted)
    a_service_change(granted.resource_id)
    asked = removals.ask_removal(granted.resource_id, "职责调整", by=a_provider_head())
    removals.decide_removal(asked.pk, approve=True, opinion="同意", by=an_authority())
    policy = published()
    assert policy.resources == []
    assert Snapshot(policy).standings(granted.application_id, granted.resource_id) == []


def test_a_suspended_application_is_told(granted):
    published()
    suspend_application(granted.application_id, reason="密钥泄露", by=someone(Role.SECURITY, "安全"))
    assert [one.active for one in published().clients] == [False]


def test_what_is_withheld_since_leaves_at_once_and_what_is_new_waits_for_its_rows(granted):
    batch = a_landing(granted)
    published()
    key, name, division, _, note = DRAFT.items
    items = (
        key, replace(name, sharing_type="withheld"), replace(division, query=False, level="general_2"), note,
        ItemDraft("phone", "电话", "C", 20, level="general_3", personal=True),
    )  # fmt: skip
    a_new_version(granted.resource_id, items=items)
    resource = published().resources[0]
    assert [item.field for item in resource.items] == ["resident_id", "division"]
    assert (resource.queries, resource.version, resource.index) == (["resident_id"], 1, batch.index)
    assert resource.items[1].level == "general_2"
    a_landed_batch(granted.resource.current, an_offer(a_csv_text([(*ROW[:1], "330106", "139")], ("公民身份号码", "行政区划代码", "电话"))))
    resource = published().resources[0]
    assert ([item.field for item in resource.items], resource.version) == (["resident_id", "division", "phone"], 2)


def test_another_key_does_not_verify(granted, tmp_path):
    published()
    stranger = keys.generate(tmp_path / "key")
    with pytest.raises(DatongError, match="signed by key"):
        wire.decode(bytes(PolicySnapshot.objects.get().document), keys.load_verifier(stranger.public_pem()))


def test_old_snapshots_go(granted):
    now = datetime.now(UTC)
    for step in range(KEPT + 3):
        usecases.publish_policy(now + step * LEASE)
    assert PolicySnapshot.objects.count() == KEPT


@pytest.mark.django_db(transaction=True)
def test_gateways_are_told_when_it_commits(granted):
    settings_of = connection.settings_dict
    with psycopg.connect(host=settings_of["HOST"], user="postgres", dbname=settings_of["NAME"], autocommit=True) as listener:
        listener.execute(f"listen {wire.CHANNEL}")
        version = usecases.publish_policy()
        assert [note.payload for note in listener.notifies(timeout=60, stop_after=1)] == [str(version)]
