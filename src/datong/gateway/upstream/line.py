# SPDX-License-Identifier: Apache-2.0
"""The line to one registered interface: who it is asked as, tries within the deadline, breaker, places for calls.

Kept here: the secret is opened here alone and lives no longer than the line; a question is put again only where that
changes nothing over there, with growing pauses, and never past the deadline.
"""

import asyncio
import random
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from datong.crypto.sealing import unseal
from datong.engine.backends.remote.calls import Caller, Paging
from datong.engine.backends.remote.proxied import Interface, Member, Parameter
from datong.engine.backends.remote.proxying import REQUEST_ID, Question, address, ask, asked_as, transport
from datong.engine.base import Column
from datong.engine.errors import InterfaceAway, InterfaceMisfit, InterfaceRefuses
from datong.engine.plans.values import Stored
from datong.gateway.config import GatewayConfig
from datong.gateway.upstream.breaker import Breaker
from datong.gateway.upstream.paged import Fetched
from datong.gateway.upstream.refusals import UpstreamBusy, UpstreamLate, told
from datong.kernel.sharing import ItemType
from datong.wire.policy import Resource, Upstream

MOST: Final = 32
"""Calls that may wait for one interface at a time."""
PAUSES: Final = (0.1, 0.4)
"""Seconds before each further try, more or less by half."""


class Line:
    """One interface at work. One event loop only."""

    def __init__(self, resource: Resource, upstream: Upstream, config: GatewayConfig, clock: Callable[[], float]) -> None:
        """Open the secret; nothing is connected yet.

        Raises:
            BadSeal, Malformed: The secret was sealed with another key, or is none.
        """
        self.upstream, self.items = upstream, resource.items
        secret = unseal(config.signing_key, b64decode(upstream.sealed), upstream.connection)
        self._caller = Caller(
            upstream.base, upstream.signing, upstream.account, secret, upstream.header, config.networks
        )  # fmt: skip
        self.interface = interface_of(resource, upstream)
        self.breaker = Breaker(clock)
        self._way = transport(MOST)
        self._waiting = 0
        self._over = False

    async def ask(
        self, asked: dict[str, Stored], ruled: dict[str, Stored], request_id: str, along: Mapping[str, str], position: str = ""
    ) -> bytes | None:
        """Put a question.

        Args:
            asked: Items the caller searches by.
            ruled: Items a rule of the grant fixes.
            request_id: Of the call; it goes along.
            along: Further headers that do.
            position: Of the page; empty for the first.

        Returns:
            The answer as it came, None for no such record.

        Raises:
            FilterNotAllowed, Malformed: The question lacks what the interface needs.
            InterfaceFault: It did not answer, or may not be asked now.
        """
        target, content = self.interface.question(asked, ruled, position)
        question = asked_as(self._caller, self.interface, target, content, {REQUEST_ID: request_id, **along})
        if self._waiting >= MOST:
            raise told(UpstreamBusy)
        self.breaker.enter()
        self._waiting += 1
        try:
            return await self._counted(question)
        finally:
            self.breaker.left()
            self._waiting -= 1
            if self._over and not self._waiting:
                await self._way.aclose()

    def where(self, asked: dict[str, Stored], ruled: dict[str, Stored], position: str) -> str:
        """The address at which a question is put."""
        return address(self._caller, self.interface.question(asked, ruled, position)[0])

    def read(self, said: bytes | None, position: str, url: str) -> Fetched:
        """Read a page: its rows, and where the next one begins."""
        return Fetched([], "") if said is None else Fetched(*self.interface.read_page(said, position, url))

    async def close(self) -> None:
        """Let go of the connections, once no call is under way."""
        self._over = True
        if not self._waiting:
            await self._way.aclose()

    async def _counted(self, question: Question) -> bytes | None:
        try:
            said = await self._patient(question)
        except TimeoutError:
            self.breaker.failed()
            raise told(UpstreamLate) from None
        except (InterfaceAway, InterfaceRefuses):
            self.breaker.failed()
            raise
        except InterfaceMisfit:
            self.breaker.succeeded()  # it is there: what it said is another matter
            raise
        self.breaker.succeeded()
        return said

    async def _patient(self, question: Question) -> bytes | None:
        again = self.upstream.method == "GET" or self.upstream.repeatable
        loop, inside = asyncio.get_running_loop(), self._caller.inside
        deadline = loop.time() + self.upstream.timeout
        for pause in PAUSES if again else ():
            try:
                return await ask(self._way, question, inside, seconds=deadline - loop.time())
            except InterfaceAway:
                wait = pause * random.uniform(0.5, 1.5)  # noqa: S311  no secret hangs on it
                if loop.time() + wait >= deadline:
                    raise
                await asyncio.sleep(wait)
        return await ask(self._way, question, inside, seconds=deadline - loop.time())


def interface_of(resource: Resource, upstream: Upstream) -> Interface:
    """The interface as the engine asks and reads it."""
    kinds = {one.field: ItemType(one.type) for one in resource.items}
    members = (
        Member(
            Column(one.item, kinds[one.item], one.length, one.nullable, one.item in resource.keys, one.precision), one.name
        )
        for one in upstream.members
    )
    parameters = (Parameter(one.item, one.name, one.place, one.needed) for one in upstream.parameters)
    how = upstream.paging
    paging = None if how is None else Paging(upstream.rows, *msgspec.structs.astuple(how))
    return Interface(
        upstream.method, upstream.path, tuple(parameters), tuple(members), upstream.rows, upstream.single, upstream.absent, paging
    )
