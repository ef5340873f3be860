# SPDX-License-Identifier: Apache-2.0
"""Posting to an address that somebody named, and to no other place (SSRF).

Kept here: the name is resolved once and the connection goes to that very address, so that a name cannot change in between;
redirects are an error; nothing is read of an answer but its status, or of one that was asked for no more than a bound; a proxy
of the machine is not asked.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from datong.kernel import reach
from datong.kernel.errors import Malformed
from datong.kernel.reach import Hindrance, Network

LONGEST_URL: Final = 500
TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
LONGEST: Final = 15.0
"""Seconds after which a receiver that answers drop by drop is given up."""


def check_url(url: str) -> tuple[str, str, int]:
    """Check the shape of a webhook's address.

    Returns:
        Scheme, host name, port.

    Raises:
        Malformed: Not http(s), with a user name, or without a host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not plain or parts.scheme not in ("https", "http") or not host or "@" in parts.netloc or parts.fragment:
        why = "如 https://app.example.gov.cn/hooks (such as https://app.example.gov.cn/hooks, without user name and #)"
        raise Malformed("回调地址不合格式 (the address of the webhook does not read)", fields={"url": why})
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def check_addresses(found: Iterable[str], inside: Sequence[Network], *, scheme: str) -> str:
    """Choose where to send: every address a name stands for has to be allowed, so that none slips in.

    Args:
        found: Addresses the name stands for now.
        inside: Networks of this node's own that may be reached.
        scheme: "http" is taken for networks inside only.

    Raises:
        Malformed: No address, or one that may not be reached.
    """
    known = list(found)
    hindered = reach.hindrance(known, inside, encrypted=scheme == "https")
    if hindered is Hindrance.UNKNOWN:
        raise Malformed("回调地址的域名解析不到 (the name of the webhook is unknown)", fields={"url": "解析不到 (unknown name)"})
    if hindered is Hindrance.INNER:
        raise Malformed(
            "回调地址指向内网，节点未允许 (the webhook leads to an inner network that this node does not allow)",
            fields={"url": "不允许的网段 (a network that is not allowed)"},
            remedy="由系统管理员在 DATONG_WEBHOOK_NETWORKS 中列出允许的网段 (the administrator lists it)",
        )
    if hindered is Hindrance.PLAIN:
        raise Malformed("公网回调地址须用 https (a public webhook needs https)", fields={"url": "https"})
    return known[0].partition("%")[0]


def where(url: str, inside: Sequence[Network]) -> str:
    """Resolve the address of a webhook, once, and give the one address to send to.

    Args:
        url: Of the webhook.
        inside: Networks of this node's own that may be reached.

    Raises:
        Malformed: As `check_url` and `check_addresses`.
    """
    scheme, host, port = check_url(url)
    return check_addresses(addresses(host, port), inside, scheme=scheme)


def addresses(host: str, port: int) -> list[str]:
    """Give every address a name stands for now; none where it is unknown."""
    try:
        return [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []


def post(url: str, address: str, headers: Mapping[str, str], body: bytes) -> str:
    """Post a body to a URL whose name is not asked for again, within `LONGEST` seconds in all.

    Args:
        url: Checked.
        address: IP address its name stood for.
        headers: Of the message.
        body: As it is signed.

    Returns:
        "HTTP 204" and the like, or the kind of fault.
    """
    return ask(url, address, {"user-agent": "datong-webhooks", **headers}, body, most=0)[0]


def ask(url: str, address: str, headers: Mapping[str, str], body: bytes, *, most: int) -> tuple[str, bytes]:
    """Post a body as `post` does, and read the answer.

    Args:
        url: Checked.
        address: IP address its name stood for.
        headers: Of the message.
        body: What is asked.
        most: Bytes of an answer that are read; a longer one is cut there.

    Returns:
        Status or fault as `post` gives it, and the answer.
    """
    try:
        return asyncio.run(_posted(url, address, headers, body, most))
    except (httpx.HTTPError, TimeoutError) as fault:
        return type(fault).__name__, b""


async def _posted(url: str, address: str, headers: Mapping[str, str], body: bytes, most: int) -> tuple[str, bytes]:
    parts = urlsplit(url)
    place = f"[{address}]" if ":" in address else address
    pinned = urlunsplit(parts._replace(netloc=f"{place}:{parts.port}" if parts.port else place))
    named = {"user-agent": "datong", **headers, "host": parts.netloc, "accept-encoding": "identity"}
    async with (
        asyncio.timeout(LONGEST),
        httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", pinned, content=body, headers=named, extensions={"sni_hostname": parts.hostname}) as answer,
    ):
        return f"HTTP {answer.status_code}", await _read(answer.aiter_raw(), most)


async def _read(parts: AsyncIterator[bytes], most: int) -> bytes:
    read = b""
    while len(read) < most and (part := await anext(parts, b"")):
        read += part
    return read[:most]
