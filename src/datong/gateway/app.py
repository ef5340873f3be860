# SPDX-License-Identifier: Apache-2.0
"""The gateway as one ASGI application: hot routes raw, the rest by Starlette.

Kept here: what is put together at the start and taken apart at the end. One process per log: a second one waits until
the first has let go of it, so that a restart overlaps without two writers.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from time import time

from datong.crypto.keys import load_secret, load_signer, load_verifier
from datong.gateway.answers import Receive, Scope, Send
from datong.gateway.asking import shown_path
from datong.gateway.assertions import Assertions
from datong.gateway.callers import Callers
from datong.gateway.clocks import ClockWatch
from datong.gateway.composed.desk import PATH as COMPOSED
from datong.gateway.composed.desk import ComposedDesk
from datong.gateway.config import GatewayConfig
from datong.gateway.delivered import PREFIX as DELIVERIES
from datong.gateway.delivered import FileDesk
from datong.gateway.events.desk import PREFIX as SUBSCRIPTIONS
from datong.gateway.events.desk import EventDesk
from datong.gateway.events.streams import Streams
from datong.gateway.evidence import Evidence
from datong.gateway.limits.board import Board
from datong.gateway.limits.spent import Spent
from datong.gateway.listening import PolicyListener
from datong.gateway.lookups import Desk
from datong.gateway.past import recover_all
from datong.gateway.plane import PREFIX, DataPlane
from datong.gateway.policy import PolicyHolder
from datong.gateway.quotas import Quotas, day_of
from datong.gateway.refusals import EvidenceUnavailable
from datong.gateway.reporting import Reports
from datong.gateway.room import EVERY, Room
from datong.gateway.serving import Services
from datong.gateway.sides import sides
from datong.gateway.signatures import Signatures
from datong.gateway.tables.desk import PREFIX as TABLES
from datong.gateway.tables.desk import TableDesk
from datong.gateway.tally import Tally
from datong.gateway.tokenroute import PATH as TOKEN_PATH
from datong.gateway.tokenroute import TokenDesk
from datong.gateway.tokens import Tokens
from datong.gateway.upstream.desk import UpstreamDesk
from datong.gateway.xroad.desk import XRoadDesk
from datong.ledger.persons import BlindIndex
from datong.wire import deliveries
from datong.wire.xroad import PREFIX as XROAD

log = logging.getLogger("datong.gateway")


class Gateway:
    """The application; serves after its lifespan has started.

    Attributes:
        holder: the policy in force, open to be offered new ones.
        tally_kind, evidence_kind, desk_kind, upstream_kind: what its parts are made of; others where calls are traced.
    """

    tally_kind, evidence_kind, desk_kind, upstream_kind = Tally, Evidence, Desk, UpstreamDesk

    def __init__(self, config: GatewayConfig, clock: Callable[[], float] = time) -> None:
        self._config, self._clock = config, clock
        self._clocks = ClockWatch(clock)
        self._noted: bytes | None = None
        verifier = load_verifier(config.public_key.read_bytes())
        self.holder = PolicyHolder(config.node_code, verifier, config.policy_file, clock)
        self._sides = sides(config, self.holder, self.evidence, clock)
        self._evidence: Evidence | None = None
        self._listener: PolicyListener | None = None
        self._board: Board | None = None
        self._spent: Spent | None = None
        self._desk: Desk | None = None
        self._upstreams: UpstreamDesk | None = None
        self._reports: Reports | None = None
        self._tally = self.tally_kind(config.tally)
        self._streams = Streams(config.node_dir, config.poll_seconds)
        self._events: EventDesk | None = None
        self._xroad: XRoadDesk | None = None
        self._rooms: dict[bytes, Callable[[Scope, Receive, Send], Awaitable[None]]] = {}

    def evidence(self) -> Evidence | None:
        """The evidence, once it is open."""
        return self._evidence

    async def _pulse(self) -> None:
        """Watch the evidence, give a sign of life on the board and, beside it, tend to the disk, until cancelled."""
        await asyncio.gather(self._watch(), self._tend())

    async def _watch(self) -> None:
        """From the loop that answers calls; waits for no disk."""
        while self._evidence is not None and self._board is not None:
            self._evidence.watch()
            self._board.sign(self.holder.version, self.holder.lease_ends, evidence=self._evidence.open)
            await asyncio.sleep(EVERY)

    async def _tend(self) -> None:
        """What a disk may hold up; whatever goes wrong, it is looked at again, or a full one would be seen by nobody."""
        while self._evidence is not None:
            try:
                await self._tend_once(self._evidence)
            except Exception:
                log.exception("the disk was not tended to")
            await asyncio.sleep(EVERY)

    async def _tend_once(self, evidence: Evidence) -> None:
        await asyncio.to_thread(evidence.tend)
        if self._spent is not None:
            await asyncio.to_thread(self._spent.fold)
        await self.note_clock()
        await self._write_tally()

    async def note_clock(self) -> None:
        """Put it on record were the clock of the machine set; again at the next look where it cannot be."""
        self._noted = self._noted or self._clocks.look()
        if self._noted is not None and self._evidence is not None:
            with contextlib.suppress(EvidenceUnavailable):
                await self._evidence.keep(self._noted)
                self._noted = None

    async def _write_tally(self) -> None:
        rows = self._tally.due()
        if rows and not await asyncio.to_thread(self._tally.write, rows):
            self._tally.put_back(rows)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope."""
        if scope["type"] == "http":
            path = shown_path(scope)
            if path.startswith(PREFIX):
                await self._plane(scope, receive, send)
            elif path.startswith(TABLES):
                await self._tables(scope, receive, send)
            elif path.startswith(SUBSCRIPTIONS) and self._events is not None:
                await self._events(scope, receive, send)
            elif path.startswith(XROAD) and self._xroad is not None:
                await self._xroad(scope, receive, send)
            elif path.startswith(DELIVERIES):
                await self._files(scope, receive, send)
            else:
                await self._rooms.get(path, self._sides)(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._sides(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        pulse: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await asyncio.to_thread(self.start)
                except Exception as error:
                    log.exception("the gateway did not start")
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                pulse = asyncio.create_task(self._pulse())
                await send({"type": "lifespan.startup.complete"})
            else:
                if pulse is not None:
                    pulse.cancel()
                await self.hang_up()
                await asyncio.to_thread(self.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def start(self) -> None:
        """Open the log, take the seat at the board, read policy and today's evidence, begin to listen."""
        config, now = self._config, self._clock()
        self.holder.load()
        directory = config.evidence_dir / config.log_name
        directory.mkdir(parents=True, exist_ok=True)
        room = Room(config.evidence_dir, config.evidence_warn, config.evidence_stop)
        evidence = self.evidence_kind(directory, f"{config.node_code}/{config.log_name}", load_signer(config.signing_key), room)
        self._evidence = evidence
        board = self._board = Board(config.board, config.seat, alone=config.alone)
        spent = self._spent = Spent(config.spent, config.limits.assertions)
        past = recover_all(config.evidence_dir, config.board.parent, now, config.seat)
        board.take_over(day_of(now), {seat: one.calls for seat, one in past.items()})
        spent.recall({mark: until for one in past.values() for mark, until in one.assertions.items()})
        self._wire(evidence, Quotas(board), spent)
        if config.dsn is not None:
            self._listener = PolicyListener(self.holder, config.dsn, config.poll_seconds, self._streams.wake)
            self._listener.start()

    def _wire(self, evidence: Evidence, quotas: Quotas, spent: Spent) -> None:
        config, clock = self._config, self._clock
        tokens = Tokens(load_secret(config.signing_key, "gateway access tokens"), config)
        desk = self._desk = self.desk_kind(config)
        upstreams = self._upstreams = self.upstream_kind(config, desk.access)
        reports = self._reports = Reports(config)
        services = Services(desk, upstreams, quotas, BlindIndex.load(config.signing_key), config.limits)
        callers = Callers(tokens, Signatures(spent, config.limits), config.proxies, config.certifiers)
        self._plane = DataPlane(
            self.holder, callers, evidence, services, reports, clock, tally=self._tally, server=config.public_url
        )
        composed = ComposedDesk(self._plane, services, evidence, clock, config.limits, tally=self._tally)
        self._events = EventDesk(
            self.holder, callers, quotas, evidence, self._streams, limits=config.limits, clock=clock, tally=self._tally
        )
        self._xroad = XRoadDesk(self._plane, services, clock, config.limits)
        assertions = Assertions(config, spent)
        secret = load_secret(config.signing_key, "delta sharing")
        self._tables = TableDesk(config, self.holder, quotas, evidence, self._tally, secret=secret, clock=clock)
        secret = load_secret(config.signing_key, deliveries.SECRET)
        self._files = FileDesk(config, self.holder, quotas, evidence, self._tally, secret=secret, clock=clock)
        token_desk = TokenDesk(config, self.holder, callers, assertions, evidence, clock, tally=self._tally)
        self._rooms = {COMPOSED: composed, TOKEN_PATH.encode(): token_desk}

    async def hang_up(self) -> None:
        """Let go of the lines to providers' interfaces, in the loop they belong to."""
        if self._upstreams is not None:
            await self._upstreams.close()

    def stop(self) -> None:
        """Let go of everything; what waits to be written is written."""
        if self._events is not None:
            self._events.close()
        if self._listener is not None:
            self._listener.stop()
        self.holder.settle()
        if self._evidence is not None:
            self._evidence.close()
        self._tally.write(self._tally.taken())
        for room in (self._desk, self._reports, self._board, self._spent):
            if room is not None:
                room.close()


def build(config: GatewayConfig) -> Gateway:
    """Build the gateway's ASGI application.

    Raises:
        Malformed: the public key does not read.
        OSError: it is not there.
    """
    return Gateway(config)
