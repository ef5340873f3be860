# SPDX-License-Identifier: Apache-2.0
"""Tables of the catalogue, one module for each matter."""

from datong.contexts.catalog.models.entries import ClassNode, Item, Resource, Version
from datong.contexts.catalog.models.synonyms import Synonym

__all__ = ["ClassNode", "Item", "Resource", "Synonym", "Version"]
