# SPDX-License-Identifier: Apache-2.0
"""Traces of the control plane: requests by the pattern of their path, work of the worker by its name; off by default."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from django.test import Client
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from datong.config.node import traces
from datong.config.node.traces import export, work
from datong.config.wiring import Beat, Sender
from datong.kernel.errors import Unavailable

MIDDLEWARE = "datong.config.node.traces.requests.TraceMiddleware"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What ended so far."""
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(export, "tracer", provider.get_tracer)
    return kept


def test_nothing_is_traced_unless_it_is_said(settings, monkeypatch):
    assert MIDDLEWARE not in settings.MIDDLEWARE
    monkeypatch.delenv("DATONG_TRACES", raising=False)
    assert traces.leaving("control") is int


@pytest.mark.django_db
def test_a_request_is_told_by_its_pattern_below_its_caller(settings, ended):
    settings.MIDDLEWARE = [MIDDLEWARE, *settings.MIDDLEWARE]
    said = {"HTTP_TRACEPARENT": f"00-{TRACE}-00f067aa0ba902b7-01", "HTTP_BAGGAGE": "who=secret-word"}
    caller = Client()
    caller.get("/sign-in?next=secret-word", **said)
    caller.get("/secret-word", **said)
    caller.get("/metrics")
    found, lost = ended.get_finished_spans()
    assert (found.name, found.context.trace_id) == ("GET /sign-in", int(TRACE, 16))
    assert found.attributes == {"http.request.method": "GET", "http.route": "/sign-in", "http.response.status_code": 200}
    assert lost.name == "GET" and lost.attributes["http.response.status_code"] == 404
    assert "secret-word" not in found.to_json() + lost.to_json()


def test_beats_and_what_is_sent_are_told_and_fail_as_before(ended):
    def broken() -> None:
        raise RuntimeError("secret-word")

    (beat,) = work.beats((Beat("sweep", lambda: 7, period=5),))
    (sender,) = work.senders((Sender("publish", broken, "channel", 5),))
    assert beat.run() == 7 and (beat.period, sender.channel) == (5, "channel")
    with pytest.raises(RuntimeError):
        sender.run()
    well, ill = ended.get_finished_spans()
    assert (well.name, well.status.status_code) == ("beat sweep", StatusCode.UNSET)
    assert (ill.name, ill.status.status_code, ill.events) == ("send publish", StatusCode.ERROR, ())
    assert "secret-word" not in ill.to_json()


def test_a_job_is_told_by_its_task_and_the_code_of_its_refusal(ended):
    async def refused() -> None:
        raise Unavailable("secret-word")

    about = SimpleNamespace(job=SimpleNamespace(id=12, attempts=2, task_name="deliveries.carry", task_kwargs={"who": "secret-word"}))
    with pytest.raises(Unavailable):
        asyncio.run(work.job(refused, about, None))
    (told,) = ended.get_finished_spans()
    assert (told.name, dict(told.attributes)) == ("job deliveries.carry", {"datong.job": 12, "datong.tried": 2, "datong.code": "unavailable"})
    assert "secret-word" not in told.to_json()
