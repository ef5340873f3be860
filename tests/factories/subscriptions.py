# SPDX-License-Identifier: Apache-2.0
"""Grants that are followed, and their rows as they change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from datong.contexts.exchange import usecases as exchange
from datong.contexts.exchange.models import Batch
from datong.contexts.sharing.models import Grant
from datong.contexts.subscriptions import usecases
from datong.contexts.subscriptions.models import Subscription
from datong.kernel.actors import Officer, Role
from factories.catalog import DRAFT, a_draft, a_resource, someone
from factories.exchange import a_batch, a_csv_text, a_landed_batch, an_offer
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

COLUMNS = ("公民身份号码", "姓名", "行政区划代码", "登记日期")
WANG = ("11010519491231002X", "王五", "330106", "2020-01-05")
ZHAO = ("110105194912310038", "赵六", "110105", "2020-01-06")
SUN = ("110105194912310046", "孙七", "330106", "2020-01-07")


def a_keeper(consumer: str = CONSUMER) -> Officer:
    """Who subscribes for the consumer."""
    return someone(Role.APPLICANT, consumer)


def land(grant: Grant, *rows: tuple[str, ...]) -> None:
    """Land rows in the resource of a grant."""
    landed = a_landed_batch(grant.resource.current, an_offer(a_csv_text(rows, COLUMNS)))
    assert landed.stage == "landed", landed.error


def says_landed(grant: Grant) -> None:
    """Say that rows landed, without any: for tests that never look into the lake."""
    made = a_batch(grant.resource.current, an_offer(a_csv_text([WANG], COLUMNS)))
    facts = {"stage": "landed", "lake_version": 0, "index": "none", "rows_good": 1, "finished_at": datetime.now(UTC)}
    Batch.objects.filter(pk=made.pk).update(**facts)


def a_followable_grant(
    *rows: tuple[str, ...], consumer: str = CONSUMER, name: str = "订阅", landed: bool = True, **changes: Any
) -> Grant:
    """A grant with channel subscription on a resource whose rows have landed."""
    methods = ("call", "verify", "table", "file", "subscription")
    resource = a_resource(a_draft(name=f"{DRAFT.name}（{name}）", sharing_methods=methods))
    draft = a_request_draft(resource, channels=("subscription",), consumer=consumer, **changes)
    made = a_grant(request=a_request(draft, consumer=consumer))
    if landed:
        land(made, *(rows or (WANG, ZHAO)))
    else:
        says_landed(made)
    return made


def a_subscription(grant: Grant | None = None, title: str = "低保核对库同步", *, consumer: str = CONSUMER) -> Subscription:
    """A subscription the gateways know of."""
    row = usecases.subscribe((grant or a_followable_grant(consumer=consumer)).number, title, by=a_keeper(consumer))
    exchange.publish_policy()
    return row
