# SPDX-License-Identifier: Apache-2.0
"""The REST message protocol of X-Road (PR-REST): path, identifiers, headers, errors and the hash of a request.

Kept here: the grammar alone, no I/O. What is unknown and what is not granted are one type of error; types are spelled as
X-Road's servers since 7.8 spell them. A service is `/r1/INSTANCE/GOV/MEMBER/SUBSYSTEM/SERVICE[/path]`: instance is the node's
code, member the provider's unified social credit code, subsystem and service the two halves of a resource's code. A client
is `INSTANCE/GOV/MEMBER/SUBSYSTEM`: member is the consumer's unified social credit code, subsystem its application. A
part has one spelling: what is percent-encoded though it need not be is another path, as at `/v1`.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha512
from typing import Any, Final
from urllib.parse import unquote_to_bytes
from uuid import UUID

from datong.kernel.errors import Malformed

PREFIX: Final = b"/r1/"
CLASS: Final = "GOV"
LONGEST_PATH: Final = 160
METADATA: Final = ("listMethods", "allowedMethods", "getOpenAPI")
_PATH: Final = re.compile(
    rb"/r1/([0-9]{6,12})/GOV/([0-9A-Z]{18})/([123]\d{5,19})/([1-9]\d{0,8}|[a-zA-Z]{1,20})(?:/([a-z:]{1,20}))?"
)
ID: Final = r"[A-Za-z0-9 '()+,\-.=?]{1,100}"
_ID: Final = re.compile(ID)
UNSIGNED: Final = frozenset(
    {
        "authorization", "connection", "content-length", "host", "keep-alive", "proxy-authorization", "server", "te", "trailer",
        "transfer-encoding", "upgrade", "user-agent", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
    }
)  # fmt: skip
"""Headers left out of the hash of a request: those of one hop, and the access token, which is nobody else's to know."""
TYPES: Final[Mapping[str, str]] = {
    "address_not_allowed": "server.serverproxy.access_denied",
    "evidence_unavailable": "server.serverproxy.logging_failed",
    "not_landed": "server.serverproxy.service_disabled",
    "policy_stale": "server.serverproxy.global_conf_outdated",
    "signature_refused": "server.serverproxy.invalid_signature_value",
    "unauthenticated": "server.clientproxy.ssl_authentication_failed",
    "unknown": "server.serverproxy.unknown_service",
}
"""Code of a refusal of ours to the type of its error; one without a row has that of its family by status."""
FAMILIES: Final[Mapping[int, str]] = {
    401: "server.clientproxy.ssl_authentication_failed",
    403: "server.serverproxy.access_denied",
    404: "server.serverproxy.unknown_service",
}
CLIENT: Final = "client.invalid_request"
FAILED: Final = "server.serverproxy.service_failed"
SERVERS: Final = 500


@dataclass(frozen=True, slots=True)
class Service:
    """What a path names: service is a number, or a name of `METADATA`; path what stands below it, without a slash."""

    instance: str
    member: str
    subsystem: str
    service: str
    path: str

    @property
    def identifier(self) -> str:
        """INSTANCE/GOV/MEMBER/SUBSYSTEM/SERVICE, as X-Road-Service says it."""
        return f"{self.instance}/{CLASS}/{self.member}/{self.subsystem}/{self.service}"


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, as X-Road-Client says it."""

    instance: str
    member_class: str
    member: str
    subsystem: str


def service_of(path: bytes) -> Service | None:
    """Read a path, None where it names nothing."""
    found = _PATH.fullmatch(path) if len(path) <= LONGEST_PATH else None
    return Service(*((part or b"").decode() for part in found.groups())) if found else None


def client_of(header: str) -> Client:
    """Read X-Road-Client.

    Raises:
        Malformed: not four parts of percent-encoded UTF-8.
    """
    parts = header.split("/")
    try:
        told = [unquote_to_bytes(part).decode("utf-8") for part in parts]
    except UnicodeDecodeError:
        told = []
    if len(told) != 4 or not all(part and part.isprintable() for part in told) or len(header) > LONGEST_PATH:
        raise Malformed("X-Road-Client does not read", fields={"x-road-client": "INSTANCE/CLASS/MEMBER/SUBSYSTEM"})
    return Client(*told)


def check_id(header: str) -> str:
    """Check X-Road-Id.

    Raises:
        Malformed: letters it may not hold, or too many.
    """
    if not _ID.fullmatch(header):
        raise Malformed("X-Road-Id does not read", fields={"x-road-id": "1 to 100 of A-Z a-z 0-9 '()+,-.=?"})
    return header


def uuid_of(request_id: str) -> str:
    """Our request id in the form X-Road has them."""
    return str(UUID(hex=request_id))


def request_hash(method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> str:
    """X-Road-Request-Hash: base64(SHA-512(SHA-512(head) || SHA-512(body))), without a body base64(SHA-512(head)).

    The head is the method, the target and each header as received but those of `UNSIGNED`, in lines with CR LF, names in
    lower case.
    """
    lines = [method.encode(), target]
    lines += [name.lower() + b":" + value for name, value in headers if name.lower().decode("latin-1") not in UNSIGNED]
    head = sha512(b"\r\n".join(lines) + b"\r\n").digest()
    return base64.b64encode(sha512(head + sha512(body).digest()).digest() if body else head).decode()


def kind_of(code: str, status: int) -> str:
    """The type of the error for a refusal of ours."""
    family = FAILED if status >= SERVERS else CLIENT
    return TYPES.get(code) or FAMILIES.get(status, family)


def fault(kind: str, message: str, request_id: str) -> dict[str, str]:
    """The error triple."""
    return {"type": kind, "message": message, "detail": uuid_of(request_id)}


def status_of(kind: str) -> int:
    """HTTP status of an error: 500 where the server's side is named, else 400."""
    return SERVERS if kind.startswith("server.") else 400


def methods(services: Iterable[tuple[Service, list[tuple[str, str]]]]) -> dict[str, Any]:
    """The answer of listMethods and allowedMethods: services with their endpoints as method and path."""
    told = [
        {
            "member_class": CLASS,
            "member_code": one.member,
            "object_type": "SERVICE",
            "service_code": one.service,
            "service_type": "OPENAPI",
            "subsystem_code": one.subsystem,
            "xroad_instance": one.instance,
            "endpoint_list": [{"method": method, "path": path} for method, path in endpoints],
        }
        for one, endpoints in services
    ]
    return {"service": told}
