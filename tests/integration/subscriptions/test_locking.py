# SPDX-License-Identifier: Apache-2.0
"""Who ends a subscription and the sender that notes its push do not wait for each other: a demonstration once stood still."""

from __future__ import annotations

import threading
from ipaddress import ip_network

import pytest
from django.db import connection, transaction
from django.db.models import F

from datong.contexts.subscriptions import queries, usecases
from datong.contexts.subscriptions.models import Push
from factories.subscriptions import a_followable_grant, a_keeper, a_subscription


@pytest.mark.django_db(transaction=True)
def test_a_push_is_noted_while_its_subscription_is_locked(settings):
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)
    row = a_subscription(a_followable_grant())
    usecases.push_to(row.number, "http://127.0.0.1:9/hooks", by=a_keeper())
    held, go_on = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            queries.subscription_of(row.number, by=a_keeper(), lock=True)
            held.set()
            go_on.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(60)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '3s'")
            for _ in range(2):  # the second change of a row in one transaction checks its key again
                Push.objects.filter(subscription=row).update(sent_events=F("sent_events") + 1)
    finally:
        go_on.set()
        thread.join()
    assert Push.objects.get(subscription=row).sent_events == 2
