# SPDX-License-Identifier: Apache-2.0
"""Tables of the catalogue, one module for each matter."""

from datong.contexts.catalog.models.entries import ClassNode, Item, Resource, Version
from datong.contexts.catalog.models.imports import ImportJob, ImportRow
from datong.contexts.catalog.models.inventory import DataElement, Duty, InformationSystem
from datong.contexts.catalog.models.laws import Law, LawArticle
from datong.contexts.catalog.models.removals import Removal
from datong.contexts.catalog.models.synonyms import Synonym
from datong.contexts.catalog.models.tickets import UpdateTicket

__all__ = [
    "ClassNode",
    "DataElement",
    "Duty",
    "ImportJob",
    "ImportRow",
    "InformationSystem",
    "Item",
    "Law",
    "LawArticle",
    "Removal",
    "Resource",
    "Synonym",
    "UpdateTicket",
    "Version",
]
