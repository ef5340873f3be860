# SPDX-License-Identifier: Apache-2.0
"""The case at the window while a report is open (国发〔2016〕51号 art. 14)."""

from datong.contexts.corrections.domain.checks import CaseAnswer, case_answer
from datong.contexts.corrections.domain.stages import Stage
from datong.contexts.corrections.queries.reports import correction_of
from datong.kernel.actors import Officer


def case_may_continue(number: str, *, by: Officer) -> CaseAnswer:
    """Tell whether the case that waits for a report goes on.

    Raises:
        Unknown: No such report, or none visible.
    """
    row = correction_of(number, by=by)
    return case_answer(Stage(row.stage), proof=bool(row.proof_kind))
