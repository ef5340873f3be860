# SPDX-License-Identifier: Apache-2.0
"""From a landing to its followers: made once for each policy, nothing lost or told twice, each gets what its grant gives."""

from __future__ import annotations

import json
import time
from collections import Counter
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases as exchange
from datong.contexts.exchange.models import PolicySnapshot
from datong.contexts.sharing import usecases as sharing
from datong.contexts.sharing.domain import RowRule
from datong.contexts.subscriptions import domain, queries, usecases
from datong.contexts.subscriptions.domain import SubscriptionStage
from datong.contexts.subscriptions.models import Subscription
from datong.contexts.subscriptions.usecases import streaming
from datong.crypto import keys
from datong.gateway.app import Gateway
from datong.gateway.config import GatewayConfig
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.wire import events
from datong.wire import policy as wire
from factories.catalog import PROVIDER, a_provider_head, someone
from factories.exchange import some_calls
from factories.gateways import Caller, Clock, Standing, lawful
from factories.organisations import an_application
from factories.sharing import a_grant, a_request, a_request_draft, an_amendment
from factories.subscriptions import SUN, WANG, ZHAO, a_followable_grant, a_keeper, a_subscription, land

pytestmark = pytest.mark.django_db


def told(grant):
    """The grant as the newest policy tells it to the gateways."""
    exchange.publish_policy()
    verifier = keys.load_verifier((settings.NODE_FOLDER.evidence / "node.pub").read_bytes())
    policy = wire.decode(bytes(PolicySnapshot.objects.order_by("-version").first().document), verifier)
    return next(one for one in policy.grants if one.number == grant.number)


def stream(grant):
    """What the events of a grant hold: manifest and every event."""
    folder = settings.NODE_FOLDER.path / told(grant).events
    held = events.manifest(folder)
    start = events.Cursor(held.name, held.since, held.passed)
    return held, [json.loads(line) for line in events.page(folder, held, start, 10_000).lines]


def test_a_landing_is_told_as_the_grant_gives_it():
    grant = a_followable_grant()
    row = a_subscription(grant)
    assert told(grant).subscriptions == [wire.Subscription(number=row.number, stage="active", start=row.start)]
    assert a_subscription(grant, "另一个系统").start == row.start
    land(grant, (WANG[0], "王五改", *WANG[2:]), SUN)
    held, seen = stream(grant)
    assert len(list((settings.NODE_FOLDER.path / "events").glob("*/*"))) == 1, "equal policies share one stream"
    assert held.newest == held.segments[-1].version
    shapes = [(one["type"], sorted(one.get("before", {})), sorted(one.get("after", {}))) for one in seen]
    items = ["division", "name", "resident_id"]
    assert sorted(shapes) == sorted([("update", items, items), ("insert", [], items)])
    assert "2020-01-07" not in json.dumps(seen), "an item that was not granted is in no event"
    assert all(one["id"].startswith(held.name) for one in seen)


def test_rows_outside_the_grant_come_and_go_as_deletions_and_insertions():
    grant = a_followable_grant(WANG)
    a_subscription(grant)
    moved = (WANG[0], WANG[1], "110105", WANG[3])
    land(grant, moved)
    land(grant, WANG)
    assert [one["type"] for one in stream(grant)[1]] == ["delete", "insert"]


def test_what_landed_before_is_not_told_and_nothing_twice():
    grant = a_followable_grant(WANG)
    land(grant, WANG, SUN)
    row = a_subscription(grant)
    land(grant, WANG)
    _, seen = stream(grant)
    assert [one["type"] for one in seen] == ["delete"]
    assert usecases.tell(grant.resource_id) == 0
    assert queries.standing(row).unread == 1
    assert usecases.plan() == []


