# SPDX-License-Identifier: Apache-2.0
"""What leaves: status, headers and body, the same careful headers on all.

Kept here: nothing is cached anywhere, nothing is sniffed or framed; refusals are RFC 9457 problem documents with the
request id, under which the evidence has the call.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from datong.kernel.errors import DatongError, problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON: Final = b"application/json"
PROBLEM: Final = b"application/problem+json"
NOT_MODIFIED: Final = 304
"""Such an answer has no body and describes none (RFC 9110 section 15.4.5)."""
PART: Final = 262_144
"""Bytes sent at once of a long body."""
SOON: Final = 2
"""Seconds after which to ask again where nothing better is known."""
CAREFUL: Final[list[tuple[bytes, bytes]]] = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
]


@dataclass(slots=True)
class Answer:
    """One answer, before it is sent."""

    status: int
    body: bytes
    kind: bytes = JSON
    code: str = "ok"
    headers: tuple[tuple[bytes, bytes], ...] = ()


def allowing(methods: Iterable[str]) -> Answer:
    """What OPTIONS is answered at a place that takes some methods."""
    return Answer(204, b"", headers=((b"allow", ", ".join(methods).encode()),))


def refused(error: DatongError, request_id: str, *, more: dict[str, Any] | None = None) -> Answer:
    """Render a refusal; `more` adds members (OAuth's `error`)."""
    document = problem(error) | {"instance": f"urn:datong:request:{request_id}"} | (more or {})
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if error.status == 401:
        headers = ((b"www-authenticate", b'Bearer realm="datong"'),)
    elif error.status == 503:
        headers = ((b"retry-after", b"2"),)
    elif error.status == 405:
        headers = ((b"allow", error.fields.get("method", "GET").encode()),)
    elif error.status == 429:
        headers = ((b"retry-after", b"%d" % (getattr(error, "after", None) or SOON)),)
    return Answer(error.status, orjson.dumps(document), PROBLEM, error.code, headers)


async def give(send: Send, answer: Answer, *, head: bool, extra: list[tuple[bytes, bytes]]) -> None:
    """Send an answer; a HEAD request gets the headers alone."""
    shape = [(b"content-type", answer.kind), (b"content-length", str(len(answer.body)).encode())]
    headers = [
        *(shape if answer.status != NOT_MODIFIED else ()),
        *CAREFUL,
        *answer.headers,
        *extra,
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if head else answer.body
    for start in range(0, len(body) - PART, PART):
        await send({"type": "http.response.body", "body": body[start : start + PART], "more_body": True})
    await send({"type": "http.response.body", "body": body[(len(body) - 1) // PART * PART :]})
