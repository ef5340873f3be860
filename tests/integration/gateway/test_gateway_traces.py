# SPDX-License-Identifier: Apache-2.0
"""Traces: one from caller over gateway to the provider's interface, with no secret in it; nobody waits for the collector."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.traces import export
from datong.gateway import spancounts
from datong.gateway.traces.app import TracedGateway, route
from datong.gateway.traces.spans import parent
from factories.collectors import Collector, a_collector, said
from factories.gateways import CODE, NODE, PLACE, Node, a_grant, lawful
from factories.upstreams import Talking, an_interface, talking

TRACE, CALLER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
THEIRS = f"00-{TRACE}-{CALLER}-01"
HELD = "330106199001010000"
CALL = "GET /v1/resources/{resource}/records"


class Refusing(SpanExporter):
    """A collector that takes nothing, and is waited for until it is released."""

    def __init__(self) -> None:
        self.asked, self.released = threading.Event(), threading.Event()

    def export(self, spans: object) -> SpanExportResult:
        self.asked.set()
        self.released.wait(60)
        return SpanExportResult.FAILURE


@contextmanager
def traced(node: Node, provider: TracerProvider) -> Iterator[Talking]:
    tracer = provider.get_tracer("test")
    with talking(node, make=lambda config, clock: TracedGateway(config, tracer, clock)) as made:
        yield made


@pytest.fixture
def collector() -> Iterator[Collector]:
    with a_collector() as made:
        yield made


@pytest.fixture
def provider(node: Node, collector: Collector) -> TracerProvider:
    (node.folder / "run").mkdir()
    return export.provider(collector.url, NODE, "gateway-0", node.folder / "run")


@pytest.fixture
def gateway(node: Node, provider: TracerProvider) -> Iterator[Talking]:
    with traced(node, provider) as made:
        yield made


def test_one_trace_goes_from_the_caller_to_the_provider(gateway: Talking, provider: TracerProvider, collector: Collector):
    with an_interface() as there:
        gateway.register(base=there.url)
        token = gateway.token(gateway.node.civil)
        carried = {"traceparent": THEIRS, "tracestate": "x=free-text", "baggage": "who=free-text"}
        reply = gateway.records(token, f"id={HELD}", **carried)
        provider.shutdown()
    assert reply.status == 200
    call, upstream, evidence = (collector.named(name, TRACE) for name in (CALL, "upstream", "evidence"))
    assert call.parent_span_id.hex() == CALLER
    assert {upstream.parent_span_id, evidence.parent_span_id} == {call.span_id}
    asked = there.asked[0].headers
    assert asked["traceparent"] == f"00-{TRACE}-{upstream.span_id.hex()}-01"
    assert "tracestate" not in asked and "baggage" not in asked
    record = gateway.node.evidence()[-1]
    names = ("channel", "code", "grant", "policy_version", "request_id", "resource", "rows")
    told = {"http.request.method": "GET", "http.route": "/v1/resources/{resource}/records", "http.response.status_code": 200}
    assert said(call) == told | {f"datong.{name}": record[name] for name in names}
    sent = b"".join(collector.raw)
    spoken = [HELD, "张", "138", "AJ-1", gateway.node.civil.client_id, token, "Bearer", "free-text", orjson.dumps(record["persons"])[2:20].decode()]
    assert [word for word in spoken if word.encode() in sent] == []
    assert collector.resources[0]["service.instance.id"] == f"{NODE}/gateway-0"


def test_look_ups_refusals_tokens_and_parts_are_told(gateway: Talking, provider: TracerProvider, collector: Collector):
    gateway.offer(a_grant())
    token = gateway.token(gateway.node.civil)
    gateway.records(token)
    gateway.records(token, Datong_Purpose="another", traceparent=THEIRS)
    gateway.verify(token, {"key": {"id": HELD}, "claims": {"name": "张0"}})
    part = {"resource": CODE, "service": "records"}
    whole = orjson.dumps({"key": {"id": HELD}, "parts": [part | {"name": "a"}, part | {"name": "b"}]})
    assert gateway.ask("POST", "/v1/composed", headers=lawful(token), body=whole, kind="application/json").status == 200
    gateway.ask("GET", "/healthz")
    gateway.ask("GET", "/v1/resources/张三/records?id=1")
    gateway.ask("GET", f"/v1/resources/{HELD}/1/records?id=1", headers=lawful(token))  # an id where a resource belongs
    provider.shutdown()
    by_name: dict[str, list[object]] = {}
    for one in collector.spans:
        by_name.setdefault(one.name, []).append(one)
    calls = [said(one)["datong.code"] for one in by_name[CALL]]
    assert calls == ["ok", "purpose_mismatch", "unknown"]
    assert [said(one).get("datong.resource") for one in by_name[CALL]] == [CODE, CODE, None]
    assert said(by_name["POST /oauth2/token"][0])["datong.code"] == "ok"
    assert [one.parent_span_id for one in by_name["look-up"]][:2] == [
        by_name[CALL][0].span_id, by_name["POST /v1/resources/{resource}/verify"][0].span_id
    ]  # fmt: skip
    assert said(by_name["GET /v1/resources/{resource}/…"][0])["datong.code"] == "unauthenticated"
    assert [said(one)["datong.code"] for one in by_name["POST /v1/composed"][0].events] == ["ok", "ok"]
    assert not any("health" in name for name in by_name)


@pytest.mark.parametrize(
    "header", ["", "00", f"00-{'0' * 32}-{CALLER}-01", f"ff-{TRACE}-{CALLER}-01", f"00-{TRACE}-{CALLER}-01-x", "0" * 5_000, "张", THEIRS.upper()]
)
def test_what_is_no_traceparent_begins_a_trace_of_ours(header: str):
    assert not parent([header]) and not parent([THEIRS, THEIRS]) and parent([THEIRS])


def test_no_name_of_a_span_holds_what_a_caller_chose():
    assert route(PLACE.encode() + b"/verify:batch") == "/v1/resources/{resource}/verify:batch"
    for name in ("why", "openapi.json", "corrections"):
        assert route(f"{PLACE}/{name}".encode()) == f"/v1/resources/{{resource}}/{name}"
    assert route(b"/v1/resources/x/" + HELD.encode()) == "/v1/resources/{resource}/…"
    assert route(b"/delta-sharing/shares/x") == "/delta-sharing/…" and route(b"/r1/x") == "/r1/…"
    assert (route(b"/metrics"), route(b"/" + HELD.encode())) == ("", "")


def test_a_collector_that_does_not_answer_is_waited_for_by_nobody(node: Node):
    (node.folder / "run").mkdir()
    exporter, provider = Refusing(), TracerProvider(shutdown_on_exit=False)
    queue = export.Queue(exporter, node.folder / "run", "gateway-0", room=3)
    provider.add_span_processor(queue)
    with traced(node, provider) as gateway:
        gateway.offer(a_grant())
        token = gateway.token(node.civil)
        queue._wake.set()
        assert exporter.asked.wait(60)
        taken = 2 - len(queue._waiting)
        assert {gateway.records(token).status for _ in range(4)} == {200}
        assert (len(queue._waiting), queue.counts.dropped) == (3, 12 - 3 + (2 - taken))
        exporter.released.set()
        provider.shutdown()
        told = gateway.ask("GET", "/metrics").body.decode()
    assert queue.counts == spancounts.Counts(0, 14)
    assert 'datong_spans_dropped_total{process="gateway-0"} 14' in told
    assert 'datong_spans_exported_total{process="gateway-0"} 0' in told


def test_what_was_taken_is_counted_and_nothing_told_where_nothing_is_traced(gateway: Talking, provider: TracerProvider, node: Node):
    gateway.offer(a_grant())
    assert 'exported_total{process="gateway-0"} 0' in gateway.ask("GET", "/metrics").body.decode()
    gateway.token(node.civil)
    provider.shutdown()
    assert 'exported_total{process="gateway-0"} 2' in gateway.ask("GET", "/metrics").body.decode()
    (node.folder / "run" / "traces-gateway-0.json").write_text("no json")
    assert "spans" not in gateway.ask("GET", "/metrics").body.decode()


@pytest.mark.parametrize("on", [False, True])
def test_a_gateway_that_is_not_traced_does_not_know_of_it(node: Node, on: bool):
    NodeFolder(node.folder).write(NodeConfig(NODE, "浙江省", "provincial", "x" * 48, database_url="postgresql:///none"))
    (node.folder / "run").mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATONG_", "DJANGO_", "PYTEST_", "COV_", "OTEL_"))}
    told = clean | {"DATONG_NODE": str(node.folder)} | ({"DATONG_TRACES": "http://127.0.0.1:9/v1/traces"} if on else {})
    script = "import sys, datong.config.gateway_asgi as made; print(type(made.app).__name__, 'opentelemetry' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split() == (["TracedGateway", "True"] if on else ["Gateway", "False"])


