# SPDX-License-Identifier: Apache-2.0
"""Our refusals in X-Road's words: error triples with its codes, as its servers since 7.8 spell them.

Kept here: what is unknown and what is not granted are one code; the sentence is ours, for it names the remedy. A code of
ours without a row has the code of its family by HTTP status.
"""

from collections.abc import Mapping
from typing import Final

import orjson

from datong.gateway.answers import Answer, refused
from datong.kernel.errors import DatongError
from datong.wire import xroad

CODES: Final[Mapping[str, str]] = {
    "address_not_allowed": "server.serverproxy.access_denied",
    "evidence_unavailable": "server.serverproxy.logging_failed",
    "not_landed": "server.serverproxy.service_disabled",
    "policy_stale": "server.serverproxy.global_conf_outdated",
    "signature_refused": "server.serverproxy.invalid_signature_value",
    "unauthenticated": "server.clientproxy.ssl_authentication_failed",
    "unknown": "server.serverproxy.unknown_service",
}
FAMILIES: Final[Mapping[int, str]] = {
    401: "server.clientproxy.ssl_authentication_failed",
    403: "server.serverproxy.access_denied",
    404: "server.serverproxy.unknown_service",
}
CLIENT: Final = "client.invalid_request"
FAILED: Final = "server.serverproxy.service_failed"
SERVERS: Final = 500


def kind_of(error: DatongError) -> str:
    """The type of the triple for a refusal."""
    family = FAILED if error.status >= SERVERS else CLIENT
    return CODES.get(error.code) or FAMILIES.get(error.status, family)


def spoken(error: DatongError, request_id: str) -> Answer:
    """A refusal as X-Road has it; how long to wait stays told, our code goes into the evidence."""
    kind = kind_of(error)
    message = "; ".join((error.message, *(f"{name}: {why}" for name, why in error.fields.items()), error.remedy or ""))
    body = orjson.dumps(xroad.fault(kind, message.rstrip("; "), request_id))
    kept = tuple(one for one in refused(error, request_id).headers if one[0] in (b"retry-after", b"allow"))
    return Answer(xroad.status_of(kind), body, code=error.code, headers=(*kept, (b"x-road-error", kind.encode())))
