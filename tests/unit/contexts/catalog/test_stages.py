# SPDX-License-Identifier: Apache-2.0
"""The life of a version as tables."""

import pytest

from datong.contexts.catalog.domain import EDITABLE, HOLDER, LABELS, MOVES, TAG, UNDER_WAY, Stage
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove
from datong.kernel.stages import move


@pytest.mark.parametrize("table", [MOVES, LABELS, HOLDER, TAG])
def test_every_stage_has_a_row(table):
    assert table.keys() == set(Stage)


def test_each_tag_is_recorded_for_one_stage():
    assert len(set(TAG.values())) == len(Stage)


def test_a_stage_is_under_way_as_long_as_somebody_holds_it():
    assert {stage for stage in Stage if HOLDER[stage]} == UNDER_WAY


def test_only_the_compiler_holds_what_can_be_edited():
    assert {stage for stage in Stage if HOLDER[stage] is Role.COMPILER} == EDITABLE


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CONSENTED])
def test_nothing_is_published_without_the_heads_consent(stage):
    with pytest.raises(IllegalMove):
        move(MOVES, "entry", stage, Stage.PUBLISHED)


@pytest.mark.parametrize("stage", [Stage.SUPERSEDED, Stage.WITHDRAWN])
def test_an_end_is_an_end(stage):
    assert MOVES[stage] == frozenset()
