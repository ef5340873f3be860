# SPDX-License-Identifier: Apache-2.0
"""Reads of providers' interfaces: who sees which registrations."""

from __future__ import annotations

from django.db.models import QuerySet

from datong.contexts.exchange.domain import UpstreamStage
from datong.contexts.exchange.models import Upstream
from datong.contexts.exchange.permissions import sees_all_use, sees_provided
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown


def upstreams_visible(by: Officer) -> QuerySet[Upstream]:
    """Registrations an officer may see, as the sources: the provider's own, and all for those who supervise."""
    everything = Upstream.objects.select_related("resource", "connection")
    if sees_all_use(by):
        return everything
    if sees_provided(by):
        return everything.filter(resource__provider_id=by.department)
    return everything.none()


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
