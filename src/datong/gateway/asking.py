# SPDX-License-Identifier: Apache-2.0
"""A request as bytes, read strictly: one meaning or a refusal.

Kept here: of each header we read there may be one, in printable ASCII (percent-encoded UTF-8 for Chinese); the path is
matched as it was sent, so that an encoded slash, a double slash or a dot never means another resource; nothing read
here is logged before it is bounded.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from datong.gateway.config import Limits
from datong.gateway.refusals import QueryTooLong
from datong.kernel.addresses import Network, origin
from datong.kernel.errors import Malformed

PLACE: Final = re.compile(rb"/v1/resources/([123]\d{5,19})/([1-9]\d{0,8})/(records|verify|verify:batch|aggregate)")
CORRECTIONS: Final = re.compile(rb"/v1/resources/([123]\d{5,19})/([1-9]\d{0,8})/corrections(?:/([0-9a-f]{32}))?")
ABOUT: Final = re.compile(rb"/v1/resources/([123]\d{5,19})/([1-9]\d{0,8})/(why|openapi\.json)")
"""Places that tell of grants and give no data."""
HEADERS: Final[dict[bytes, tuple[str, int]]] = {
    b"accept": ("accept", 1_000),
    b"accept-encoding": ("accept_encoding", 200),
    b"authorization": ("authorization", 2_048),
    b"datong-grant": ("grant", 300),
    b"datong-purpose": ("purpose", 1_800),
    b"datong-case": ("case", 900),
    b"datong-user": ("user", 900),
    b"content-type": ("content_type", 200),
    b"content-length": ("content_length", 20),
    b"if-none-match": ("if_none_match", 1_000),
}
TEXTS: Final = {"grant": 64, "purpose": 200, "case": 100, "user": 100}
MAX_FIELDS: Final = 32
PLAIN: Final = re.compile(rb"[\w.-]*", re.ASCII)
"""Bytes that stand for themselves in a query."""


class Ask:
    """The headers of one request that concern us; absent ones are empty.

    Attributes:
        grant, purpose, case, user: decoded text, bounded and printable.
        accept, accept_encoding, authorization, content_type, content_length, if_none_match: ASCII as sent.
    """

    __slots__ = (
        "accept", "accept_encoding", "authorization", "case", "content_length", "content_type", "grant", "if_none_match",
        "purpose", "user",
    )  # fmt: skip

    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        self.authorization = self.grant = self.purpose = self.case = self.user = ""
        self.accept = self.accept_encoding = self.if_none_match = self.content_type = self.content_length = ""
        seen = set()
        for name, value in headers:
            known = HEADERS.get(name)
            if known is None:
                continue
            if name in seen:
                raise Malformed(f"header {name.decode()} is there twice", fields={name.decode(): "send it once"})
            seen.add(name)
            setattr(self, known[0], _header(name, value))


@lru_cache(maxsize=4_096)
def _header(name: bytes, value: bytes) -> str:
    """Read one header; remembered, for the same callers send the same ones again and again."""
    (field, longest), shown = HEADERS[name], name.decode()
    if len(value) > longest:
        raise Malformed(f"header {shown} is too long", fields={shown: f"at most {longest} bytes"})
    try:
        text = value.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed(f"header {shown} is not ASCII", fields={shown: "percent-encode it as UTF-8"}) from None
    most = TEXTS.get(field)
    if most is None:
        return text
    if "%" in text:
        text = _unquoted(value, shown)
    if len(text) > most or not text.isprintable():
        raise Malformed(f"header {shown} is too long or unprintable", fields={shown: f"at most {most} characters"})
    return text.strip()


def _unquoted(raw: bytes, field: str) -> str:
    try:
        return unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(f"{field} is not UTF-8", fields={field: "percent-encode it as UTF-8"}) from None


def query(raw: bytes, limits: Limits) -> dict[str, str]:
    """Read a query string: each name once, UTF-8, no control characters.

    Raises:
        Malformed: a repeated or empty name, a value that is not UTF-8 or holds control characters.
        QueryTooLong: more bytes than `limits.max_query`.
    """
    if len(raw) > limits.max_query:
        raise QueryTooLong("the query is too long", fields={"query": f"at most {limits.max_query} bytes"})
    found: dict[str, str] = {}
    for pair in raw.split(b"&") if raw else ():
        raw_name, equals, value = pair.partition(b"=")
        name = raw_name.decode("ascii") if PLAIN.fullmatch(raw_name) else _text(raw_name, "query")
        if not (name and equals):
            raise Malformed("a parameter has no name or no value", fields={"query": "write field=value"})
        if name in found:
            raise Malformed("a parameter is there twice", fields={shown(name): "send it once"})
        found[name] = value.decode("ascii") if PLAIN.fullmatch(value) else _text(value, shown(name))
    if len(found) > MAX_FIELDS:
        raise Malformed("too many parameters", fields={"query": f"at most {MAX_FIELDS}"})
    return found


def _text(raw: bytes, field: str) -> str:
    text = _unquoted(raw.replace(b"+", b" "), field)
    check_text(text, field)
    return text


def check_text(text: str, field: str) -> None:
    """Refuse control characters and NUL in a value.

    Raises:
        Malformed: naming the field.
    """
    if not text.isprintable() and any(letter < " " or letter == "\x7f" for letter in text):
        raise Malformed(f"{field} holds control characters", fields={field: "take them out"})


def shown(name: str) -> str:
    """A name fit to be shown: a caller's own words come back short and printable."""
    return name[:40] if name.isprintable() else "query"


def whole(values: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Read a whole number between 1 and `most` from a query.

    Raises:
        Malformed: not such a number.
    """
    text = values.get(name)
    if text is None:
        return min(default, most)
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        raise Malformed(f"{name} is out of bounds", fields={name: f"a whole number from 1 to {most}"})
    return int(text)


def origin_of(scope: Mapping[str, Any], proxies: tuple[Network, ...]) -> str:
    """Where a request comes from; of what proxies say, only that of our own counts. Empty where it cannot be told."""
    peer = scope.get("client")
    said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    return origin(str(peer[0]) if peer else "", said.decode("latin-1"), proxies)


def shown_path(scope: Mapping[str, Any]) -> bytes:
    """The path as it was sent, before any decoding."""
    raw: bytes | None = scope.get("raw_path")
    return raw if raw is not None else scope["path"].encode("utf-8", "surrogatepass")
