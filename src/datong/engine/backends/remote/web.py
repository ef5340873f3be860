# SPDX-License-Identifier: Apache-2.0
"""Requests to servers of others: guarded, tried again with growing pauses, bounded in time and size.

Kept here: redirects are an error, for they would carry the secret elsewhere; a proxy of the machine is not asked; what is
tried again is only what was too busy, broke off, or answered 5xx; no message holds an address, a header or an answer.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx

from datong.engine.backends.remote import guard
from datong.engine.errors import SourceUnreadable
from datong.kernel.reach import Network

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
PAUSES: Sequence[float] = (0.5, 2.0, 5.0)
"""Seconds to wait before each further try."""
LONGEST_PAUSE = 30.0
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
REFUSED = frozenset({401, 403})
AGENT = "datong"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a server.

    Attributes:
        url: Whole address.
        headers: Beside host and agent; may hold the secret.
        method: GET where nothing else is said.
        content: Body.
        taken: Statuses that are answers and not faults, beside 2xx.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "GET"
    content: bytes | None = field(default=None, repr=False)
    taken: frozenset[int] = frozenset()


@contextmanager
def session() -> Iterator[httpx.Client]:
    """Give a client that keeps its connections while it is used."""
    with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
        yield client


@contextmanager
def answered(client: httpx.Client, asked: Request, inside: Sequence[Network]) -> Iterator[httpx.Response]:
    """Ask, again where that may help, and give the answer with its body unread.

    Raises:
        SourceUnreadable: The host is not reached, or answers with a fault; says which.
    """
    answer = _patient(client, asked, inside)
    try:
        _check(answer, asked)
        yield answer
    except httpx.HTTPError as fault:
        raise broken(type(fault).__name__) from None
    finally:
        answer.close()


def body(answer: httpx.Response, most: int) -> bytes:
    """Read the body of an answer.

    Raises:
        SourceUnreadable: It is longer than `most` bytes.
    """
    pieces, size = [], 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > most:
            raise SourceUnreadable(
                f"对方一次应答超过 {most >> 20} MiB (one answer is longer than that)",
                fields={"connection": "应答过大 (too large)"},
                remedy="减小每页的条数 (ask for smaller pages)",
            )
        pieces.append(piece)
    return b"".join(pieces)


def broken(kind: str) -> SourceUnreadable:
    """The way broke off; which kind of fault, and nothing of the address."""
    return SourceUnreadable(
        "对方连接不上或者中途断开 (the other system cannot be reached, or broke off)",
        fields={"connection": kind},
        remedy="核对地址和防火墙，稍后再试 (check address and firewall, then try again)",
    )


def _patient(client: httpx.Client, asked: Request, inside: Sequence[Network]) -> httpx.Response:
    for pause in PAUSES:
        try:
            answer = _send(client, asked, inside)
        except httpx.HTTPError:
            time.sleep(pause)
            continue
        if answer.status_code not in AGAIN:
            return answer
        answer.close()
        time.sleep(_wanted(answer, pause))
    try:
        return _send(client, asked, inside)
    except httpx.HTTPError as fault:
        raise broken(type(fault).__name__) from None


def _send(client: httpx.Client, asked: Request, inside: Sequence[Network]) -> httpx.Response:
    return client.send(built(client.build_request, asked, inside), stream=True)


def built(build: Callable[..., httpx.Request], asked: Request, inside: Sequence[Network]) -> httpx.Request:
    """Build a request that goes to the very address that was checked just now.

    Args:
        build: `build_request` of a client, or `httpx.Request` itself.
        asked: What is asked.
        inside: Networks of this node's own that may be reached.

    Raises:
        SourceUnreadable: The name is unknown or not reached, or a header cannot be sent.
    """
    parts = urlsplit(asked.url)
    host, encrypted = parts.hostname or "", parts.scheme == "https"
    address = guard.resolve(host, parts.port or (443 if encrypted else 80), inside, encrypted=encrypted)
    place = f"[{address}]" if ":" in address else address
    pinned = urlunsplit(parts._replace(netloc=f"{place}:{parts.port}" if parts.port else place))
    named = {"accept-encoding": "identity", **asked.headers, "host": parts.netloc, "user-agent": AGENT}
    more: dict[str, Any] = {"headers": named, "content": asked.content, "extensions": {"sni_hostname": host}}
    try:
        return build(asked.method, pinned, **more)
    except (ValueError, httpx.InvalidURL):
        raise SourceUnreadable(
            "账号、密钥或者路径含有不能发送的字符 (account, secret or path hold characters that cannot be sent)",
            fields={"connection": "ASCII"},
            remedy="更换密钥或者路径 (give another secret or path)",
        ) from None


def _wanted(answer: httpx.Response, pause: float) -> float:
    said = answer.headers.get("retry-after", "")
    return min(float(said), LONGEST_PAUSE) if said.isascii() and said.isdecimal() and len(said) < 6 else pause


def _check(answer: httpx.Response, asked: Request) -> None:
    status = answer.status_code
    if 200 <= status < 300 or status in asked.taken:
        return
    if 300 <= status < 400:
        raise SourceUnreadable(
            f"对方要求转到别处，不跟随 (HTTP {status}: redirects are not followed)",
            fields={"connection": f"HTTP {status}"},
            remedy="填写最终的地址 (give the final address)",
        )
    if status in REFUSED:
        raise SourceUnreadable(
            f"对方拒绝了账号或者密钥 (HTTP {status}: account or secret were refused)",
            fields={"connection": f"HTTP {status}"},
            remedy="核对账号、密钥和权限 (check account, secret and rights)",
        )
    raise SourceUnreadable(
        f"对方应答 HTTP {status} (the other system answered with a fault)",
        fields={"connection": f"HTTP {status}"},
        remedy="核对路径，稍后再试 (check the path, or try again later)",
    )
