# SPDX-License-Identifier: Apache-2.0
"""One request to a provider's registered interface: guarded at connect time, bounded in time and size, nothing followed.

Kept here: the transport alone is used, so there are no redirects, cookies, proxies of the machine, decoders or retries
behind our back; no error holds an address, a header or a piece of the answer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import httpx

from datong.engine.backends.remote import web
from datong.engine.backends.remote.calls import Caller
from datong.engine.backends.remote.misfits import misfit
from datong.engine.backends.remote.proxied import LARGEST_ANSWER, Interface
from datong.engine.errors import InterfaceAway, InterfaceMisfit, InterfaceRefuses, SourceUnreadable
from datong.engine.plans.values import Stored
from datong.kernel.reach import Network

REQUEST_ID = "datong-request-id"
JSON = "application/json"
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: path with query, and body; who it is asked as stands in the headers."""

    method: str
    url: str
    content: bytes | None = field(default=None, repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    absent: bool = False


def transport(most: int = 32) -> httpx.AsyncHTTPTransport:
    """Make the transport of one interface; its connections are shared with no other."""
    return httpx.AsyncHTTPTransport(retries=0, trust_env=False, limits=httpx.Limits(max_connections=most))


def asked_as(
    caller: Caller, interface: Interface, target: str, content: bytes | None, along: Mapping[str, str]
) -> Question:  # fmt: skip
    """Make the question to an interface as its caller puts it; nothing of the consumer's own request goes along."""
    kind = {"content-type": JSON} if content is not None else {}
    headers = {"accept": JSON, **along, **kind, **caller.signed()}
    return Question(interface.method, address(caller, target), content, headers, interface.absent)


def address(caller: Caller, target: str) -> str:
    """The whole address of a target: a page may be told by its own."""
    return target if target.startswith(("http://", "https://")) else caller.url(target)


async def ask(
    way: httpx.AsyncBaseTransport, question: Question, inside: Sequence[Network], *, seconds: float
) -> bytes | None:
    """Ask once.

    Args:
        way: Transport of the interface.
        question: What is asked.
        inside: Networks of this node's own that may be reached.
        seconds: Time for the whole of it.

    Returns:
        The body of the answer, None for no such record.

    Raises:
        TimeoutError: It took longer.
        InterfaceAway: Not reached, too busy, broken off, or a fault of its own.
        InterfaceRefuses: It refuses us, or leads elsewhere.
        InterfaceMisfit: It does not take the question, or its answer is longer than it may be, or encoded.
    """
    async with asyncio.timeout(seconds):
        said = web.Request(question.url, question.headers, question.method, question.content)
        try:
            request = await asyncio.to_thread(web.built, httpx.Request, said, inside)
        except SourceUnreadable as error:
            raise InterfaceAway(error.message, fields=error.fields, remedy=error.remedy) from None
        request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), seconds)
        try:
            answer = await way.handle_async_request(request)
            try:
                return await _body(answer, question)
            finally:
                await answer.aclose()
        except httpx.HTTPError as fault:
            raise _away(type(fault).__name__) from None


def try_proxied(
    caller: Caller, interface: Interface, sample: dict[str, Stored], seconds: float
) -> tuple[list[tuple[Any, ...]], int]:  # fmt: skip
    """Ask an interface for a sample, as a call would, and read its rows.

    Returns:
        The rows, of two pages where it hands out pages, and how many milliseconds it took without the start of the process.

    Raises:
        InterfaceFault: Says what is wrong for its provider.
        FilterNotAllowed, Malformed: The sample lacks what the interface needs.
    """
    began = monotonic()
    rows, after = _tried(caller, interface, sample, "", seconds)
    if after:
        second, _ = _tried(caller, interface, sample, after, seconds)
        if second == rows:
            raise misfit("still")
        rows += second
    return rows, int((monotonic() - began) * 1000)


def _tried(
    caller: Caller, interface: Interface, sample: dict[str, Stored], position: str, seconds: float
) -> tuple[list[tuple[Any, ...]], str]:  # fmt: skip
    """One page of a trial, and where the next one begins."""
    target, content = interface.question(sample, position=position)
    question = asked_as(caller, interface, target, content, {REQUEST_ID: "trial"})

    async def once() -> bytes | None:
        way = transport(1)
        try:
            return await ask(way, question, caller.inside, seconds=seconds)
        finally:
            await way.aclose()

    try:
        said = asyncio.run(once())
    except TimeoutError:
        raise _away(f"> {seconds:g} s") from None
    return ([], "") if said is None else interface.read_page(said, position, question.url)


async def _body(answer: httpx.Response, question: Question) -> bytes | None:
    status = answer.status_code
    if status == NOT_FOUND and question.absent:
        return None
    if status in web.AGAIN or status >= 500:
        raise _away(f"HTTP {status}")
    if 300 <= status < 400 or status in (401, 403, 407):
        raise InterfaceRefuses(
            "接口拒绝了我们，或者要求转到别处 (the interface refuses us, or leads elsewhere; redirects are not followed)",
            fields={"connection": f"HTTP {status}"},
            remedy="核对地址、路径和认证 (check address, path and secret)",
        )
    if not 200 <= status < 300:
        raise InterfaceMisfit(
            "接口没有接受这个请求 (the interface does not take this question)",
            fields={"connection": f"HTTP {status}"},
            remedy="核对路径、方法和参数 (check path, method and parameters)",
        )
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise _too_large("编码的应答不读 (encoded)")
    pieces, size = [], 0
    async for piece in answer.aiter_raw():
        size += len(piece)
        if size > LARGEST_ANSWER:
            raise _too_large(f"> {LARGEST_ANSWER >> 20} MiB")
        pieces.append(piece)
    return b"".join(pieces)


def _away(kind: str) -> InterfaceAway:
    return InterfaceAway(
        "接口连接不上、太忙或者中途断开 (the interface cannot be reached, is too busy, or broke off)",
        fields={"connection": kind},
        remedy="核对地址和对方系统，稍后再试 (check the address and the other system, then try again)",
    )


def _too_large(why: str) -> InterfaceMisfit:
    return InterfaceMisfit(
        "接口的应答过大或者不能读 (the answer is too large or cannot be read)",
        fields={"connection": why},
        remedy="让接口按条件返回较少的行，不压缩 (let it answer fewer rows, not compressed)",
    )
