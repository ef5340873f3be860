# SPDX-License-Identifier: Apache-2.0
"""A grant as a table: its profile taken once, its table made of what it may see, both told to the gateways."""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import UTC, datetime

import pytest
from deltalake import DeltaTable
from django.conf import settings
from django.db import connection
from django.test import Client

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import PolicySnapshot, Recipient
from datong.contexts.exchange.queries.recipients import recipients_of
from datong.contexts.exchange.usecases import deriving
from datong.contexts.exchange.usecases.recipients import GRACE
from datong.contexts.sharing import usecases as sharing
from datong.crypto import keys
from datong.engine import face as engine
from datong.engine.backends.manifests import derived
from datong.engine.errors import BackendFailed
from datong.gateway.lookups import mask_key
from datong.kernel import masks
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from datong.wire import policy as wire
from datong.wire.delta_sharing.profile import mark, token_hash
from factories.catalog import DRAFT, PROVIDER, a_draft, a_provider_head, a_resource, someone
from factories.exchange import a_call, a_csv_text, a_landed_batch, an_offer, some_calls
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
COLUMNS = ("公民身份号码", "姓名", "行政区划代码", "登记日期")
ROWS = [("11010519491231002X", "王五", "330106", "2020-01-05"), ("110105194912310038", "赵六", "110105", "2020-01-06")]


def a_table_grant(channels=("table",), **wishes):
    resource = a_resource(a_draft(name=f"{DRAFT.name}（整表）", sharing_methods=("call", "verify", "table")))
    return a_grant(request=a_request(a_request_draft(resource, channels=channels, **wishes)))


@pytest.fixture
def grant():
    """A grant with channel table, whose data have landed."""
    made = a_table_grant()
    a_landed_batch(made.resource.current, an_offer(a_csv_text(ROWS, COLUMNS)))
    return made


@pytest.fixture(autouse=True)
def no_tables_of_before():
    """The folder of derived tables is the node's, and numbers come again in each test."""
    shutil.rmtree(settings.NODE_FOLDER.path / deriving.FOLDER, ignore_errors=True)


def told(number):
    """The grant as the newest policy tells it to the gateways."""
    usecases.publish_policy()
    verifier = keys.load_verifier((settings.NODE_FOLDER.evidence / "node.pub").read_bytes())
    policy = wire.decode(bytes(PolicySnapshot.objects.order_by("-version").first().document), verifier)
    return next(one for one in policy.grants if one.number == number)


def readers(number):
    return sorted(one.token_hash for one in told(number).recipients)


def test_a_profile_is_shown_once_and_kept_as_a_hash(grant):
    said = usecases.issue_profile(grant.number, by=someone(Role.APPLICANT, CONSUMER))
    assert said["endpoint"] == f"{settings.NODE.gateway_address}/delta-sharing"
    assert said["expirationTime"] == f"{grant.valid_until.isoformat()}T16:00:00Z"
    assert readers(grant.number) == [token_hash(said["bearerToken"])]
    act = Act.objects.filter(tag="exchange.recipient.issued").get()
    assert act.subject == grant.number
    assert said["bearerToken"] not in json.dumps([str(one) for one in Act.objects.values_list()])


def test_a_new_profile_leaves_the_one_before_a_day(grant):
    by = someone(Role.CONSUMER_HEAD, CONSUMER)
    first, second, third = (token_hash(usecases.issue_profile(grant.number, by=by)["bearerToken"]) for _ in range(3))
    assert readers(grant.number) == sorted([first, second, third])
    usecases.publish_policy(datetime.now(UTC) + GRACE)
    Recipient.objects.exclude(ends_at=None).update(ends_at=datetime.now(UTC))
    assert readers(grant.number) == [third]


def test_a_form_sent_twice_makes_one_profile(grant):
    by = someone(Role.APPLICANT, CONSUMER)
    usecases.issue_profile(grant.number, by=by, after=0)
    with pytest.raises(Conflict):
        usecases.issue_profile(grant.number, by=by, after=0)
    usecases.issue_profile(grant.number, by=by, after=Recipient.objects.get().pk)
    assert len(readers(grant.number)) == 2


