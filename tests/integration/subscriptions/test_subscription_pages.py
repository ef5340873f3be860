# SPDX-License-Identifier: Apache-2.0
"""Pages and API of subscriptions: what each side sees and does, the secret shown once, counts and never content."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.test import Client

from datong.contexts.subscriptions import usecases
from datong.contexts.subscriptions.models import DeadLetter, Push, Subscription
from datong.contexts.subscriptions.usecases import pushing
from datong.kernel.actors import Role
from factories.catalog import PROVIDER
from factories.organisations import a_department, an_account
from factories.receivers import a_receiver
from factories.sharing import CONSUMER
from factories.subscriptions import SUN, WANG, a_followable_grant, a_keeper, a_subscription, land

pytestmark = pytest.mark.django_db


def signed_in(role: Role = Role.APPLICANT, department: str = CONSUMER) -> Client:
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


@pytest.fixture
def row(settings):
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    return a_subscription(a_followable_grant(WANG))


def a_dead_letter(row: Subscription) -> DeadLetter:
    """A batch its receiver wants no more."""
    with a_receiver() as inbox:
        inbox.answers = [410]
        usecases.push_to(row.number, inbox.url, by=a_keeper())
        land(row.grant, WANG, SUN)
        pushing.push_due()
    return DeadLetter.objects.get(subscription=row)


def test_from_the_page_of_the_grant_to_the_end(settings):
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    grant, client = a_followable_grant(WANG), signed_in()
    part = client.get(f"/subscriptions/of/{grant.number}").content.decode()
    assert "订阅变化" in part and f"/subscriptions/of/{grant.number}/new" in part
    assert "/subscriptions/of/" in client.get(f"/grants/{grant.number}").content.decode()
    assert client.post(f"/subscriptions/of/{grant.number}/new", {"title": ""}).status_code == 422
    made = client.post(f"/subscriptions/of/{grant.number}/new", {"title": "低保核对库"}, follow=True)
    row = Subscription.objects.get()
    page = f"/subscriptions/{row.number}"
    assert made.redirect_chain[-1][0] == page and "低保核对库" in made.content.decode()
    assert row.number in client.get("/subscriptions").content.decode()
    with a_receiver() as inbox:
        told = client.post(f"{page}/push", {"url": inbox.url}).content.decode()
    assert told.count("whsec_") == 1
    assert "whsec_" not in client.get(page).content.decode()
    assert "whsec_" in client.post(f"{page}/rotate").content.decode()
    assert client.post(f"{page}/push", {"url": "http://10.0.0.1/"}).status_code == 422
    for verb, given in (("stop", {}), ("pause", {"why": "升级"}), ("resume", {}), ("end", {"why": "下线"})):
        assert client.post(f"{page}/{verb}", given).status_code == 302, verb
    assert client.post(f"{page}/resume").status_code == 409
    assert client.post(f"{page}/whatever").status_code == 404
    assert "已结束订阅" in client.get(f"{page}").content.decode()
    assert client.get("/subscriptions?tab=all&format=csv&sort=-read").status_code == 200


def test_dead_letters_are_settled_on_the_page(row):
    dead, client = a_dead_letter(row), signed_in()
    page = f"/subscriptions/{row.number}"
    shown = client.get(page).content.decode()
    assert "死信" in shown and "HTTP 410" in shown and "王" not in shown.replace("王五", "") and SUN[1] not in shown
    assert row.number in client.get("/subscriptions?tab=stuck").content.decode()
    assert client.post(f"{page}/dead/{dead.pk}/skip", {"why": ""}).status_code == 422
    assert client.post(f"{page}/dead/{dead.pk}/replay").status_code == 302
    assert not Push.objects.get(pk=row.pk).stuck
    assert client.post(f"{page}/dead/{dead.pk}/replay").status_code == 409
    assert client.post(f"{page}/dead/999999/skip", {"why": "x"}).status_code == 404
    assert client.post(f"{page}/dead/{dead.pk}/drop").status_code == 404


def test_others_look_or_do_not_even_know(row):
    page = f"/subscriptions/{row.number}"
    for role, department, status in (
        (Role.PROVIDER_HEAD, PROVIDER, 200),
        (Role.AUDITOR, PROVIDER, 200),
        (Role.APPLICANT, "别的部门", 404),
    ):
        client = signed_in(role, department)
        shown = client.get(page)
        assert shown.status_code == status
        assert "更换密钥" not in shown.content.decode()
        assert client.post(f"{page}/pause").status_code in (403, 404)
        assert (row.number in client.get("/subscriptions").content.decode()) is (status == 200)


def test_by_the_api(row):
    client, place = signed_in(), f"/api/v1/subscriptions/{row.number}"

    def sends(verb: str, where: str, **given: str):
        return getattr(client, verb)(where, given, content_type="application/json")

    assert sends("post", "/api/v1/subscriptions", grant=row.grant_id, title="另一个").status_code == 200
    assert [one["number"] for one in client.get("/api/v1/subscriptions?limit=1&stage=live").json()["items"]] > [row.number]
    assert client.get(f"/api/v1/subscriptions?after={row.number}").json() == {"items": [], "next": None}
    assert client.get(place).json() | {"dead": [], "unread": 0, "push": None} == client.get(place).json()
    with a_receiver() as inbox:
        assert sends("put", f"{place}/push", url=inbox.url).json()["secret"].startswith("whsec_")
    assert sends("post", f"{place}/push/secret").status_code == 200
    assert client.delete(f"{place}/push").status_code == 204
    dead = a_dead_letter(row)
    assert client.get(place).json()["dead"][0]["stage"] == "waiting"
    assert sends("post", f"{place}/dead/{dead.pk}/skip", why="已补取").json()["stage"] == "skipped"
    assert sends("post", f"{place}/dead/{dead.pk}/replay").status_code == 409
    assert sends("post", f"{place}/pause", why="").json()["stage"] == "paused"
    assert sends("post", f"{place}/resume").json()["stage"] == "active"
    assert sends("post", f"{place}/end", why="").status_code == 422
    assert sends("post", f"{place}/end", why="下线").json()["stage"] == "ended"
    assert client.get("/api/v1/subscriptions/E20260101-9999").status_code == 404
