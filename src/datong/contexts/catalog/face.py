# SPDX-License-Identifier: Apache-2.0
"""The front door of the catalogue: find resources, read their current version, see what waits; keep the search true."""

from datong.contexts.catalog.domain import Facet, Hit, ItemView, Reason, ResourceView, SearchResult, Suggestion
from datong.contexts.catalog.domain.recognition import recognise
from datong.contexts.catalog.domain.tickets import TicketStage
from datong.contexts.catalog.queries import entries, history, published, resource, search, served, suggest, version
from datong.contexts.catalog.queries import waiting as entries_waiting
from datong.contexts.catalog.queries.feeding import Snapshot, codes_between, entry, feed, largest_key, site, snapshot
from datong.contexts.catalog.queries.grounds import basis_of_use_fault, duties_to_cite, laws_to_cite
from datong.contexts.catalog.queries.inventory import duties_seen, systems_seen
from datong.contexts.catalog.queries.synonyms import other_names
from datong.contexts.catalog.queries.updating import predecessors, removals_waiting, successor, tickets_waiting
from datong.contexts.catalog.usecases import (
    follow_search,
    prove_search,
    rebuild_search,
    seed_classes,
    seed_synonyms,
)
from datong.contexts.catalog.usecases.commissioning import commission, discharge

__all__ = [
    "Facet",
    "Hit",
    "ItemView",
    "Reason",
    "ResourceView",
    "SearchResult",
    "Snapshot",
    "Suggestion",
    "TicketStage",
    "basis_of_use_fault",
    "codes_between",
    "commission",
    "discharge",
    "duties_seen",
    "duties_to_cite",
    "entries",
    "entries_waiting",
    "entry",
    "feed",
    "follow_search",
    "history",
    "largest_key",
    "laws_to_cite",
    "other_names",
    "predecessors",
    "prove_search",
    "published",
    "rebuild_search",
    "recognise",
    "removals_waiting",
    "resource",
    "search",
    "seed_classes",
    "seed_synonyms",
    "served",
    "site",
    "snapshot",
    "successor",
    "suggest",
    "systems_seen",
    "tickets_waiting",
    "version",
]