def test_a_maker_killed_between_steps_loses_and_doubles_nothing(monkeypatch):
    grant = a_followable_grant(WANG)
    a_subscription(grant)
    segments = streaming._segments
    places = {"write": events, "publish": events, "_segments": streaming}

    def dies(step):
        def killed(*arguments):
            if step == "_segments":
                list(segments(*arguments))
            raise KeyboardInterrupt

        return killed

    rows = [WANG]
    for told_so_far, (step, place) in enumerate(places.items()):
        rows.append((identifier_of(700 + told_so_far), *SUN[1:]))
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(place, step, dies(step))
            land(grant, *rows)
        assert len(stream(grant)[1]) == told_so_far, "nothing half-told"
        assert usecases.plan() == [grant.resource_id]
        assert usecases.tell(grant.resource_id) == 1
        assert len(stream(grant)[1]) == told_so_far + 1
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = %s", [streaming.TELL])
        assert cursor.fetchone() == (1,)
    assert Counter(one["type"] for one in stream(grant)[1]) == {"insert": 3}
    assert not list((settings.NODE_FOLDER.path / told(grant).events).glob("*.new"))


def test_too_much_at_once_is_a_call_to_read_anew(monkeypatch):
    grant = a_followable_grant(WANG)
    row = a_subscription(grant)
    monkeypatch.setattr(domain, "LARGEST_TELLING", 1)
    land(grant, (*ZHAO[:2], "330106", ZHAO[3]), SUN)
    held = stream(grant)[0]
    assert held.segments == ()
    with pytest.raises(events.ResyncRequired):
        held.checked(events.Cursor.parse(row.start))
    assert queries.standing(row).unread is None


def test_a_superseded_grant_gives_no_events_and_its_successor_begins_anew():
    grant = a_followable_grant(landed=False)
    row = a_subscription(grant)
    assert events.Cursor.parse(row.start).stream == told(grant).events.rsplit("/", 1)[1][:16]
    newer = an_amendment(grant, items=("name", "division"))
    assert (told(grant).stage, told(grant).events) == ("superseded", "")
    assert a_subscription(newer).start.split("-")[0] != row.start.split("-")[0]


def test_old_events_are_let_go_of():
    grant = a_followable_grant(WANG)
    row = a_subscription(grant)
    land(grant, WANG, SUN)
    held = stream(grant)[0]
    later = held.segments[0].at + (domain.KEPT_DAYS + 1) * streaming.DAY
    assert usecases.sweep(later) == 1
    left = stream(grant)[0]
    assert left.segments == () and left.since == held.newest
    with pytest.raises(events.ResyncRequired):
        left.checked(events.Cursor.parse(row.start))
    assert left.checked(events.Cursor(held.name, held.newest, 1))
    assert usecases.sweep(later) == 0


def test_life_of_a_subscription():
    row = a_subscription(a_followable_grant(landed=False))
    by = a_keeper()
    assert usecases.pause(row.number, "系统升级", by=by).stage == SubscriptionStage.PAUSED
    assert told(row.grant).subscriptions[0].stage == "paused"
    assert usecases.resume(row.number, by=by).stage == SubscriptionStage.ACTIVE
    with pytest.raises(Malformed):
        usecases.end(row.number, " ", by=by)
    assert usecases.end(row.number, "系统下线", by=by).stage == SubscriptionStage.ENDED
    assert told(row.grant).subscriptions[0].stage == "ended"
    with pytest.raises(IllegalMove):
        usecases.resume(row.number, by=by)
    tags = list(Act.objects.filter(subject=row.number).order_by("seq").values_list("tag", flat=True))
    assert [tag.rpartition(".")[2] for tag in tags] == ["made", "paused", "resumed", "ended"]


def test_who_subscribes():
    grant = a_followable_grant(landed=False)
    for by in (a_provider_head(), someone(Role.AUDITOR, "审计"), someone(Role.APPLICANT, "别的部门")):
        with pytest.raises((Refused, Unknown)):
            usecases.subscribe(grant.number, "试", by=by)
    with pytest.raises(Malformed):
        usecases.subscribe(grant.number, "x" * 101, by=a_keeper())
    row = a_subscription(grant)
    assert queries.subscription_of(row.number, by=someone(Role.PROVIDER_HEAD, PROVIDER)).pk == row.pk
    for strange in ("E20260101-9999", "\0", "x" * 50):
        with pytest.raises(Unknown):
            queries.subscription_of(strange, by=a_keeper())
    with pytest.raises(Unknown):
        queries.subscription_of(row.number, by=someone(Role.APPLICANT, "别的部门"))
    with pytest.raises(Refused):
        usecases.pause(row.number, by=someone(Role.PROVIDER_HEAD, PROVIDER))


