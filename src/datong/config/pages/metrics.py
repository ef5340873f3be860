# SPDX-License-Identifier: Apache-2.0
"""Figures of the control plane for Prometheus; those of the gateways are at the gateway.

Kept here: answered to addresses of the node's list alone, to others as an address that does not exist; what came through a
stranger's proxy is a stranger's. No label names a person, a department or a resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.audit import face as audit
from datong.contexts.exchange import queries as exchange
from datong.kernel.addresses import inside, origin
from datong.wire.metrics import TYPE, Family, text


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Tell the figures, to whom they are for."""
    if not may_read(request):
        raise Http404
    return HttpResponse(text(_families()), TYPE)


def may_read(request: HttpRequest) -> bool:
    """Whether the figures are for whoever asks."""
    peer, said = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
    proxies = settings.NODE.proxy_networks
    if (said or "HTTP_FORWARDED" in request.META) and not inside(peer, proxies):
        return False
    return inside(origin(peer, said, proxies), settings.NODE.metrics_networks)


def _families() -> Iterator[Family]:
    began = perf_counter()
    yield Family("datong_acts_total", "counter", "Acts on record", [({}, audit.head())])
    jobs = ProcrastinateJob.objects.values_list("status").annotate(many=Count("pk")).order_by("status")
    yield Family("datong_jobs", "gauge", "Background jobs by state", [({"state": state}, many) for state, many in jobs])
    policy = exchange.newest_policy()
    if policy is not None:
        left = max(0.0, (policy.lease_ends - datetime.now(UTC)).total_seconds())
        yield Family("datong_policy_version", "gauge", "Newest policy published", [({}, policy.version)])
        yield Family("datong_policy_lease_seconds", "gauge", "For how long gateways may go on with it", [({}, left)])
    took = perf_counter() - began
    yield Family("datong_metrics_seconds", "gauge", "How long PostgreSQL took to tell all this", [({}, took)])
