# SPDX-License-Identifier: Apache-2.0
"""Notices reach people by a real mail server and a real HTTP receiver: signed, once in effect, tried again, given up."""

from __future__ import annotations

import email
import json
import time
from datetime import UTC, datetime, timedelta
from email import policy
from ipaddress import ip_network

import pytest
from django.conf import settings
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.audit import face as audit
from datong.contexts.notifications import domain, queries, usecases
from datong.contexts.notifications.domain import BACK_OFF, DispatchStage
from datong.contexts.notifications.models import Dispatch, Spread, Webhook
from datong.contexts.notifications.usecases import sending
from datong.contexts.notifications.usecases.spreading import SEND, queue_sending
from datong.contexts.organisations import usecases as organisations
from datong.contexts.organisations.models import Account
from datong.contexts.periods import face as periods
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.wire import webhooks
from factories.organisations import a_department, an_officer
from factories.receivers import a_mail_server, a_receiver
from factories.sharing import today

pytestmark = pytest.mark.django_db
KINDS = periods.NoticeKind
ADDRESS = "li.si@example.gov.cn"
LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.fixture(autouse=True)
def _no_sender_of_its_own(monkeypatch):
    """The tests send themselves; nothing is queued for a worker."""
    for place in ("spreading", "sending"):
        monkeypatch.setattr(f"datong.contexts.notifications.usecases.{place}.queue_sending", lambda: None)


@pytest.fixture
def home():
    return a_department("测试民政厅")


@pytest.fixture
def head(home):
    return an_officer(roles=[Role.CONSUMER_HEAD], department=home)


@pytest.fixture
def mail(settings):
    with a_mail_server() as box:
        settings.MAIL_SERVER = {"host": "127.0.0.1", "port": box.port, "sender": "datong@example.gov.cn"}
        yield box


@pytest.fixture
def hook(settings):
    settings.WEBHOOK_NETWORKS = LOOPBACK
    with a_receiver() as box:
        yield box


def tell(head: Officer, kind: KINDS = KINDS.TOLD, title: str = "低保核对数据") -> periods.Notice:
    about = periods.Subject("request", "R20260101-0001", title, "/requests/R20260101-0001")
    words = "张三的申请请尽快办理 (see to it)"
    return periods.tell(kind, about, periods.Holder(Role.CONSUMER_HEAD, head.department, head.region), words)


def every(kind: str) -> list[str]:
    return [one.value for one in KINDS] if kind == "all" else [kind]


def test_a_mail_holds_title_and_link_and_nothing_else(head, mail):
    usecases.prefer(email=ADDRESS, at_once=every("all"), by=head)
    tell(head, title="低保核对\r\nBcc: other@example.com")
    assert usecases.spread() == 1 and usecases.send_due() == 1
    [(sender, recipient, letter)] = mail.letters
    read = email.message_from_bytes(letter, policy=policy.default)
    assert ADDRESS in recipient and "datong@example.gov.cn" in sender and read["bcc"] is None
    body = read.get_content()
    assert "低保核对" in read["subject"] and f"{settings.NODE.address}/requests/R20260101-0001" in body
    assert "张三" not in body and head.name not in body
    assert read["message-id"].strip("<>").startswith(Dispatch.objects.get().key)


def test_what_was_not_chosen_is_not_sent(head, mail):
    usecases.prefer(email=ADDRESS, at_once=["overdue"], by=head)
    tell(head)
    assert usecases.spread() == 0 and Spread.objects.count() == 1
    assert usecases.spread() == 0 and usecases.send_due() == 0 and mail.letters == []


def test_a_digest_gathers_a_day_into_one_mail(head, mail):
    usecases.prefer(email=ADDRESS, digest=["told"], digest_hour=8, by=head)
    first, second, settled = tell(head), tell(head, title="另一件"), tell(head, title="已办的")
    usecases.spread()
    assert usecases.send_due() == 0
    periods.done_with("request", "R20260101-0001")
    periods.Notice.objects.filter(pk__in=[first.pk, second.pk]).update(settled_by="", settled_at=None)
    at = domain.next_digest(datetime.now(UTC), 8)
    assert usecases.send_due(now=lambda: at) == 2
    [(_, _, letter)] = mail.letters
    body = email.message_from_bytes(letter, policy=policy.default).get_content()
    assert body.count("/requests/") == 2 and "已办的" not in body
    assert Dispatch.objects.get(notice=settled).stage == DispatchStage.DROPPED


def test_a_deputy_gets_what_the_one_away_gets(head, home, mail):
    deputy = an_officer(department=home)
    organisations.delegate(deputy.account, ["consumer_head"], by=head, first_day=today(), last_day=today(), reason="公休")
    usecases.prefer(email="deputy@example.gov.cn", at_once=every("all"), by=deputy)
    tell(head)
    assert usecases.spread() == 1 and usecases.send_due() == 1
    assert "deputy@example.gov.cn" in mail.letters[0][1]


