# SPDX-License-Identifier: Apache-2.0
"""Reads of the catalogue."""

from datong.contexts.catalog.queries.entries import (
    LONGEST_CODE,
    classes,
    entries,
    history,
    published,
    resource,
    served,
    version,
    version_of,
    visible,
    visible_versions,
    waiting,
)
from datong.contexts.catalog.queries.hints import review_hints
from datong.contexts.catalog.queries.searching import search
from datong.contexts.catalog.queries.suggesting import suggest
from datong.contexts.catalog.queries.synonyms import synonyms
from datong.contexts.catalog.queries.views import as_draft, view

__all__ = [
    "LONGEST_CODE",
    "as_draft",
    "classes",
    "entries",
    "history",
    "published",
    "resource",
    "review_hints",
    "search",
    "served",
    "suggest",
    "synonyms",
    "version",
    "version_of",
    "view",
    "visible",
    "visible_versions",
    "waiting",
]