def test_networks_are_told_to_the_gateways_and_pass_to_the_next_profile(grant):
    by = someone(Role.APPLICANT, CONSUMER)
    usecases.issue_profile(grant.number, by=by, networks=["10.1.0.0/16", " 10.2.3.4 "])
    first = Recipient.objects.get()
    assert [one.networks for one in told(grant.number).recipients] == [["10.1.0.0/16", "10.2.3.4/32"]]
    usecases.issue_profile(grant.number, by=by)
    assert {tuple(one.networks) for one in told(grant.number).recipients} == {("10.1.0.0/16", "10.2.3.4/32")}
    assert sorted(bool(one.ends) for one in told(grant.number).recipients) == [False, True]
    usecases.limit_recipient(grant.number, first.pk, [], by=by)
    assert Recipient.objects.get(pk=first.pk).networks == []
    for bad in (["10.1.0.0/8"], ["x"], [f"10.0.{number}.0/24" for number in range(51)]):
        with pytest.raises(Malformed) as refused:
            usecases.issue_profile(grant.number, by=by, networks=bad)
        assert "networks" in refused.value.fields


def test_one_that_is_stopped_ends_at_once(grant):
    by = someone(Role.APPLICANT, CONSUMER)
    usecases.issue_profile(grant.number, by=by)
    key = Recipient.objects.get().pk
    assert usecases.stop_recipient(grant.number, key, by=by).state == "stopped"
    assert readers(grant.number) == []
    for act in (usecases.stop_recipient, lambda number, key, by: usecases.limit_recipient(number, key, [], by=by)):
        with pytest.raises(Conflict):
            act(grant.number, key, by=by)
        with pytest.raises(Unknown):
            act(grant.number, key + 1, by=by)
        with pytest.raises(Refused):
            act(grant.number, key, by=a_provider_head())
    usecases.issue_profile(grant.number, by=by)
    assert [one.state for one in recipients_of(grant.number)] == ["current", "stopped"]


def test_its_last_use_comes_from_the_evidence(grant):
    by = someone(Role.APPLICANT, CONSUMER)
    hashed = token_hash(usecases.issue_profile(grant.number, by=by)["bearerToken"])
    known = {"grant": grant.number, "resource": grant.resource_id, "recipient": mark(hashed)}
    some_calls("gateway-7", [
        a_call(1, **known, channel="table"), a_call(2, **known, kind="table"), a_call(3, **known, kind="table", status=403),
        a_call(4, **known | {"recipient": "0" * 32}, kind="table"), a_call(5, **known | {"grant": "G20260101-9999"}, kind="table"),
    ])  # fmt: skip
    for _ in range(2):
        usecases.collect_calls()
        assert Recipient.objects.get().last_used_at == datetime(2026, 3, 3, 2, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.CONSUMER_HEAD])
def test_the_consumer_takes_it(grant, role):
    assert usecases.issue_profile(grant.number, by=someone(role, CONSUMER))


def test_others_do_not_take_it(grant):
    with pytest.raises(Refused):
        usecases.issue_profile(grant.number, by=a_provider_head())
    for strange in ("G20260101-9999", "\0", "x" * 100):
        with pytest.raises(Unknown):
            usecases.issue_profile(strange, by=someone(Role.APPLICANT, CONSUMER))
    with pytest.raises(Unknown):
        usecases.issue_profile(grant.number, by=someone(Role.APPLICANT, "别的部门"))
    assert not Recipient.objects.exists()


def test_a_grant_not_in_force_or_not_of_tables_has_none(grant):
    by = someone(Role.APPLICANT, CONSUMER)
    sharing.suspend_grant(grant.number, "超范围使用", by=a_provider_head())
    with pytest.raises(Refused, match="not in force"):
        usecases.issue_profile(grant.number, by=by)


def test_a_grant_of_calls_alone_has_none():
    with pytest.raises(Refused, match="does not cover tables"):
        usecases.issue_profile(a_table_grant(("call",)).number, by=someone(Role.APPLICANT, CONSUMER))


def test_the_table_holds_what_the_grant_gives_and_the_gateways_are_told(grant):
    assert told(grant.number).table == ""
    assert usecases.make_tables() == 1
    table = told(grant.number).table
    rows = DeltaTable(str(settings.NODE_FOLDER.path / table)).to_pyarrow_table().to_pylist()
    given = {item.field: masks.Mask.parse(item.mask) for item in told(grant.number).items}
    whole = {"resident_id": ROWS[0][0], "name": ROWS[0][1], "division": ROWS[0][2]}
    assert rows == [{name: masks.apply(given[name], value) for name, value in whole.items() if name in given}]
    assert usecases.make_tables() == 0


def land_more(grant, *more):
    a_landed_batch(grant.resource.current, an_offer(a_csv_text([*ROWS, *more], COLUMNS)))


