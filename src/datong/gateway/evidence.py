# SPDX-License-Identifier: Apache-2.0
"""Evidence before answer: a record is durable and receipted, or there is no answer.

Kept here: the gateway's one log and its group-commit writer; what today's own evidence says of quotas used and
assertions spent, read back at the start so that a restart forgives nothing.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from datong.crypto.signing import Signer
from datong.gateway.assertions import ASSERTION_LIFE, SKEW
from datong.gateway.limits.board import SEATS
from datong.gateway.quotas import day_of, midnight
from datong.gateway.refusals import EvidenceUnavailable
from datong.gateway.room import Room
from datong.kernel.errors import DatongError
from datong.ledger import read
from datong.ledger.log import Log
from datong.ledger.receipts import Receipt
from datong.ledger.writer import GroupWriter
from datong.wire.instants import instant, text_of

log = logging.getLogger("datong.gateway")

CHECKPOINTS: Final = "checkpoints"
LOG: Final = "log.json"
LONGEST_LINE: Final = 4_096
SEAT: Final = re.compile(r"gateway-(\d{1,2})")
ENOUGH: Final = 64
"""Records that are handed in at once without waiting for more."""


class Evidence:
    """Keeps records of one gateway."""

    def __init__(self, directory: Path, origin: str, signer: Signer, room: Room | None = None) -> None:
        """Open the log, waiting for a predecessor to let go of it.

        Args:
            directory: of the log.
            origin: its name.
            signer: of the node.
            room: on the disk; None where nobody looks.
        """
        self._directory, self._origin, self._signer, self._room = directory, origin, signer, room
        self._writer = GroupWriter(Log.open(directory, origin=origin, signer=signer, wait=True))
        self._closed = False
        self._gathered: list[tuple[bytes, asyncio.Future[Receipt]]] = []

    @property
    def open(self) -> bool:
        """Whether records can be kept now."""
        return self._writer.writable and not (self._room is not None and self._room.shut)

    @property
    def fullness(self) -> float:
        """How much of the disk is full, from 0 to 1; 0 where nobody looks."""
        return self._room.share if self._room is not None else 0.0

    @property
    def warns(self) -> bool:
        """Whether the disk is fuller than is well."""
        return self._room is not None and self._room.warns

    def tend(self) -> None:
        """Look at the disk, and open a log anew that a full one closed, once there is room; from any one thread.

        What was acknowledged is in the log; of what was cut short nothing was acknowledged, and opening takes it away.
        """
        if self._room is not None:
            self._room.look()
        if self._closed or self._writer.writable or (self._room is not None and self._room.shut):
            return
        try:
            self._writer.close()
            self._writer = GroupWriter(Log.open(self._directory, origin=self._origin, signer=self._signer))
        except DatongError as error:
            log.warning("the log of %s cannot be opened again yet: %s", self._origin, error)
        else:
            log.warning("the log of %s is open again", self._origin)

    async def keep(self, record: bytes) -> bytes:
        """Make a record durable.

        Returns:
            The receipt, as it stands in the header.

        Raises:
            EvidenceUnavailable: it could not be made so; nothing may be answered.
        """
        if self._room is not None and self._room.shut:
            raise _unavailable()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        if not self._gathered:
            loop.call_soon(self._hand_in, loop, 0)
        self._gathered.append((record, future))
        try:
            receipt = await future
        except DatongError as error:
            raise _unavailable() from error
        return receipt.encode().encode("ascii")

    async def keep_all(self, records: Sequence[bytes]) -> list[bytes]:
        """Make records durable together.

        Returns:
            Their receipts, in order.

        Raises:
            EvidenceUnavailable: One could not be made so; nothing may be answered of any.
        """
        kept = await asyncio.gather(*map(self.keep, records), return_exceptions=True)
        for one in kept:
            if isinstance(one, BaseException):
                raise one
        return [one for one in kept if isinstance(one, bytes)]

    def _hand_in(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        """Hand in what was gathered, once a turn of the loop has passed in which nothing was added."""
        if len(self._gathered) > before and len(self._gathered) < ENOUGH:
            loop.call_soon(self._hand_in, loop, len(self._gathered))
            return
        gathered, self._gathered = self._gathered, []
        self._writer.hand_in(gathered)

    def close(self) -> None:
        """Write what waits and let the log go."""
        self._closed = True
        self._writer.close()


def _unavailable() -> EvidenceUnavailable:
    return EvidenceUnavailable(
        "no evidence can be kept now",
        rule="no evidence, no answer",
        remedy="call again soon; the operator sees it in /readyz",
    )


@dataclass(slots=True)
class Recovered:
    """What evidence says of the recent past: calls answered today per grant, assertions spent and until when."""

    calls: dict[str, int] = field(default_factory=dict)
    assertions: dict[str, float] = field(default_factory=dict)


class _Past(msgspec.Struct):
    at: str
    kind: str = ""
    code: str = ""
    status: int = 0
    grant: str = ""
    assertion: str = ""
    signature: str = ""
    calls: int = 1


def recover_all(evidence: Path, now: float) -> dict[int, Recovered]:
    """Read today's records of the logs of all gateways back, by their seats.

    Args:
        evidence: Folder of the logs.
        now: seconds since 1970.
    """
    logs = {directory: SEAT.fullmatch(directory.name) for directory in sorted(evidence.glob("gateway-*"))}
    return {int(seat[1]): recover(directory, now) for directory, seat in logs.items() if seat and int(seat[1]) < SEATS}


def recover(directory: Path, now: float) -> Recovered:
    """Read today's records of a log back.

    Args:
        directory: of the log; it may not exist yet.
        now: seconds since 1970.
    """
    found = Recovered()
    today, memory = midnight(day_of(now)), ASSERTION_LIFE + 2 * SKEW
    since = min(today, now - memory)
    decoder = msgspec.json.Decoder(_Past)
    if not (directory / LOG).exists():
        return found
    for _, body in read.records(directory, start=first_since(directory / CHECKPOINTS, text_of(since))):
        try:
            past = decoder.decode(body)
        except msgspec.MsgspecError:
            continue
        at = instant(past.at, field="at")
        if past.kind == "call" and past.grant and past.code == "ok" and past.status == 200 and at >= today:
            found.calls[past.grant] = found.calls.get(past.grant, 0) + past.calls
        spent = past.assertion if past.kind == "token" else past.signature
        if spent and at + memory > now:
            found.assertions[spent] = at + memory
    return found


class _Line(msgspec.Struct):
    at: str
    size: int


def first_since(path: Path, at: str) -> int:
    """Find the first record that a checkpoint at or after an instant covers, by bisection of the checkpoints file.

    Records of before may follow; none of after is missed, for a record is made before the checkpoint that covers it
    and checkpoints stand in order of time unless the clock was set back, which only makes a quota more generous.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return 0
    with file:
        low, high, size = 0, file.seek(0, 2), 0
        while low < high:
            middle = (low + high) // 2
            line, end = _line_after(file, middle)
            if line is None or line.at >= at:
                high = middle
            else:
                low, size = end, line.size
        return size


def _line_after(file: BinaryIO, offset: int) -> tuple[_Line | None, int]:
    """The first whole line that begins at or after an offset, and where it ends; None when there is none."""
    file.seek(max(offset - 1, 0))
    if offset:
        file.readline(LONGEST_LINE)
    text = file.readline(LONGEST_LINE)
    if not text.endswith(b"\n"):
        return None, file.tell()
    return msgspec.json.decode(text, type=_Line), file.tell()
