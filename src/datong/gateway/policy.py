# SPDX-License-Identifier: Apache-2.0
"""The policy a gateway answers on: held in memory, kept on disk, never older than its lease.

Kept here: only a document signed by the node's key is taken; its version never goes backwards; what is taken counts at
once and is then written to disk, so that a restart without PostgreSQL knows every revocation this gateway knew. A full or
silent disk is no reason to go on with a revoked grant. Past the lease nothing is answered (expire closed). The lease runs by a
clock that nobody sets as well: one set back lengthens no lease, and a policy of a time to come is not answered on.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from time import monotonic, time
from typing import Final

from datong.crypto.signing import Verifier
from datong.gateway.refusals import PolicyStale
from datong.gateway.snapshot import Snapshot
from datong.kernel.errors import DatongError, Malformed
from datong.ledger.files import place
from datong.wire import policy as wire

log = logging.getLogger("datong.gateway.policy")
AHEAD: Final = 60.0
"""Seconds by which the clock of the control plane may be ahead of ours."""


class PolicyHolder:
    """Holds the newest policy; safe to offer from one thread and read from another."""

    def __init__(
        self,
        node_code: str,
        verifier: Verifier,
        policy_file: Path,
        clock: Callable[[], float] = time,
        steady: Callable[[], float] = monotonic,
    ) -> None:
        """Begin without a policy.

        Args:
            node_code: Of the node whose policies are taken.
            verifier: Of its key.
            policy_file: Keeps the newest one.
            clock: Seconds since 1970.
            steady: Seconds of a clock that nobody sets.
        """
        self._node = node_code
        self._verifier = verifier
        self._file = policy_file
        self._clock, self._steady = clock, steady
        self._held: Snapshot | None = None
        self._until = 0.0
        self._lock, self._slot = Lock(), Lock()
        self._newest: bytes | None = None
        self._keeper: Thread | None = None

    @property
    def version(self) -> int:
        """Version held; 0 while there is none."""
        return self._held.version if self._held else 0

    @property
    def lease_ends(self) -> float:
        """Until when the policy held may be answered on, in seconds since 1970; 0 where it may not be."""
        held, now = self._held, self._clock()
        if held is None or now < held.issued - AHEAD:
            return 0.0
        return min(held.expires, now + self._until - self._steady())

    def current(self, now: float) -> Snapshot:
        """Give the policy in force.

        Raises:
            PolicyStale: there is none, or its lease has run out.
        """
        held = self._held
        if held is None or not held.issued - AHEAD <= now < held.expires or self._steady() >= self._until:
            raise PolicyStale(
                "this gateway has no fresh policy",
                rule="a policy past its lease is not answered on",
                remedy="call again soon; the operator sees it in /readyz",
            )
        return held

    def load(self) -> None:
        """Take the policy on disk, were there one that holds; a damaged file is reported and passed over."""
        try:
            document = self._file.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            log.warning("policy file not readable: %s", error)
            return
        self._take(document, keep=False)

    def offer(self, document: bytes) -> bool:
        """Take a document were it newer and sound.

        Returns:
            Whether it is now in force.
        """
        return self._take(document, keep=True)

    def _take(self, document: bytes, *, keep: bool) -> bool:
        with self._lock:
            try:
                snapshot = self._read(document)
            except DatongError as error:
                log.warning("policy refused: %s", error)
                return False
            if snapshot.version <= self.version:
                return False
            now = self._clock()
            self._until = self._steady() + min(snapshot.expires - now, snapshot.expires - snapshot.issued)
            self._held = snapshot
            if snapshot.issued > now + AHEAD:
                log.warning("policy %d is of a time to come and not answered on: is the clock right?", snapshot.version)
            else:
                log.info("policy %d in force", snapshot.version)
            if keep:
                self._keep(document)
            return True

    def settle(self, seconds: float = 5.0) -> None:
        """Wait until what is in force is on disk, though not for ever."""
        keeper = self._keeper
        if keeper is not None:
            keeper.join(seconds)

    def _keep(self, document: bytes) -> None:
        """Have it written by another thread, the newest alone: the next policy waits for no disk."""
        with self._slot:
            self._newest = document
            if self._keeper is None:
                self._keeper = Thread(target=self._write_down, name="policy-keeper", daemon=True)
                self._keeper.start()

    def _write_down(self) -> None:
        while True:
            with self._slot:
                document, self._newest = self._newest, None
                if document is None:
                    self._keeper = None
                    return
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                place(self._file, document, durable=True, private=True)
            except OSError:
                log.exception("policy not kept on disk")

    def _read(self, document: bytes) -> Snapshot:
        policy = wire.decode(document, self._verifier)
        if policy.node != self._node:
            raise Malformed(f"the policy is of node {policy.node}")
        return Snapshot(policy)