def test_grants_without_the_channel_are_not_followed():
    grant = a_followable_grant(landed=False)
    sharing.suspend_grant(grant.number, "超范围使用", by=a_provider_head())
    with pytest.raises(Unknown):
        usecases.subscribe(grant.number, "试", by=a_keeper())
    assert not Subscription.objects.exists()


def test_what_gateways_gave_is_noted_once():
    row = a_subscription(a_followable_grant(landed=False))
    facts = {"channel": "subscription", "grant": row.grant_id, "subscription": row.number, "status": 200, "code": "ok"}
    at = "2026-11-22T01:02:03.000000Z"
    record = {
        "kind": "call",
        "at": at,
        "request_id": "r1",
        "rows": 7,
        "cursor": "a" * 16 + "-5-7",
        "resource": row.grant.resource_id,
    }
    some_calls("gateway-0", [facts | record, facts | record | {"kind": "events", "rows": 0}])
    for _ in range(2):
        exchange.collect_calls()
    row.refresh_from_db()
    assert (row.read_events, row.read_to) == (7, "a" * 16 + "-5-7")


def test_from_the_landing_through_a_gateway():
    """The whole way: subscribe, land, read at a gateway with the application's own key."""
    keeper = a_keeper()
    caller = Caller("", "")
    caller.client_id = an_application(by=keeper, public_key=caller.pem).application.client_id
    grant = a_followable_grant(WANG, ZHAO, application=caller.client_id)
    row = a_subscription(grant)
    place = settings.NODE_FOLDER
    config = GatewayConfig(
        node_code=settings.NODE.code, node_dir=place.path, signing_key=place.key, public_key=place.evidence / "node.pub",
        policy_file=place.run / "policy-test", evidence_dir=place.evidence,
    )  # fmt: skip
    app = Gateway(config)
    app.start()
    try:
        standing = Standing.__new__(Standing)
        standing.app, standing.clock = app, Clock(time.time())
        assert app.holder.offer(bytes(PolicySnapshot.objects.order_by("-version").first().document))
        token = standing.token(caller)
        land(grant, WANG, SUN)
        reply = standing.ask(
            "GET", f"/v1/subscriptions/{row.number}/events", headers=lawful(token) | {"Datong-Purpose": quote(grant.purpose)}
        )
        assert reply.status == 200, reply.body
        assert [one["type"] for one in reply.json["events"]] == ["insert"]
    finally:
        app.stop()
        (place.run / "policy-test").unlink(missing_ok=True)
    exchange.collect_calls()
    row.refresh_from_db()
    assert row.read_events == 1


def test_each_subordinate_gets_exactly_its_rows_and_together_all():
    """回流: two cities with grants of a row rule on the division each, on one resource."""
    rows = [
        (f"1101051949123100{number:02d}", f"人{number}", ("330106", "330203")[number % 2], "2020-01-05") for number in range(20)
    ]
    people = [(identifier_of(number), *row[1:]) for number, row in enumerate(rows)]
    cities = {"杭州": "3301", "宁波": "3302"}
    first = a_followable_grant(*people[:2], name="回流", rows=(RowRule("division", "prefix", ("3301",)),), row_scope="杭州市")
    draft = a_request_draft(
        first.resource.current, channels=("subscription",), rows=(RowRule("division", "prefix", ("3302",)),), row_scope="宁波市",
        consumer="宁波市民政局",
    )  # fmt: skip
    second = a_grant(request=a_request(draft, consumer="宁波市民政局"), consumer="宁波市民政局")
    a_subscription(first)
    a_subscription(second, consumer="宁波市民政局")
    land(first, *people)
    seen = {
        city: [one["after"]["division"] for one in stream(grant)[1]] for city, grant in zip(cities, (first, second), strict=True)
    }
    assert {city: {one[:4] for one in found} for city, found in seen.items()} == {"杭州": {"3301"}, "宁波": {"3302"}}
    assert sum(map(len, seen.values())) == len(people) - 2


def identifier_of(number):
    first = f"11010519491231{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first + "10X98765432"[sum(int(one) * weight for one, weight in zip(first, weights, strict=True)) % 11]
