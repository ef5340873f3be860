# SPDX-License-Identifier: Apache-2.0
"""Evidence before answer: a record is durable and receipted, or there is no answer.

Kept here: the gateway's one log and its group-commit writer.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from datong.crypto.signing import Signer
from datong.gateway.refusals import EvidenceUnavailable
from datong.gateway.room import Room
from datong.kernel.errors import DatongError
from datong.ledger.log import Log
from datong.ledger.receipts import Receipt
from datong.ledger.writer import GroupWriter

log = logging.getLogger("datong.gateway")

ENOUGH: Final = 64
"""Records that are handed in at once without waiting for more."""
PATIENCE: Final = 3.0
"""Seconds that a call waits for a disk that is silent."""


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
        self._closed = self._silent = False
        self._gathered: list[tuple[bytes, asyncio.Future[Receipt]]] = []

    @property
    def open(self) -> bool:
        """Whether records can be kept now."""
        return self._writer.writable and not self._silent and not (self._room is not None and self._room.shut)

    @property
    def silent(self) -> bool:
        """Whether the disk did not answer for longer than calls wait."""
        return self._silent

    @property
    def fullness(self) -> float:
        """How much of the disk is full, from 0 to 1; 0 where nobody looks."""
        return self._room.share if self._room is not None else 0.0

    @property
    def warns(self) -> bool:
        """Whether the disk is fuller than is well."""
        return self._room is not None and self._room.warns

    def watch(self) -> None:
        """Send calls away that a silent disk would hold up, and take them again when it answers; from the loop of the calls."""
        silent = self._writer.give_up(PATIENCE)
        if silent and not self._silent:
            log.error("the disk of %s has not answered for %.0f s: no call is answered until it does", self._origin, PATIENCE)
        elif self._silent and not silent:
            log.warning("the disk of %s answers again", self._origin)
        self._silent = silent

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
        if self._silent or (self._room is not None and self._room.shut):
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
