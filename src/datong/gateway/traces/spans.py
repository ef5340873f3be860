# SPDX-License-Identifier: Apache-2.0
"""Spans: what one says of a call, and of whose trace it is.

Kept here: of the caller's headers `traceparent` alone is read (W3C Trace Context), never tracestate or baggage, which hold
free text that would go on to a provider. A span names resource, grant, outcome, rows, policy and request: numbers and codes
of ours. No value, token, person, case or purpose, and no text of an error ever enters one.
"""

from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer, Span, SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from datong.kernel.errors import DatongError

P = ParamSpec("P")
T = TypeVar("T")
Me = TypeVar("Me")

HEADER: Final = "traceparent"
LONGEST: Final = 128
"""Characters of a traceparent; version 00 has 55, later ones may have more."""
FACTS: Final = ("channel", "code", "grant", "policy_version", "request_id", "resource", "rows")
"""Fields of a record that a span tells."""
TRACER: Final[ContextVar[Tracer]] = ContextVar("datong.tracer")
_nobody: Final = NoOpTracer()
_words: Final = TraceContextTextMapPropagator()


def parent(said: Iterable[str]) -> Context:
    """The context of a caller's span, empty unless he named exactly one, well-formed."""
    named = list(said)
    if len(named) != 1 or len(named[0]) > LONGEST:
        return Context()
    return _words.extract({HEADER: named[0]}, Context())


def along() -> dict[str, str]:
    """The header by which somebody asked by us goes on with the span under way; empty where there is none."""
    headers: dict[str, str] = {}
    _words.inject(headers)
    return headers


def facts(record: object) -> dict[str, str | int]:
    """What a span tells of a record; a resource that no grant covers is what a caller wrote, which may be anybody's number."""
    told = {f"datong.{name}": getattr(record, name, "") for name in FACTS}
    if not told["datong.grant"]:
        told["datong.resource"] = ""
    return {name: value for name, value in told.items() if value != ""}


@contextmanager
def span(
    tracer: Tracer, name: str, kind: SpanKind, told: Mapping[str, str | int], context: Context | None = None
) -> Iterator[Span]:  # fmt: skip
    """Open a span for as long as it lasts; of what goes wrong it tells the code of a refusal alone."""
    quiet: Any = {"record_exception": False, "set_status_on_exception": False}
    with tracer.start_as_current_span(name, context, kind, told, **quiet) as opened:
        try:
            yield opened
        except DatongError as refusal:
            opened.set_attribute("datong.code", refusal.code)
            raise
        except Exception:
            opened.set_status(StatusCode.ERROR)
            raise


@contextmanager
def child(name: str, kind: SpanKind = SpanKind.INTERNAL, **told: str | int) -> Iterator[Span]:
    """Open a span below the one under way."""
    with span(TRACER.get(_nobody), name, kind, told) as opened:
        yield opened


def seen(
    name: str, work: Callable[Concatenate[Me, P], Coroutine[Any, Any, T]], kind: SpanKind = SpanKind.INTERNAL
) -> Callable[Concatenate[Me, P], Coroutine[Any, Any, T]]:  # fmt: skip
    """Give a method that does the same, in a span of its own."""

    @wraps(work)
    async def run(self: Me, /, *args: P.args, **named: P.kwargs) -> T:
        with child(name, kind):
            return await work(self, *args, **named)

    return run
