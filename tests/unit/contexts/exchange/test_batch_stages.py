# SPDX-License-Identifier: Apache-2.0
"""A batch as a table: every stage in every table, ended is ended."""

import pytest

from datong.contexts.exchange import domain
from datong.contexts.exchange.domain import BatchStage, SourceKind
from datong.kernel.errors import IllegalMove
from datong.kernel.stages import move


@pytest.mark.parametrize("table", [domain.MOVES, domain.LABELS, domain.HOLDER, domain.TAG])
def test_every_stage_has_a_row(table):
    assert table.keys() == set(BatchStage)


def test_unfinished_is_what_can_still_move():
    assert {*domain.UNFINISHED, BatchStage.LANDED} == {stage for stage, onward in domain.MOVES.items() if onward}


def test_what_has_landed_may_be_recalled_and_nothing_else():
    assert domain.MOVES[BatchStage.LANDED] == {BatchStage.RECALLED}


@pytest.mark.parametrize("ended", [BatchStage.FAILED, BatchStage.CANCELLED, BatchStage.RECALLED])
@pytest.mark.parametrize("wanted", list(BatchStage))
def test_what_has_ended_never_moves(ended, wanted):
    with pytest.raises(IllegalMove):
        move(domain.MOVES, "batch 1", ended, wanted)


def test_every_ending_of_a_file_has_its_kind():
    assert set(domain.SUFFIXES.values()) == set(SourceKind) - {SourceKind.POSTGRES, SourceKind.CONNECTION}
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in domain.SUFFIXES)
