# SPDX-License-Identifier: Apache-2.0
"""Stages: moves go by the table and the diagram is the table."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import IllegalMove
from datong.kernel.stages import mermaid, move


class Step(StrEnum):
    DRAFT = "draft"
    FILED = "filed"
    DONE = "done"


TABLE = {Step.DRAFT: frozenset({Step.FILED}), Step.FILED: {Step.DONE, Step.DRAFT}, Step.DONE: frozenset()}
LABELS = {Step.DRAFT: "草稿", Step.FILED: "已提交", Step.DONE: "办结"}


@given(st.sampled_from(Step), st.sampled_from(Step))
def test_a_move_goes_by_the_table(now, wanted):
    if wanted in TABLE[now]:
        assert move(TABLE, "request 1", now, wanted) is wanted
    else:
        with pytest.raises(IllegalMove, match=f"request 1 cannot go from {now} to {wanted}"):
            move(TABLE, "request 1", now, wanted)


def test_a_refused_move_says_what_may_follow():
    with pytest.raises(IllegalMove) as caught:
        move(TABLE, "request 1", Step.FILED, Step.FILED)
    assert caught.value.remedy == "from filed may follow done, draft"
    with pytest.raises(IllegalMove) as caught:
        move(TABLE, "request 1", Step.DONE, Step.DRAFT)
    assert caught.value.remedy == "from done may follow nothing: this is an end"


def test_the_diagram_is_the_table():
    assert mermaid(TABLE, LABELS) == (
        "stateDiagram-v2\n"
        '    state "草稿 (draft)" as draft\n'
        '    state "已提交 (filed)" as filed\n'
        '    state "办结 (done)" as done\n'
        "    [*] --> draft\n"
        "    draft --> filed\n"
        "    filed --> draft\n"
        "    filed --> done\n"
        "    done --> [*]\n"
    )
