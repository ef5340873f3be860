# SPDX-License-Identifier: Apache-2.0
"""A gateway whose calls are traced: the same one, with its parts watched.

Kept here: a gateway that is not traced is another class and pays nothing. The span of a call begins when it comes and ends
when it is answered, below the caller's own, were it named; look-up, the provider's interface and evidence stand below it.
Health questions, descriptions and addresses that are none have no span.
"""

from collections.abc import Mapping, MutableMapping
from time import time
from typing import Any, Final

from opentelemetry.trace import SpanKind, StatusCode, Tracer, get_current_span

from datong.engine.plans.lookup import Verification
from datong.gateway.answers import Receive, Scope, Send
from datong.gateway.app import Gateway
from datong.gateway.asking import ABOUT, CORRECTIONS, PLACE, shown_path
from datong.gateway.composed.desk import PATH as COMPOSED
from datong.gateway.config import GatewayConfig
from datong.gateway.delivered import PREFIX as DELIVERIES
from datong.gateway.events.desk import PREFIX as SUBSCRIPTIONS
from datong.gateway.evidence import Evidence
from datong.gateway.lookups import Desk
from datong.gateway.plane import PREFIX
from datong.gateway.questions import VerifyQuestion
from datong.gateway.snapshot import Standing
from datong.gateway.tables.desk import PREFIX as TABLES
from datong.gateway.tally import Recorded, Tally
from datong.gateway.tokenroute import PATH as TOKEN_PATH
from datong.gateway.traces import spans
from datong.gateway.upstream.desk import UpstreamDesk
from datong.wire.xroad import PREFIX as XROAD

METHODS: Final = frozenset(("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"))
ROUTES: Final = (PREFIX, TABLES, SUBSCRIPTIONS, XROAD, DELIVERIES)
EXACT: Final = (COMPOSED, TOKEN_PATH.encode())
FAULT: Final = 500


def route(path: bytes) -> str:
    """The kind of place a path names, with nothing in it that a caller chose; empty for what is not traced."""
    place = PLACE.fullmatch(path) or ABOUT.fullmatch(path)
    if place:
        return f"/v1/resources/{{resource}}/{place[3].decode()}"
    if path.startswith(PREFIX):
        return f"/v1/resources/{{resource}}/{'corrections' if CORRECTIONS.fullmatch(path) else '…'}"
    if path in EXACT:
        return path.decode()
    return next((f"{known.decode()}…" for known in ROUTES if path.startswith(known)), "")


class TracedTally(Tally):
    """Tells the span under way what is counted."""

    def note(self, record: Recorded, at: float, began: float, size: int) -> None:
        """Count one call; the parts of a composed one are events of its span."""
        super().note(record, at, began, size)
        here, told = get_current_span(), spans.facts(record)
        if isinstance(getattr(record, "composed", None), str):
            here.add_event("part", told)
        else:
            here.set_attributes(told)

    def note_token(self, client: str, code: str, at: float, began: float) -> None:
        """Count one request for an access token."""
        super().note_token(client, code, at, began)
        get_current_span().set_attribute("datong.code", code)


class TracedEvidence(Evidence):
    """Tells how long a record took to be durable."""

    async def keep(self, record: bytes) -> bytes:
        """Make a record durable."""
        with spans.child("evidence"):
            return await super().keep(record)


class TracedDesk(Desk):
    """Tells how long a look-up took."""

    records = spans.seen("look-up", Desk.records)
    verify_all = spans.seen("look-up", Desk.verify_all)
    aggregate = spans.seen("look-up", Desk.aggregate)

    def verify(self, standing: Standing, question: VerifyQuestion, case: str = "") -> Verification:
        """Say whether the record is there and which claims hold."""
        with spans.child("look-up"):
            return super().verify(standing, question, case)


class TracedUpstreams(UpstreamDesk):
    """Tells how long a provider's interface took, and tells the interface of whose trace it is."""

    _asked = spans.seen("upstream", UpstreamDesk._asked, SpanKind.CLIENT)  # noqa: SLF001  its own

    def along(self) -> Mapping[str, str]:
        """The header that goes along with a question."""
        return spans.along()


class TracedGateway(Gateway):
    """A gateway whose calls are traced."""

    tally_kind, evidence_kind, desk_kind, upstream_kind = TracedTally, TracedEvidence, TracedDesk, TracedUpstreams

    def __init__(self, config: GatewayConfig, tracer: Tracer, clock: Any = time) -> None:
        super().__init__(config, clock)
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope; a call in a span."""
        where = route(shown_path(scope)) if scope["type"] == "http" else ""
        if not where:
            await super().__call__(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        told = {"http.request.method": method, "http.route": where}
        named = (value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent")
        spans.TRACER.set(self._tracer)
        with spans.span(self._tracer, f"{method} {where}", SpanKind.SERVER, told, spans.parent(named)) as here:

            async def sent(message: MutableMapping[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    here.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= FAULT:
                        here.set_status(StatusCode.ERROR)
                await send(message)

            await super().__call__(scope, receive, sent)
