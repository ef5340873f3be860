# SPDX-License-Identifier: Apache-2.0
"""Events pushed to receivers: signed, in order, each batch on record; slow and hostile ones hold nobody else up."""

from __future__ import annotations

import itertools
import json
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from threading import Event
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases as exchange
from datong.contexts.exchange.models import Call, CallTally
from datong.contexts.periods import face as periods
from datong.contexts.sharing import usecases as sharing
from datong.contexts.subscriptions import usecases
from datong.contexts.subscriptions.domain import BACK_OFF, CLAIMED_FOR, OVERLAP
from datong.contexts.subscriptions.models import DeadLetter, Push, Subscription
from datong.contexts.subscriptions.usecases import batching, pushing, receiving
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.ledger.verify import verify_log
from datong.wire import events, posting, webhooks
from factories.catalog import a_provider_head
from factories.receivers import a_receiver
from factories.subscriptions import a_followable_grant, a_keeper, a_subscription

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _inside(settings):
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def inbox():
    with a_receiver() as box:
        yield box


@pytest.fixture
def subscription():
    return a_subscription(a_followable_grant(landed=False))


def grow(row: Subscription, count: int) -> None:
    """Tell so many events, as a landing would."""
    folder = receiving_stream(row)
    held = events.manifest(folder)
    version = held.newest + 1
    cursors = [events.Cursor(held.name, version, index) for index in range(1, count + 1)]
    image = {"name": "王*", "division": "330106"}
    made = events.write(
        folder, version, [events.event(one, "insert", "2026-11-22T00:00:00Z", {"after": image}) for one in cursors]
    )
    segments = (*held.segments, events.Segment(version, made, time.time()))
    events.publish(folder, events.Manifest(digest=held.digest, since=held.since, newest=version, segments=segments))
    pushing.wake([row.grant_id])


def receiving_stream(row):
    policy = exchange.policy.published()
    return django_settings.NODE_FOLDER.path / next(one.events for one in policy.grants if one.number == row.grant_id)


def later(row: Subscription, pause: timedelta = timedelta(days=1)) -> int:
    """Send after a pause."""
    Push.objects.filter(pk=row.pk).update(due_at=datetime.now(UTC) - pause)
    return usecases.push_due()


def ids(inbox):
    return [one["id"] for _, body in inbox.came for one in json.loads(body)]


def test_events_come_signed_once_and_in_order(subscription, inbox):
    secret = usecases.push_to(subscription.number, inbox.url, by=a_keeper()).secret
    grow(subscription, 3)
    grow(subscription, 250)
    assert usecases.push_due() == 3
    headers, body = inbox.came[0]
    assert headers["content-type"] == "application/cloudevents-batch+json"
    assert webhooks.is_signed(secret, headers, body, int(time.time()))
    first = json.loads(body)[0]
    assert {name: first[name] for name in ("specversion", "type", "subject")} == {
        "specversion": "1.0", "type": "datong.record.inserted", "subject": subscription.grant.resource_id,
    }  # fmt: skip
    assert first["data"] == {"version": 1, "after": {"name": "王*", "division": "330106"}}
    assert len(ids(inbox)) == len(set(ids(inbox))) == 253
    order = [one["sequence"] for _, raw in inbox.came for one in json.loads(raw)]
    assert order == sorted(order)
    assert usecases.push_due() == 0
    push = Push.objects.get(pk=subscription.pk)
    assert (push.sent_events, push.sent_to, push.error) == (253, ids(inbox)[-1], "")


def test_each_batch_is_on_record_before_it_leaves_and_counts_once_taken(subscription, inbox):
    usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    grow(subscription, 2)
    inbox.answers = [500, 204]
    assert usecases.push_due() == 0
    assert later(subscription) == 1
    place = django_settings.NODE_FOLDER.evidence / pushing.LOG
    assert verify_log(place, None).ok
    exchange.collect_calls()
    call = Call.objects.get(grant=subscription.grant_id)
    assert (call.rows, call.channel, call.log) == (2, "subscription", pushing.LOG)
    tallied = CallTally.objects.order_by("code").values_list("code", "channel", "calls", "rows", "counted", "resource")
    code = subscription.grant.resource_id
    assert [*tallied] == [("ok", "subscription", 1, 2, 1, code), ("push_failed", "subscription", 1, 0, 0, code)]


