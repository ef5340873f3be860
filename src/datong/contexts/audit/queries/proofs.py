# SPDX-License-Identifier: Apache-2.0
"""Proofs from the evidence logs: records found, shown and proved to those who may read them.

Kept here: who reads every act reads and proves every record; others prove the acts they may see and nothing else. A record
one may not see and a record that is not there are told alike. Checkpoints and what lies between two of them name no record
and are for everybody signed in: who holds one can catch the node at having another history.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from datong.contexts.audit.domain import LOG
from datong.contexts.audit.permissions import check_may_search, sees_all
from datong.contexts.audit.queries.acts import visible
from datong.contexts.audit.queries.evidence import node_verifier
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed, Unavailable, Unknown
from datong.ledger import history, identity, search
from datong.ledger.checkpoints import Checkpoint
from datong.ledger.prover import Consistency, Prover
from datong.ledger.receipts import Receipt

AT_ONCE = 500_000
"""Records a request catches up with: a second or so. The worker's beat has seen to the rest before."""
PREPARED = 250_000
"""Records the beat catches up with: others wait behind it."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def log_names() -> list[str]:
    """Give the names of this node's logs."""
    return sorted(path.parent.name for path in settings.NODE_FOLDER.evidence.glob(f"*/{identity.NAME}"))


def prove(log: str, index: int, size: int | None = None, *, by: Officer) -> Receipt:
    """Prove a record under the newest checkpoint, or under the one of a size.

    Raises:
        Unknown: No such log, record or checkpoint, or none the officer may see.
        Unavailable: The log is damaged.
    """
    if not _may_read(log, index, by):
        raise _unknown()
    with prover_of(log) as prover:
        return prover.inclusion(index, size)


def consistency(log: str, first: int, second: int) -> Consistency:
    """Prove that the log of one checkpoint is the beginning of that of another.

    Raises:
        Unknown: No such log or checkpoint, or the first is the larger.
        Unavailable: The log is damaged.
    """
    with prover_of(log) as prover:
        return prover.consistency(prover.checkpoint(first), prover.checkpoint(second))


def checkpoints(log: str, *, before: int | None = None, limit: int = 50) -> list[Checkpoint]:
    """Give signed states of a log, the newest first; only those of a smaller size than `before`.

    Raises:
        Unknown: No such log.
        Unavailable: The checkpoints cannot be read.
    """
    folder = folder_of(log)
    try:
        return history.latest(folder, limit, before=before)
    except Malformed as error:
        raise Unavailable(f"the log of {log} is damaged: {error.message}") from None


def records(
    log: str, wanted: search.Wanted, *, by: Officer, before: int | None = None, limit: int = 50
) -> tuple[search.Page, int]:
    """Give the newest records looked for, and the size of the log.

    Args:
        log: Name of the log.
        wanted: What is looked for.
        by: Whose eyes.
        before: Only records of a smaller index.
        limit: Most records.

    Raises:
        Refused: Not one of those who read everything.
        Unknown: No such log.
        Unavailable: The log is damaged.
    """
    check_may_search(by)
    folder = folder_of(log)
    with prover_of(log) as prover:
        low = history.size_before(folder, wanted.since) if wanted.since else 0
        return search.backwards(prover, wanted, low=low, high=before, limit=limit), prover.size


def prepare_proofs() -> bool:
    """Have proofs of every log ready for when they are asked for; a part of the work each time, False when there is more.

    A log that is damaged proves nothing, and whoever verifies it is told so.
    """
    ready = True
    for log in log_names():
        with suppress(DatongError), prover_of(log, PREPARED) as prover:
            ready = ready and prover.ready
    return ready


def _may_read(log: str, index: int, by: Officer) -> bool:
    if sees_all(by):
        return True
    return log == LOG and visible(by).filter(seq=index + 1).exists()


def folder_of(log: str) -> Path:
    """Give the folder of a log.

    Raises:
        Unknown: No such log.
    """
    folder: Path = settings.NODE_FOLDER.evidence / log
    if not NAME.fullmatch(log) or not (folder / identity.NAME).is_file():
        raise _unknown()
    return folder


@contextmanager
def prover_of(log: str, most: int = AT_ONCE) -> Iterator[Prover]:
    """Open a log for reading and proving.

    Raises:
        Unknown: No such log.
        Unavailable: It is damaged.
    """
    folder = folder_of(log)
    try:
        prover = Prover(folder, node_verifier(), most=most)
    except Malformed as error:
        raise Unavailable(f"the log of {log} is damaged: {error.message}") from None
    with prover:
        yield prover


def _unknown() -> Unknown:
    return Unknown(
        "没有这条留痕，或者您不能查看 (there is no such evidence, or none you may see)",
        remedy="核对日志名和记录号 (see the name of the log and the number of the record)",
    )
