# SPDX-License-Identifier: Apache-2.0
"""The series of node checkpoints, checked from its first line to its last: each signed, each the next one, none exchanged.

Kept here: what the lines say of the logs is checked where the logs are (`verify`); here, that none leaves the series or shrinks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from datong.crypto.signing import BadSignature, Verifier
from datong.kernel.errors import DatongError
from datong.ledger import merged
from datong.ledger.frames import Flaw
from datong.ledger.merged import Merged


@dataclass(frozen=True, slots=True)
class Series:
    """What was found of the node checkpoints.

    Attributes:
        good: How many are good, from the first on.
        newest: The last of them.
        reason: What is wrong with the next one, "" when nothing is.
        offset: Where it begins in the file, when it is there.
    """

    good: int = 0
    newest: Merged | None = None
    reason: str = ""
    offset: int | None = None

    def missing(self, origins: Collection[str]) -> str:
        """Say which log the newest one pins and is not among those that are there; "" when none."""
        gone = [mark for mark in self.newest.logs if mark.origin not in origins] if self.newest else []
        if not gone:
            return ""
        return f"the log {gone[0].origin} is missing: node checkpoint {self.good - 1} says that it has {gone[0].size} records"


def examine(evidence: Path, verifier: Verifier, held: Sequence[Merged] = ()) -> Series:
    """Check the node checkpoints in an evidence folder, and that those somebody holds are among them."""
    walk = _Walk(verifier, held)
    reason = ""
    try:
        for one in held:
            one.check(verifier)
        for offset, one in merged.walk(evidence):
            walk.offset = offset
            walk.take(one)
        walk.end()
    except Flaw as flaw:
        reason = flaw.reason
    except (DatongError, BadSignature) as error:
        reason = f"node checkpoint {walk.good} cannot be trusted: {error}"
    return Series(walk.good, walk.newest, reason, walk.offset if reason else None)


class _Walk:
    """One walk through the series."""

    def __init__(self, verifier: Verifier, held: Sequence[Merged]) -> None:
        self._verifier, self._held = verifier, {one.number: one.line() for one in held}
        self.good, self.offset = 0, None if held else 0
        self.newest: Merged | None = None

    def take(self, one: Merged) -> None:
        one.check_follows(self.newest)
        one.check(self._verifier)
        if self._held.pop(one.number, one.line()) != one.line():
            reason = f"node checkpoint {self.good} is another one than is known from elsewhere: the series was forked"
            raise Flaw(self.good, reason)
        self.newest, self.good = one, self.good + 1

    def end(self) -> None:
        if self._held:
            reason = f"the series ends before node checkpoint {self.good}, but number {max(self._held)} is known from elsewhere"
            raise Flaw(self.good, reason)
