# SPDX-License-Identifier: Apache-2.0
"""The lives of requests and grants as tables."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.sharing.domain import (
    GRANT_HOLDER,
    GRANT_LABELS,
    GRANT_MOVES,
    GRANT_TAG,
    HOLDER,
    LABELS,
    LIVE,
    MOVES,
    TAG,
    TO_DISPOSE,
    GrantStage,
    RefusalCategory,
    Stage,
)  # fmt: skip
from datong.contexts.sharing.domain.changes import CHANGE_HOLDER, CHANGE_LABELS, CHANGE_MOVES, CHANGE_TAG, ChangeStage
from datong.contexts.sharing.domain.disposals import (
    DISPOSAL_HOLDER,
    DISPOSAL_LABELS,
    DISPOSAL_MOVES,
    DISPOSAL_TAG,
    LARGEST_FILE,
    Certificate,
    DisposalStage,
    check_certificate,
)
from datong.contexts.sharing.domain.lives import reminder_due
from datong.kernel.errors import IllegalMove, Malformed
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


@pytest.mark.parametrize("stage", [stage for stage in GrantStage if stage not in LIVE])
def test_a_grant_that_ended_never_lives_again(stage):
    assert GRANT_MOVES[stage].isdisjoint(LIVE)
    assert GRANT_MOVES[stage] == ({GrantStage.DISPOSED} if stage in TO_DISPOSE else frozenset())


def test_809_27_only_what_is_over_is_destroyed_and_only_what_is_in_order_is_superseded():
    assert {now for now, then in GRANT_MOVES.items() if GrantStage.DISPOSED in then} == set(TO_DISPOSE)
    assert [now for now, then in GRANT_MOVES.items() if GrantStage.SUPERSEDED in then] == [GrantStage.ACTIVE]


@pytest.mark.parametrize("table", [DISPOSAL_MOVES, DISPOSAL_LABELS, DISPOSAL_HOLDER, DISPOSAL_TAG])
def test_every_stage_of_a_destruction_has_a_row(table):
    assert table.keys() == set(DisposalStage)


@pytest.mark.parametrize("table", [CHANGE_MOVES, CHANGE_LABELS, CHANGE_HOLDER, CHANGE_TAG])
def test_every_stage_of_a_change_has_a_row(table):
    assert table.keys() == set(ChangeStage)


def test_809_27_nothing_takes_effect_that_was_not_filed():
    assert [now for now, then in CHANGE_MOVES.items() if ChangeStage.EFFECTED in then] == [ChangeStage.RECORDED]
    assert [now for now, then in CHANGE_MOVES.items() if ChangeStage.RECORDED in then] == [ChangeStage.FILED]


@pytest.mark.parametrize(("left", "due"), [(-1, None), (0, 1), (1, 1), (2, 7), (7, 7), (8, 30), (30, 30), (31, None)])
def test_which_reminder_belongs_to_the_days_left(left, due):
    assert reminder_due(left) == due


@given(st.integers(-400, 400))
def test_a_reminder_is_never_later_than_its_day(left):
    due = reminder_due(left)
    assert due is None or 0 <= left <= due


WHOLE = Certificate(what="核对库 hukou_check 表", method="erased", performed_by="王五", performed_on=date(2026, 3, 1))


def test_a_certificate_says_what_how_by_whom_and_when():
    check_certificate(WHOLE, date(2026, 3, 1))
    with pytest.raises(Malformed) as refused:
        check_certificate(Certificate(), date(2026, 3, 1))
    assert refused.value.fields.keys() == {"what", "method", "performed_by", "performed_on"}


@pytest.mark.parametrize(
    "changes",
    [
        {"performed_on": date(2026, 3, 2)}, {"method": "burnt"}, {"what": " "}, {"file_name": "证明.exe", "file": b"MZ"},
        {"file_name": "证明.pdf", "file": b"<html>"}, {"file_name": "", "file": b"%PDF-"},
        {"file_name": "证明.pdf", "file": b"%PDF-" + b"0" * LARGEST_FILE},
    ],
)  # fmt: skip
def test_a_certificate_that_does_not_hold(changes):
    with pytest.raises(Malformed):
        check_certificate(replace(WHOLE, **changes), date(2026, 3, 1))


def test_809_21_incomplete_is_no_reason_to_refuse():
    assert "incomplete" not in set(RefusalCategory)
    assert not any("不齐" in category.label or "不完整" in category.label for category in RefusalCategory)