def test_who_left_the_post_gets_nothing_any_more(head, mail):
    usecases.prefer(email=ADDRESS, at_once=every("all"), by=head)
    tell(head)
    usecases.spread()
    organisations.dismiss(head.account, "consumer_head", by=SYSTEM)
    assert usecases.send_due() == 0 and mail.letters == []
    assert Dispatch.objects.get().stage == DispatchStage.DROPPED


def test_without_a_mail_server_no_address_is_taken_and_the_page_says_so(head):
    with pytest.raises(Refused, match="没有配置邮件服务器"):
        usecases.prefer(email=ADDRESS, by=head)
    client = signed_in(head)
    assert "本节点没有配置邮件服务器" in client.get("/notifications").content.decode()
    assert client.get("/api/v1/notifications/preferences").json()["mail_server"] is False


def test_a_refused_recipient_is_noted_without_the_address(head, mail):
    usecases.prefer(email=ADDRESS, at_once=every("all"), by=head)
    mail.answer = f"550 no {ADDRESS} here"
    tell(head)
    usecases.spread()
    usecases.send_due()
    row = Dispatch.objects.get()
    assert (row.stage, row.tries) == (DispatchStage.FAILED, 1) and "550" in row.error and ADDRESS not in row.error


def test_a_webhook_is_signed_and_its_secret_is_shown_once(head, hook):
    usecases.prefer(at_once=every("all"), by=head)
    made = usecases.hook(hook.url, by=head)
    notice = tell(head)
    assert usecases.spread() == 1 and usecases.send_due() == 1
    [(headers, body)] = hook.came
    assert webhooks.is_signed(made.secret, headers, body, int(time.time()))
    assert not webhooks.is_signed(webhooks.new_secret(), headers, body, int(time.time()))
    said = json.loads(body)
    assert said["type"] == "notice.told" and said["data"]["id"] == notice.pk and "张三" not in body.decode()
    assert made.secret.encode() not in bytes(Webhook.objects.get().sealed)
    assert made.secret not in str([(act.tag, act.facts) for act in audit.acts(subject=head.account, limit=20)])
    assert "hidden" not in str([act.facts for act in audit.acts(subject=head.account, limit=20)])


def test_a_sender_that_was_killed_leaves_the_message_to_the_next_one(head, hook, monkeypatch):
    usecases.prefer(at_once=every("all"), by=head)
    usecases.hook(hook.url, by=head)
    tell(head)
    usecases.spread()
    with monkeypatch.context() as killed:
        killed.setattr(sending, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            usecases.send_due()
    assert usecases.send_due() == 0
    later = datetime.now(UTC) + domain.CLAIMED_FOR + timedelta(seconds=1)
    assert usecases.send_due(now=lambda: later) == 1
    first, second = (headers["webhook-id"] for headers, _ in hook.came)
    assert first == second == Dispatch.objects.get().key


def test_failures_back_off_and_end_and_can_be_sent_again(head, hook):
    usecases.prefer(at_once=every("all"), by=head)
    usecases.hook(hook.url, by=head)
    hook.answers = [500]
    tell(head)
    usecases.spread()
    at = datetime.now(UTC)
    for pause in (*BACK_OFF, None):
        assert usecases.send_due(now=lambda at=at: at) == 0
        row = Dispatch.objects.get()
        assert row.error == "HTTP 500" and row.stage == (DispatchStage.FAILED if pause else DispatchStage.DEAD)
        at = row.due_at if pause else at
    assert len(hook.came) == len(BACK_OFF) + 1 and len({headers["webhook-id"] for headers, _ in hook.came}) == 1
    assert "notifications.dispatch.given_up" in [act.tag for act in audit.acts(subject=head.account, limit=20)]
    with pytest.raises(Unknown):
        usecases.replay(row.pk, by=an_officer(roles=[Role.CONSUMER_HEAD]))
    hook.answers = [204]
    usecases.replay(row.pk, by=head)
    assert usecases.send_due() == 1
    with pytest.raises(IllegalMove):
        usecases.replay(row.pk, by=head)


def test_a_receiver_that_is_gone_is_given_up_at_once(head, hook):
    usecases.hook(hook.url, by=head)
    usecases.try_webhook(by=head)
    hook.answers = [410]
    usecases.send_due()
    assert Dispatch.objects.get().stage == DispatchStage.DEAD


def test_redirects_are_not_followed(head, hook):
    with a_receiver() as elsewhere:
        usecases.hook(hook.url, by=head)
        usecases.try_webhook(by=head)
        hook.answers, hook.location = [302], elsewhere.url
        usecases.send_due()
        assert elsewhere.came == [] and Dispatch.objects.get().error == "HTTP 302"


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/x", "https://localhost/x", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/",
     "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/", "https://2130706433/", "https://no.such.name.invalid/"],
)  # fmt: skip
def test_inner_addresses_are_refused(head, url):
    with pytest.raises(Malformed) as refused:
        usecases.hook(url, by=head)
    assert list(refused.value.fields) == ["url"] and not Webhook.objects.exists()