def test_a_failing_receiver_gets_the_same_batch_again_under_the_same_id(subscription, inbox):
    usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    inbox.answers = [500, 204]
    grow(subscription, 2)
    assert usecases.push_due() == 0
    grow(subscription, 5)
    assert usecases.push_due() == 0, "not before its time"
    assert later(subscription) == 2
    (first, _), (again, _), _ = inbox.came
    assert first["webhook-id"] == again["webhook-id"]
    assert inbox.came[0][1] == inbox.came[1][1]
    assert len(ids(inbox)) - 2 == len(set(ids(inbox))) == 7


def test_one_that_is_slow_holds_nobody_up(subscription, inbox, monkeypatch):
    other = a_subscription(subscription.grant, "另一个系统")
    for row in (subscription, other):
        usecases.push_to(row.number, inbox.url, by=a_keeper())
    slow, order, others_told = {"first": True}, [], Event()

    def post(url, address, headers, body):
        number = json.loads(body)[0]["source"].rpartition(":")[2]
        if number == subscription.number and slow.pop("first", False):
            others_told.wait(30)
        order.append((number, headers["webhook-id"]))
        if [number for number, _ in order] == [other.number] * 3:
            others_told.set()
        return "HTTP 204"

    monkeypatch.setattr(posting, "post", post)
    grow(subscription, 250)
    assert usecases.push_due() == 6
    assert [number for number, _ in order][:3] == [other.number] * 3


def test_what_is_given_up_waits_for_a_person(subscription, inbox):
    by = a_keeper()
    usecases.push_to(subscription.number, inbox.url, by=by)
    grow(subscription, 2)
    inbox.answers = [410, 204]
    usecases.push_due()
    dead = DeadLetter.objects.get(subscription=subscription)
    assert (dead.events, dead.stage, dead.error) == (2, "waiting", "HTTP 410")
    assert periods.notices(by).filter(subject=subscription.number).exists()
    grow(subscription, 1)
    assert usecases.push_due() == 0, "what comes after waits, or the order were broken"
    usecases.replay(subscription.number, dead.pk, by=by)
    assert usecases.push_due() == 2
    assert len(set(ids(inbox))) == 3
    assert inbox.came[0][0]["webhook-id"] == inbox.came[1][0]["webhook-id"]
    with pytest.raises(IllegalMove):
        usecases.replay(subscription.number, dead.pk, by=by)


def test_a_batch_passed_over_is_not_sent_and_why_is_on_record(subscription, inbox):
    by = a_keeper()
    usecases.push_to(subscription.number, inbox.url, by=by)
    inbox.answers = [500]
    grow(subscription, 2)
    for _ in range(len(BACK_OFF) + 1):
        later(subscription)
    dead = DeadLetter.objects.get(subscription=subscription)
    assert dead.tries == len(BACK_OFF) + 1
    grow(subscription, 1)
    with pytest.raises(Malformed):
        usecases.skip(subscription.number, dead.pk, "", by=by)
    usecases.skip(subscription.number, dead.pk, "接收方已按游标补取", by=by)
    inbox.came.clear()
    inbox.answers = [204]
    assert usecases.push_due() == 1
    assert len(ids(inbox)) == 1
    act = Act.objects.get(subject=subscription.number, tag="subscriptions.push.skipped")
    assert "接收方已按游标补取" in str(act.facts)
    with pytest.raises(Unknown):
        usecases.replay(subscription.number, 10**6, by=by)


