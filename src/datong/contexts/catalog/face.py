# SPDX-License-Identifier: Apache-2.0
"""The front door of the catalogue: find resources, read their current version, see what waits."""

from datong.contexts.catalog.domain import Facet, Hit, ItemView, ResourceView, SearchResult
from datong.contexts.catalog.queries import entries, history, published, resource, search, served, version
from datong.contexts.catalog.queries import waiting as entries_waiting

__all__ = [
    "Facet",
    "Hit",
    "ItemView",
    "ResourceView",
    "SearchResult",
    "entries",
    "entries_waiting",
    "history",
    "published",
    "resource",
    "search",
    "served",
    "version",
]
