# SPDX-License-Identifier: Apache-2.0
"""Rules of corrections: stages, what a check says, the case at the window, who may what."""

from __future__ import annotations

import pytest

from datong.contexts.corrections import permissions
from datong.contexts.corrections.domain.checks import Check, case_answer, outcome
from datong.contexts.corrections.domain.recalls import RECALL_MOVES, RECEIPT_MOVES, RecallStage, ReceiptStage
from datong.contexts.corrections.domain.stages import ANSWERED, MOVES, OPEN, Stage
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Refused
from datong.kernel.stages import move

OWN, OTHER = "11330000002482109N", "11330000002482053E"


def officer(*roles: Role, home: str = OWN) -> Officer:
    return Officer("a", "甲", home, "某厅", "330000", frozenset(roles))


def test_nothing_is_answered_that_was_not_taken_up():
    for wanted in (Stage.CORRECTED, Stage.REJECTED, Stage.CLOSED):
        with pytest.raises(IllegalMove):
            move(MOVES, "report", Stage.FILED, wanted)


@pytest.mark.parametrize("stage", ANSWERED)
def test_what_is_answered_is_never_answered_again(stage):
    assert MOVES[stage] <= {Stage.CLOSED}


def test_open_and_answered_and_withdrawn_are_all():
    assert {*OPEN, *ANSWERED, Stage.WITHDRAWN} == set(Stage)
    assert RECALL_MOVES[RecallStage.FINISHED] == RECEIPT_MOVES[ReceiptStage.ANSWERED] == frozenset()


@pytest.mark.parametrize(
    ("record", "still", "as_expected", "said"),
    [
        (False, False, False, Check.GONE), (False, True, True, Check.GONE), (True, True, False, Check.STILL),
        (True, False, True, Check.AS_EXPECTED), (True, True, True, Check.AS_EXPECTED), (True, False, False, Check.CHANGED),
    ],
)  # fmt: skip
def test_what_a_check_says(record, still, as_expected, said):
    assert outcome(record=record, still=still, as_expected=as_expected) is said


@pytest.mark.parametrize("stage", list(Stage))
def test_valid_proof_never_lets_a_case_wait(stage):
    assert case_answer(stage, proof=True).continues
    assert "照常办理" in case_answer(stage, proof=True).says
    assert case_answer(stage, proof=False).continues is (stage not in OPEN)


def test_who_may_report():
    permissions.check_may_report(officer(), OTHER)
    assert not permissions.check_may_report.allowed(officer(), OWN)
    assert not permissions.check_may_report.allowed(officer(Role.AUDITOR, home=""), OTHER)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_answer_recall_and_acknowledge(role):
    assert permissions.check_may_answer.allowed(officer(role), OWN) is (role in permissions.ANSWERERS)
    assert permissions.check_may_recall.allowed(officer(role), OWN) is (role is Role.PROVIDER_HEAD)
    assert permissions.check_may_acknowledge.allowed(officer(role), OWN) is (role in permissions.CONSUMERS)
    assert permissions.sees_all(officer(role)) is (role in permissions.OVERSEERS)
    assert permissions.sees_values(officer(role), OTHER, OWN) is (role in permissions.ANSWERERS)
    assert permissions.sees_values(officer(role), OWN, OTHER)
    for check in (permissions.check_may_answer, permissions.check_may_recall, permissions.check_may_acknowledge):
        with pytest.raises(Refused) as refused:
            check(officer(role), OTHER)
        assert refused.value.rule
        assert refused.value.remedy


def test_only_the_department_that_reported_rates():
    permissions.check_is_reporter(officer(), OWN)
    assert not permissions.check_is_reporter.allowed(officer(), OTHER)
    assert not permissions.check_is_reporter.allowed(officer(home=""), "")