def test_a_sender_killed_on_the_way_leaves_the_batch_to_the_next(subscription, inbox, monkeypatch):
    usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    grow(subscription, 2)
    with monkeypatch.context() as patched:
        patched.setattr(pushing, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            usecases.push_due()
    assert usecases.push_due() == 0, "another sender has it, for all we know"
    Push.objects.update(claimed_at=datetime.now(UTC) - CLAIMED_FOR * 2)
    assert usecases.push_due() == 1
    assert inbox.came[0][0]["webhook-id"] == inbox.came[1][0]["webhook-id"]


def test_a_late_answer_changes_nothing(subscription, inbox):
    usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    grow(subscription, 2)
    push = Push.objects.select_related("subscription").get(pk=subscription.pk)
    batch = batching.next_batch(push, datetime.now(UTC))
    assert usecases.push_due() == 1
    pushing._note(batch, "HTTP 500", datetime.now(UTC))
    assert Push.objects.get(pk=push.pk).tries == 0


def test_secrets_overlap_for_a_day(subscription, inbox):
    by = a_keeper()
    old = usecases.push_to(subscription.number, inbox.url, by=by).secret
    new = usecases.replace_secret(subscription.number, by=by).secret
    grow(subscription, 1)
    usecases.push_due()
    headers, body = inbox.came[-1]
    assert all(webhooks.is_signed(one, headers, body, int(time.time())) for one in (old, new))
    Push.objects.update(before_until=datetime.now(UTC) - OVERLAP)
    grow(subscription, 1)
    usecases.push_due()
    headers, body = inbox.came[-1]
    assert not webhooks.is_signed(old, headers, body, int(time.time()))
    assert old not in str(list(Push.objects.values())) and new not in str(list(Act.objects.values()))


def test_inner_networks_are_not_reached(subscription):
    hosts = ("http://10.0.0.1/x", "https://169.254.169.254/latest", "http://[::1]/x")
    for url in (*hosts, "ftp://a.example/x", "https://u:p@a.example/", "x" * 600):
        with pytest.raises(Malformed):
            usecases.push_to(subscription.number, url, by=a_keeper())
    assert not Push.objects.exists()


def test_a_name_that_turns_inwards_later_is_not_followed(subscription, inbox, settings):
    usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    grow(subscription, 1)
    settings.WEBHOOK_NETWORKS = ()
    assert usecases.push_due() == 0
    assert inbox.came == []
    assert "内网" in Push.objects.get(pk=subscription.pk).error


def test_redirects_are_refused_and_drops_given_up(subscription, inbox, monkeypatch):
    usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    inbox.answers, inbox.location = [302], "http://127.0.0.1:1/elsewhere"
    grow(subscription, 1)
    assert usecases.push_due() == 0
    assert Push.objects.get(pk=subscription.pk).error == "HTTP 302"
    monkeypatch.setattr(posting, "LONGEST", 0.0)
    assert posting.post(inbox.url, "127.0.0.1", {}, b"[]") == "TimeoutError"


def test_nothing_leaves_when_it_may_not(subscription, inbox, monkeypatch):
    by, number = a_keeper(), subscription.number
    usecases.push_to(number, inbox.url, by=by)
    grow(subscription, 1)
    with monkeypatch.context() as patched:
        patched.setattr(batching.exchange, "published", lambda _now: None)
        assert later(subscription) == 0, "a policy past its lease"
    with monkeypatch.context() as patched:
        patched.setattr(batching.exchange, "usage", lambda _number, quota: SimpleNamespace(left=quota - quota))
        assert later(subscription) == 0, "the quota of the day is used up"
    usecases.pause(number, by=by)
    assert later(subscription) == 0, "paused"
    usecases.resume(number, by=by)
    sharing.suspend_grant(subscription.grant_id, "超范围使用", by=a_provider_head())
    exchange.publish_policy()
    assert later(subscription) == 0, "suspended"
    sharing.resume_grant(subscription.grant_id, "已整改", by=a_provider_head())
    exchange.publish_policy()
    usecases.stop_push(number, by=by)
    assert later(subscription) == 0, "stopped"
    assert inbox.came == []
    usecases.push_to(number, inbox.url, by=by)
    assert usecases.push_due() == 1


def test_one_that_fell_out_is_told_to_read_anew(subscription, inbox):
    usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    Push.objects.update(sent_to=f"{'0' * 16}-1-1")
    grow(subscription, 1)
    assert usecases.push_due() == 1
    (one,) = json.loads(inbox.came[0][1])
    assert one["type"] == "datong.resync.required"
    assert Push.objects.get(pk=subscription.pk).sent_to == one["data"]["cursor"]
    grow(subscription, 1)
    assert usecases.push_due() == 1
    assert len(ids(inbox)) == 2


def test_who_keeps_receivers(subscription, inbox):
    with pytest.raises(Refused):
        usecases.push_to(subscription.number, inbox.url, by=a_provider_head())
    with pytest.raises(Refused):
        usecases.replace_secret(subscription.number, by=a_keeper())
    usecases.end(subscription.number, "系统下线", by=a_keeper())
    with pytest.raises(Refused):
        usecases.push_to(subscription.number, inbox.url, by=a_keeper())
    assert receiving.unsealed(b"", subscription.number) == ""


def test_events_carry_the_record_they_are_of_where_the_key_is_plain(subscription):
    policy = exchange.policy.published()
    grant = next(one for one in policy.grants if one.number == subscription.grant_id)
    assert batching._keys(policy, grant) == []
    told = {"id": f"{'a' * 16}-2-1", "type": "delete", "at": "2026-11-22T00:00:00Z", "version": 2, "before": {"name": "王*"}}
    assert batching._event(told, "E1", grant, ["name"])["partitionkey"] == "王*"
    assert list(itertools.islice(batching._event(told, "E1", grant, []), 1)) == ["specversion"]
