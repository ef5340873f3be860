# SPDX-License-Identifier: Apache-2.0
"""Our refusals in X-Road's words: error triples.

Kept here: the sentence is ours, for it names the remedy.
"""

import orjson

from datong.gateway.answers import Answer, refused
from datong.kernel.errors import DatongError
from datong.wire import xroad


def spoken(error: DatongError, request_id: str) -> Answer:
    """A refusal as X-Road has it; how long to wait stays told, our code goes into the evidence."""
    kind = xroad.kind_of(error.code, error.status)
    message = "; ".join((error.message, *(f"{name}: {why}" for name, why in error.fields.items()), error.remedy or ""))
    body = orjson.dumps(xroad.fault(kind, message.rstrip("; "), request_id))
    kept = tuple(one for one in refused(error, request_id).headers if one[0] in (b"retry-after", b"allow"))
    return Answer(xroad.status_of(kind), body, code=error.code, headers=(*kept, (b"x-road-error", kind.encode())))
