# SPDX-License-Identifier: Apache-2.0
"""Pure rules of sharing: stages, what a request must say, what a decision may give, what a grant document holds."""

from datong.contexts.sharing.domain.decisions import Decision, GrantedItem, Terms, default_mask
from datong.contexts.sharing.domain.grants import GrantView
from datong.contexts.sharing.domain.lives import (
    GRANT_HOLDER,
    GRANT_LABELS,
    GRANT_MADE,
    GRANT_MOVES,
    GRANT_TAG,
    LIVE,
    TO_DISPOSE,
    GrantStage,
    TerminationCause,
)  # fmt: skip
from datong.contexts.sharing.domain.requests import RequestDraft
from datong.contexts.sharing.domain.rows import RowRule
from datong.contexts.sharing.domain.stages import (
    DELIVERY,
    EDITABLE,
    HOLDER,
    LABELS,
    MOVES,
    TAG,
    RefusalCategory,
    Stage,
)  # fmt: skip

__all__ = [
    "DELIVERY", "EDITABLE", "GRANT_HOLDER", "GRANT_LABELS", "GRANT_MADE", "GRANT_MOVES", "GRANT_TAG", "HOLDER",
    "LABELS", "LIVE", "MOVES", "TAG", "TO_DISPOSE", "Decision", "GrantStage", "GrantView", "GrantedItem",
    "RefusalCategory", "RequestDraft", "RowRule", "Stage", "TerminationCause", "Terms", "default_mask",
]  # fmt: skip
