# SPDX-License-Identifier: Apache-2.0
"""Rating the answer to a report, once, by the department that reported."""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.corrections import permissions, queries
from datong.contexts.corrections.domain.stages import MOVES, TAG, Rating, Stage
from datong.contexts.corrections.models import Correction
from datong.contexts.corrections.usecases import telling
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed
from datong.kernel.stages import move

LONGEST_WORDS = 500


@transaction.atomic
def rate(number: str, rating: str, words: str = "", *, by: Officer) -> Correction:
    """Rate the answer.

    Raises:
        Unknown: No such report, or none visible.
        Refused: Not of the department that reported.
        IllegalMove: Not answered yet, or rated already.
        Malformed: Not one of the five levels.
    """
    row = queries.correction_of(number, by=by, lock=True)
    permissions.check_is_reporter(by, row.department_id)
    row.stage = move(MOVES, f"report {number}", Stage(row.stage), Stage.CLOSED)
    if rating not in list(Rating):
        raise Malformed("选择满意程度 (choose one of five levels)", fields={"rating": "五级之一 (one of five)"})
    row.rating, row.rating_words = rating, texts.line("words", words, longest=LONGEST_WORDS, least=0)
    row.rated_by, row.rated_at = by.account, datetime.now(UTC)
    row.save(update_fields=["stage", "rating", "rating_words", "rated_by", "rated_at"])
    periods.done_with(telling.KIND, number, by=by)
    audit.record(TAG[Stage.CLOSED], by=by, subject=number, facts={"rating": rating, "provider": row.provider_id})
    return row
