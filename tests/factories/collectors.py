# SPDX-License-Identifier: Apache-2.0
"""A collector of traces: a real HTTP server that takes OTLP and keeps the spans as they were sent."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from factories.listening import http_server, listening


@dataclass
class Collector:
    """What came: raw bodies, and each span as the protocol has it."""

    url: str = ""
    status: int = 200
    raw: list[bytes] = field(default_factory=list)
    spans: list[Any] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        self.raw.append(body)
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resources.append(said(group.resource))
            self.spans += [one for scope in group.scope_spans for one in scope.spans]

    def named(self, name: str, trace: str) -> Any:
        """The only span of a name in a trace."""
        (one,) = [one for one in self.spans if one.name == name and one.trace_id.hex() == trace]
        return one


def said(holder: Any) -> dict[str, Any]:
    """Attributes of a span or a resource."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in holder.attributes}


@contextmanager
def a_collector() -> Iterator[Collector]:
    """Run a collector on this machine."""
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.take(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with listening(http_server(Handler)) as port:
        made.url = f"http://127.0.0.1:{port}/v1/traces"
        yield made
