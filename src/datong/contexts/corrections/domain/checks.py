# SPDX-License-Identifier: Apache-2.0
"""What comparing a report with the data that serve now says, and whether the case at the window goes on.

Kept here: a data error is not corrected while the record still holds the value that was reported. The rule of 国发〔2016〕
51号 that a window goes on with a case while valid proof is shown holds from the moment the proof is written down.
"""

from dataclasses import dataclass

from datong.contexts.corrections.domain.stages import OPEN, Stage
from datong.kernel.corrections import GOES_ON, RULE_51, SHOW_PROOF
from datong.kernel.labels import Labelled


class Check(Labelled):
    """What the data that serve now say of a reported value."""

    NOT_CHECKED = "not_checked", "未能自动核对"
    STILL = "still", "仍是所报的值"
    CHANGED = "changed", "已不是所报的值"
    AS_EXPECTED = "as_expected", "已是应为的值"
    GONE = "gone", "记录已不在新版本中"


def outcome(*, record: bool, still: bool, as_expected: bool) -> Check:
    """Judge what was seen.

    Args:
        record: The record is there.
        still: It holds the reported value.
        as_expected: It holds what the reporter says it should be.
    """
    if not record:
        return Check.GONE
    if as_expected:
        return Check.AS_EXPECTED
    return Check.STILL if still else Check.CHANGED


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """Whether a case at the window goes on while a report is open.

    Attributes:
        continues: It does.
        says: Why, in both languages.
        rule: The clause.
    """

    continues: bool
    says: str
    rule: str = RULE_51


ANSWERED = "校核已有结果，按更正后的数据办理 (the report is answered: go on with the data as they are now)"


def case_answer(stage: Stage, *, proof: bool) -> CaseAnswer:
    """Tell whether the case of a report goes on."""
    if proof:
        return CaseAnswer(continues=True, says=GOES_ON)
    return CaseAnswer(continues=stage not in OPEN, says=SHOW_PROOF if stage in OPEN else ANSWERED)