def table_of(grant):
    return settings.NODE_FOLDER.path / told(grant.number).table


def age(folder):
    """Make a folder older than any address of a file is good for."""
    old = time.time() - deriving.SPARED - 60
    os.utime(folder, (old, old))


def test_new_data_make_a_new_table_and_the_old_one_goes_when_nobody_can_read_it(grant):
    usecases.make_tables()
    first = table_of(grant)
    land_more(grant, ("110105194912310046", "孙七", "330106", "2020-01-07"))
    assert table_of(grant) == first  # the one of before is read until the new one is made
    state = usecases.table_state(grant.number, by=someone(Role.APPLICANT, CONSUMER))
    assert (state.state, state.version, state.renewing) == ("ready", 0, True)
    assert usecases.make_tables() == 1
    second = table_of(grant)
    age(first)
    usecases.make_tables()
    assert first.exists() and second != first  # addresses of it were given out until just now
    age(second)
    usecases.make_tables()
    assert not first.exists()
    assert second.exists()


def test_a_grant_of_incremental_delivery_may_look_back():
    grant = a_table_grant(delivery_mode="incremental")
    land_more(grant)
    usecases.make_tables()
    first = table_of(grant)
    land_more(grant, ("110105194912310046", "孙七", "330106", "2020-01-07"))
    usecases.make_tables()
    second = table_of(grant)
    assert told(grant.number).delivery_mode == "incremental"
    said = derived(second)
    assert (said.before, [one.rows for one in said.changes]) == (derived(first).version, [1])
    for folder in (first, second):
        age(folder)
    usecases.make_tables()
    assert first.exists() and second.exists()


def test_what_lacks_is_queued_once(grant):
    queued = "select count(*) from procrastinate_jobs where task_name = %s and status = 'todo'"
    assert usecases.plan_tables() and usecases.plan_tables()
    with connection.cursor() as cursor:
        cursor.execute(queued, [deriving.DERIVE])
        assert cursor.fetchone() == (1,)
    usecases.make_tables()
    assert not usecases.plan_tables()


def test_a_revoked_grant_has_no_table(grant):
    usecases.make_tables()
    sharing.suspend_grant(grant.number, "超范围使用", by=a_provider_head())
    assert told(grant.number).table == ""


def test_a_table_that_cannot_be_made_is_told_in_the_log_and_the_grant_has_none(grant, monkeypatch):
    def fails(*_, **__):
        raise BackendFailed("a derived table could not be written")

    monkeypatch.setattr(engine, "apart", fails)
    assert usecases.make_tables() == 0
    assert told(grant.number).table == ""


def test_hash_masks_are_keyed_as_the_gateway_keys_them(grant):
    assert keys.load_secret(settings.NODE_FOLDER.key, f"mask {grant.number}") == mask_key(settings.NODE_FOLDER.key, grant.number)


def test_by_the_api(grant):
    client = Client()
    client.force_login(an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    place = f"/api/v1/grants/{grant.number}/recipient"
    answer = client.generic("POST", place, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"shareCredentialsVersion", "endpoint", "bearerToken", "expirationTime"}
    again = client.generic("POST", place, headers={"Idempotency-Key": "k1"})
    assert answer.json()["bearerToken"] not in again.content.decode()
    assert client.generic("POST", "/api/v1/grants/G20260101-9999/recipient").status_code == 404
    provider = Client()
    listed = client.get(f"/api/v1/grants/{grant.number}/recipients").json()
    assert [one["state"] for one in listed] == ["current"]
    own = f"/api/v1/grants/{grant.number}/recipients/{listed[0]['key']}"
    limited = client.put(f"{own}/networks", {"networks": ["10.0.0.0/8"]}, content_type="application/json")
    assert limited.json()["networks"] == ["10.0.0.0/8"]
    assert client.get(f"/api/v1/grants/{grant.number}/table").json()["state"] == "making"
    usecases.make_tables()
    state = client.get(f"/api/v1/grants/{grant.number}/table").json()
    assert (state["state"], state["rows"]) == ("ready", 1) and state["size"] and state["since"]
    assert client.get(f"/api/v1/grants/{grant.number}/supply").json()["lamp"] == "green"
    assert client.post(f"{own}/stop").json()["state"] == "stopped"
    provider.force_login(an_account(roles=[Role.PROVIDER_HEAD], department=a_department(PROVIDER)))
    assert provider.generic("POST", place).status_code == 403
