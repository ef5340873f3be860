# SPDX-License-Identifier: Apache-2.0
"""Where spans go: to one collector by OTLP over HTTP, from a thread of its own.

Kept here: nobody waits for the collector. What ended is put on a bounded queue; when that is full, or the collector does not
take it, spans are let go and counted. Sampling, headers and names are OpenTelemetry's own variables (OTEL_TRACES_SAMPLER,
OTEL_EXPORTER_OTLP_HEADERS, OTEL_RESOURCE_ATTRIBUTES and so on), read by its library.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import cache
from pathlib import Path

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Tracer

from datong import __version__
from datong.config.node import env
from datong.gateway import spancounts

ROOM = 4_096
"""Spans that may wait."""
AT_ONCE = 512
EVERY = 1.0
"""Seconds for which a span may wait for others to go with."""
LEAVING = 2.0
"""Seconds that a process which ends gives the last ones."""
PATIENCE = 5.0
"""Seconds for the collector to take a batch, tries included."""


class Queue(SpanProcessor):
    """Takes ended spans in and hands them over by and by."""

    def __init__(self, exporter: SpanExporter, folder: Path, process: str, room: int = ROOM) -> None:
        """Start the thread.

        Args:
            exporter: What hands them over.
            folder: Where the counts are told.
            process: Under which name.
            room: Spans that may wait.
        """
        self._exporter, self._folder, self._process, self._room = exporter, folder, process, room
        self._waiting: deque[ReadableSpan] = deque()
        self._lock, self._wake, self._over = threading.Lock(), threading.Event(), False
        self.counts = spancounts.Counts()
        self._told = spancounts.Counts()
        spancounts.write(folder, process, self.counts)
        self._thread = threading.Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Take one in, or let it go where there is no room."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        with self._lock:
            waiting = len(self._waiting)
            if self._over or waiting >= self._room:
                self.counts.dropped += 1
                return
            self._waiting.append(span)
        if waiting + 1 == AT_ONCE:
            self._wake.set()

    def shutdown(self) -> None:
        """Hand over what waits, for a moment; then let go."""
        self._over = True
        self._wake.set()
        self._thread.join(LEAVING)
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._over:
            self._wake.wait(EVERY)
            self._wake.clear()
            self._empty()
        self._empty()

    def _empty(self) -> None:
        while self._waiting:
            with self._lock:
                batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            taken = self._exporter.export(batch) is SpanExportResult.SUCCESS
            with self._lock:
                self.counts.exported += len(batch) if taken else 0
                self.counts.dropped += 0 if taken else len(batch)
            self._tell()
        self._tell()

    def _tell(self) -> None:
        now = spancounts.Counts(self.counts.exported, self.counts.dropped)
        if now != self._told:
            spancounts.write(self._folder, self._process, now)
            self._told = now


def provider(endpoint: str, node: str, process: str, folder: Path) -> TracerProvider:
    """Make what gives spans to one process.

    Args:
        endpoint: Of the collector.
        node: Code of the node.
        process: Name of the process.
        folder: Where the counts are told.
    """
    said = {
        "service.name": "datong", "service.version": __version__, "service.instance.id": f"{node}/{process}",
        "service.namespace": node,
    }  # fmt: skip
    session = requests.Session()
    session.trust_env = False
    exporter = OTLPSpanExporter(endpoint, session=session, timeout=PATIENCE)
    named = Resource.create(said).merge(OTELResourceDetector().detect())
    made = TracerProvider(resource=named, shutdown_on_exit=False)
    made.add_span_processor(Queue(exporter, folder, process))
    return made


@cache
def of_process(process: str) -> TracerProvider:
    """What gives spans to this process, as the environment says; started when it is first asked for."""
    place, config = env.node()
    return provider(env.traces(), config.code, process, place.run)


def tracer(process: str) -> Tracer:
    """The tracer of this process."""
    return of_process(process).get_tracer("datong", __version__)
