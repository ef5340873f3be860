# SPDX-License-Identifier: Apache-2.0
"""Pure rules of the catalogue: stages, what an entry must say, what others see of it."""

from datong.contexts.catalog.domain.entries import EntryDraft, ItemDraft, Secrecy
from datong.contexts.catalog.domain.hints import Hint, Quality
from datong.contexts.catalog.domain.stages import EDITABLE, HOLDER, LABELS, MOVES, TAG, UNDER_WAY, Stage
from datong.contexts.catalog.domain.views import Facet, Hit, ItemView, Reason, ResourceView, SearchResult, Suggestion

__all__ = [
    "EDITABLE", "HOLDER", "LABELS", "MOVES", "TAG", "UNDER_WAY",
    "EntryDraft", "Facet", "Hint", "Hit", "ItemDraft", "ItemView", "Quality", "Reason", "ResourceView",
    "SearchResult", "Secrecy", "Stage", "Suggestion",
]  # fmt: skip
