# SPDX-License-Identifier: Apache-2.0
"""The one record of a dispute: every word with side, person and moment; it only grows."""

from collections.abc import Sequence
from datetime import UTC, datetime

from datong.contexts.disputes import queries
from datong.contexts.disputes.domain.disputes import MOVES, OPEN, Side, Stage, Word
from datong.contexts.disputes.models import Dispute, Paper, Statement
from datong.contexts.disputes.queries.sealing import seal_paper
from datong.kernel.actors import Officer
from datong.kernel.enclosures import Enclosure
from datong.kernel.stages import move


def locked(number: str, by: Officer) -> Dispute:
    """Give a dispute an officer may see, locked.

    Raises:
        Unknown: There is none, or none visible.
    """
    return queries.dispute_of(number, by=by, lock=True)


def write(row: Dispute, side: Side, kind: Word, words: str, *, by: Officer, files: Sequence[Enclosure] = ()) -> Statement:
    """Write one entry into the record of a dispute, with its files."""
    made = Statement.objects.create(
        dispute=row,
        side=side.value,
        kind=kind.value,
        words=words,
        department_name=by.department_name,
        account=by.account,
        name=by.name,
        at=datetime.now(UTC),
    )
    Paper.objects.bulk_create(
        Paper(statement=made, name=one.name, digest=one.digest, size=len(one.content), sealed=seal_paper(one.content, one.digest))
        for one in files
    )
    return made


def step(row: Dispute, wanted: Stage, by: Officer, verb: str = "") -> None:
    """Move a dispute on; `verb` names the columns that say who and when; an end is noted with it.

    Raises:
        IllegalMove: The stage may not follow.
    """
    row.stage = move(MOVES, f"dispute {row.number}", Stage(row.stage), wanted)
    now = datetime.now(UTC)
    if verb:
        setattr(row, f"{verb}_by", by.account)
        setattr(row, f"{verb}_at", now)
    if row.stage not in OPEN:
        row.ended_by, row.ended_at = by.account, now
