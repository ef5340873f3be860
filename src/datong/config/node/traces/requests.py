# SPDX-License-Identifier: Apache-2.0
"""A span for each request to pages and interface of the control plane.

Kept here: of a path the pattern it fits is told, never the path itself, whose pieces may be numbers of cases; no query, no
header, no account. Files of the pages, figures and questions of health have no span.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from opentelemetry.trace import SpanKind, StatusCode

from datong.config.node.traces import export
from datong.gateway.traces import spans

PLAIN = (settings.STATIC_URL, "/metrics", "/healthz", "/readyz")


class TraceMiddleware:
    """Opens a span for a request, below its caller's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, in a span."""
        if request.path.startswith(PLAIN):
            return self.get_response(request)
        method = str(request.method)
        named = [request.headers[spans.HEADER]] if spans.HEADER in request.headers else []
        told = {"http.request.method": method}
        with spans.span(export.tracer("control"), method, SpanKind.SERVER, told, spans.parent(named)) as here:
            response = self.get_response(request)
            if request.resolver_match is not None:
                here.update_name(f"{method} /{request.resolver_match.route}")
                here.set_attribute("http.route", f"/{request.resolver_match.route}")
            here.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= 500:
                here.set_status(StatusCode.ERROR)
            return response