@pytest.mark.parametrize(
    "url", ["", "ftp://a.example/", "https://", "https://user:pw@a.example/", "https://a.example/#x", "javascript:alert(1)",
            "https://a.example/" + "a" * 500, "https://a b.example/", "https://例子.cn/", "https://a.example:99999/"],
)  # fmt: skip
def test_addresses_that_do_not_read_are_refused(head, url):
    with pytest.raises(Malformed):
        usecases.hook(url, by=head)


def test_a_name_that_turns_inward_later_is_not_followed(head, hook, settings):
    usecases.hook(hook.url, by=head)
    usecases.try_webhook(by=head)
    settings.WEBHOOK_NETWORKS = ()
    usecases.send_due()
    row = Dispatch.objects.get()
    assert hook.came == [] and row.stage == DispatchStage.FAILED and "内网" in row.error and "hidden" not in row.error


def test_the_name_is_resolved_once_and_the_connection_pinned(head, hook, monkeypatch):
    asked = []

    def resolve(host, port, *_how, **_kind):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("datong.wire.posting.socket.getaddrinfo", resolve)
    usecases.hook(f"http://app.example.test:{hook.port}/hooks", by=head)
    usecases.try_webhook(by=head)
    asked.clear()
    assert usecases.send_due() == 1
    assert asked.count("app.example.test") == 1 and hook.came[0][0]["host"] == f"app.example.test:{hook.port}"


def test_choices_that_do_not_fit_are_refused(head, mail):
    for wrong in ({"email": "no address"}, {"at_once": ["news"]}, {"at_once": ["told"], "digest": ["told"]}, {"digest_hour": 24}):
        with pytest.raises(Malformed):
            usecases.prefer(by=head, **wrong)


def signed_in(officer: Officer) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=officer.account))
    return client


def test_the_page_chooses_hooks_tries_and_sends_again(head, hook, mail):
    client = signed_in(head)
    kinds = {f"kind-{kind.value}": "at_once" for kind in KINDS}
    assert client.post("/notifications/preferences", {**kinds, "email": "no", "digest_hour": "8"}).status_code == 422
    assert client.post("/notifications/preferences", {**kinds, "email": ADDRESS, "digest_hour": "x"}).status_code == 422
    assert client.post("/notifications/preferences", {**kinds, "email": ADDRESS, "digest_hour": "9"}).status_code == 302
    assert queries.preference(head).digest_hour == 9
    assert client.post("/notifications/webhook/set", {"url": "https://127.0.0.1.nip.invalid/"}).status_code == 422
    shown = client.post("/notifications/webhook/set", {"url": hook.url}).content.decode()
    assert "whsec_" in shown and "whsec_" not in client.get("/notifications").content.decode()
    assert client.post("/notifications/webhook/try").status_code == 302
    hook.answers = [410]
    usecases.send_due()
    row = Dispatch.objects.get()
    assert "已放弃" in client.get("/notifications").content.decode()
    assert client.post(f"/notifications/messages/{row.pk}/replay").status_code == 302
    assert client.post(f"/notifications/messages/{row.pk}/replay").status_code == 409
    assert client.post("/notifications/webhook/burn").status_code == 404
    assert client.post("/notifications/webhook/stop").status_code == 302 and queries.webhook(head) is None
    assert client.post("/notifications/webhook/try").status_code == 403
    for kind in ("csv", "xlsx", "jsonl"):
        assert row.key.encode() in b"".join(client.get(f"/notifications?format={kind}").streaming_content) or kind == "xlsx"


def test_the_api_chooses_hooks_tries_and_sends_again(head, hook, mail):
    client = signed_in(head)
    chosen = {"email": ADDRESS, "at_once": ["told"], "digest": ["reminder"], "digest_hour": 7}
    answer = client.put("/api/v1/notifications/preferences", chosen, content_type="application/json")
    assert answer.json() == {**chosen, "webhook": "", "mail_server": True}
    made = client.post("/api/v1/notifications/webhook", {"url": hook.url}, content_type="application/json")
    assert made.status_code == 201 and made.json()["secret"].startswith("whsec_")
    one = client.post("/api/v1/notifications/webhook/trial", content_type="application/json").json()
    hook.answers = [410]
    usecases.send_due()
    assert client.get("/api/v1/notifications/messages?stage=dead").json()["items"][0]["id"] == one["id"]
    again = client.post(f"/api/v1/notifications/messages/{one['id']}/replay", content_type="application/json")
    assert again.json()["stage"] == "queued" and again.json()["key"] == one["key"]
    assert client.delete("/api/v1/notifications/webhook").status_code == 204
    assert client.get("/api/v1/notifications/preferences").json()["webhook"] == ""
    stranger = signed_in(an_officer(roles=[Role.CONSUMER_HEAD]))
    assert stranger.get("/api/v1/notifications/messages").json()["items"] == []


def test_one_sender_is_asked_for_at_a_time():
    queue_sending()
    queue_sending()
    assert ProcrastinateJob.objects.filter(task_name=SEND, status="todo").count() == 1
    assert SEND in app.tasks
