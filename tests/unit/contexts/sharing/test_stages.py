# SPDX-License-Identifier: Apache-2.0
"""The lives of requests and grants as tables."""

import pytest

from datong.contexts.sharing.domain import (
    GRANT_HOLDER,
    GRANT_LABELS,
    GRANT_MOVES,
    GRANT_TAG,
    HOLDER,
    LABELS,
    MOVES,
    TAG,
    GrantStage,
    RefusalCategory,
    Stage,
)  # fmt: skip
from datong.kernel.errors import IllegalMove
from datong.kernel.stages import move


@pytest.mark.parametrize("table", [MOVES, LABELS, HOLDER, TAG])
def test_every_stage_of_a_request_has_a_row(table):
    assert table.keys() == set(Stage)


@pytest.mark.parametrize("table", [GRANT_MOVES, GRANT_LABELS, GRANT_HOLDER, GRANT_TAG])
def test_every_stage_of_a_grant_has_a_row(table):
    assert table.keys() == set(GrantStage)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.ENDORSED])
@pytest.mark.parametrize("answer", [Stage.GRANTED, Stage.REFUSED])
def test_809_20_nothing_is_decided_that_no_head_stands_behind(stage, answer):
    with pytest.raises(IllegalMove):
        move(MOVES, "request", stage, answer)


@pytest.mark.parametrize("stage", [Stage.GRANTED, Stage.REFUSED, Stage.WITHDRAWN])
def test_an_answer_is_final(stage):
    assert MOVES[stage] == frozenset()
    assert HOLDER[stage] is None


@pytest.mark.parametrize("stage", [GrantStage.REVOKED, GrantStage.EXPIRED])
def test_a_grant_that_ended_never_lives_again(stage):
    assert GRANT_MOVES[stage] == frozenset()


def test_809_21_incomplete_is_no_reason_to_refuse():
    assert "incomplete" not in set(RefusalCategory)
    assert not any("不齐" in category.label or "不完整" in category.label for category in RefusalCategory)
