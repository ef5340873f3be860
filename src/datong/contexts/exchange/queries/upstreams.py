# SPDX-License-Identifier: Apache-2.0
"""Reads of providers' interfaces: who sees which registrations."""

from __future__ import annotations

from django.db.models import QuerySet

from datong.contexts.exchange.domain import UpstreamStage
from datong.contexts.exchange.models import Upstream
from datong.contexts.exchange.queries.providing import seen_by
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown


def upstreams_visible(by: Officer) -> QuerySet[Upstream]:
    """Registrations an officer may see, as the sources: the provider's own, and all for those who supervise."""
    return seen_by(by, Upstream.objects.select_related("resource", "connection"))


def upstreams(by: Officer, *, stage: str = "") -> QuerySet[Upstream]:
    """Registrations an officer may see, newest first, of one stage."""
    found = upstreams_visible(by).order_by("-id")
    if stage:
        found = found.filter(stage=stage) if stage.isprintable() else found.none()
    return found


def open_upstreams(code: str, *, by: Officer) -> dict[str, Upstream]:
    """The registration that waits and the one in force of a resource, by stage.

    Raises:
        Unknown: there is none the officer may see.
    """
    stages = [UpstreamStage.DRAFT, UpstreamStage.SERVING]
    found = {row.stage: row for row in upstreams_visible(by).filter(resource_id=code, stage__in=stages)}
    if not found:
        raise Unknown("没有登记的接口 (no interface is registered)", remedy="先登记接口 (register one first)")
    return found
