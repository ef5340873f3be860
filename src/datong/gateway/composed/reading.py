# SPDX-License-Identifier: Apache-2.0
"""The body of a composed call, read as the single calls it stands for.

Kept here: only the form is judged, and then the whole call is refused; what a grant or a question allows is said of each
part in its place. A part becomes the very request a caller would have sent alone (method, target, body), so that nothing
of how single calls are read, checked and recorded exists twice. Nothing a caller writes can lead a part elsewhere: it is
percent-encoded before it stands in a target.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import quote, urlencode

import msgspec

from datong.gateway import asking
from datong.gateway.config import Limits
from datong.gateway.questions import CONTROLS, DEFAULT_ROWS, Scalar
from datong.gateway.refusals import TooLarge
from datong.kernel.errors import Malformed

LONGEST_NAME: Final = 64
LONGEST_RESOURCE: Final = 64
FORM: Final = (
    '{"name": …, "resource": "head/sequence", "service": "records" or "verify", "key": {field: value}, '
    '"filters": {field: value}, "items": [field], "limit": number, "after": cursor, "claims": {field: value}, "grant": number}'
)
ABSENT: Final = msgspec.UNSET
OF_RECORDS: Final = ("filters", "items", "limit", "after")
Values = dict[str, Scalar]


class Part(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A part as it stands in a body."""

    name: str
    resource: str
    service: Literal["records", "verify"]
    key: Values | msgspec.UnsetType = ABSENT
    filters: Values | msgspec.UnsetType = ABSENT
    items: list[str] | msgspec.UnsetType = ABSENT
    limit: int | msgspec.UnsetType = ABSENT
    after: str | msgspec.UnsetType = ABSENT
    claims: Values | msgspec.UnsetType = ABSENT
    grant: str = ""


class Body(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The parts, and the key that those without one of their own share."""

    parts: list[msgspec.Raw]
    key: Values | msgspec.UnsetType = ABSENT


@dataclass(frozen=True, slots=True)
class Single:
    """The call that a part stands for.

    Attributes:
        name: Of the part, as the caller calls it.
        grant: Number of the grant named, or empty.
        method, path, query, body: As the call alone would be sent.
    """

    name: str
    grant: str
    method: str
    path: bytes
    query: bytes = b""
    body: bytes = b""


_bodies = msgspec.json.Decoder(Body)
_parts = msgspec.json.Decoder(Part)
_encoder = msgspec.json.Encoder()
BROKEN: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)


def read(raw: bytes, limits: Limits) -> list[Single]:
    """Read a body.

    Raises:
        Malformed: It is of another form, two parts have one name, or more rows are asked for than one answer holds.
        TooLarge: It has too many parts.
    """
    try:
        body = _bodies.decode(raw)
    except BROKEN:
        raise Malformed("the body is no composed call", fields={"body": '{"key": {field: value}, "parts": [part]}'}) from None
    if not body.parts:
        raise Malformed("the call has no part", fields={"parts": f"1 to {limits.max_parts}"})
    if len(body.parts) > limits.max_parts:
        raise TooLarge("the call has too many parts", fields={"parts": f"at most {limits.max_parts}"})
    parts = [_part(number, one) for number, one in enumerate(body.parts, 1)]
    _check_names(parts)
    _check_rows(parts, limits)
    shared = {} if isinstance(body.key, msgspec.UnsetType) else body.key
    return [_single(number, one, shared) for number, one in enumerate(parts, 1)]


def _part(number: int, raw: msgspec.Raw) -> Part:
    try:
        return _parts.decode(raw)
    except BROKEN:
        raise _amiss(number, FORM) from None


def _check_names(parts: list[Part]) -> None:
    for number, one in enumerate(parts, 1):
        if not (0 < len(one.name) <= LONGEST_NAME and one.name.isprintable()):
            raise _amiss(number, f"name: 1 to {LONGEST_NAME} printable characters")
        if len(one.resource) > LONGEST_RESOURCE:
            raise _amiss(number, "resource: head/sequence")
    name, times = Counter(one.name for one in parts).most_common(1)[0]
    if times > 1:
        raise Malformed("two parts have one name", fields={"name": asking.shown(name)}, remedy="name each part once")


def _check_rows(parts: list[Part], limits: Limits) -> None:
    asked = (DEFAULT_ROWS if isinstance(one.limit, msgspec.UnsetType) else max(one.limit, 0)
             for one in parts if one.service == "records")  # fmt: skip
    if sum(asked) > limits.max_composed_rows:
        raise Malformed(
            "the parts ask for too many rows together",
            fields={"limit": f"{limits.max_composed_rows} rows over all parts, {DEFAULT_ROWS} where a part names none"},
            remedy="give the parts smaller limits, or ask in several calls",
        )


def _single(number: int, part: Part, shared: Values) -> Single:
    key = shared if isinstance(part.key, msgspec.UnsetType) else part.key
    path = f"/v1/resources/{quote(part.resource, safe='/')}/{part.service}".encode()
    if part.service == "verify":
        if not all(isinstance(getattr(part, name), msgspec.UnsetType) for name in OF_RECORDS):
            raise _amiss(number, f"{', '.join(OF_RECORDS)} are for records alone")
        claims = {} if isinstance(part.claims, msgspec.UnsetType) else part.claims
        return Single(part.name, part.grant, "POST", path, body=_encoder.encode({"key": key, "claims": claims}))
    if not isinstance(part.claims, msgspec.UnsetType):
        raise _amiss(number, "claims are for verify alone")
    query = urlencode(_asked(number, part, key), quote_via=quote, safe="")
    return Single(part.name, part.grant, "GET", path, query.encode())


def _asked(number: int, part: Part, key: Values) -> Mapping[str, str]:
    """The parameters of a records call: key, filters, then what governs the answer."""
    filters = {} if isinstance(part.filters, msgspec.UnsetType) else part.filters
    if key.keys() & filters.keys() or CONTROLS & {*key, *filters}:
        raise _amiss(number, f"key and filters name a field once, and none is called {', '.join(sorted(CONTROLS))}")
    asked = {name: _text(value) for name, value in (key | filters).items()}
    if not isinstance(part.items, msgspec.UnsetType):
        asked["items"] = ",".join(part.items)
    if not isinstance(part.limit, msgspec.UnsetType):
        asked["limit"] = str(part.limit)
    if not isinstance(part.after, msgspec.UnsetType):
        asked["after"] = part.after
    return asked


def _text(value: Scalar) -> str:
    """A value as it stands in a query: texts as they are, all else as JSON writes it."""
    return value if isinstance(value, str) else _encoder.encode(value).decode()


def _amiss(number: int, form: str) -> Malformed:
    return Malformed(f"part {number} is of another form", fields={"part": str(number), "body": form})
