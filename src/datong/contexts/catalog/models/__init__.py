# SPDX-License-Identifier: Apache-2.0
"""Tables of the catalogue, one module for each matter."""

from datong.contexts.catalog.models.entries import ClassNode, Item, Resource, Version

__all__ = ["ClassNode", "Item", "Resource", "Version"]
