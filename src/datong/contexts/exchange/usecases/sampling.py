# SPDX-License-Identifier: Apache-2.0
"""A sample of the data behind a resource, for whoever considers asking for it.

Kept here: everybody sees the same, a grant unlocks nothing here (what a grant gives leaves through the gateway, with
purpose and evidence); personal items are masked by their default mask, and so is what looks personal though nobody
marked it; withheld items are absent; of withheld, important and core data there is no sample at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import queries
from datong.contexts.exchange.usecases import landing
from datong.contexts.sharing import face as sharing
from datong.engine import face as engine
from datong.engine.errors import IndexMissing
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType, Level, SharingType

ROWS = 5
NEVER = frozenset({Level.CORE, Level.IMPORTANT})
"""Levels of which nothing is shown before a grant."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows.

    Attributes:
        heads: Name of each item shown, and its mask in text form.
        rows: Values in the same order.
    """

    heads: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]


def sample(view: catalog.ResourceView) -> Sample | None:
    """Give the first rows of what has landed, None where there is nothing to be shown.

    Args:
        view: As the one who looks sees it; without items, as for strangers, there is no sample.
    """
    items = [item for item in landing.shared_items(view) if item.level not in NEVER]
    landed = queries.landed(view.code)
    if view.level in NEVER or not items or landed is None:
        return None
    masks = {item.field: mask_of(item) for item in items}
    types = {item.field: ItemType(item.type) for item in items}
    try:
        rows = engine.first_rows(Path(settings.NODE_FOLDER.path) / landed.index, types, masks, limit=ROWS)
    except IndexMissing:
        return None
    heads = tuple((item.name, str(masks[item.field])) for item in items)
    return Sample(heads, tuple(tuple(row.values()) for row in rows))


def mask_of(item: catalog.ItemView) -> Mask:
    """What hides an item in a sample."""
    if item.personal:
        return sharing.default_mask(item.name, personal=True, sharing_type=SharingType.CONDITIONAL)
    likely = catalog.recognise((item.name, item.field, item.description))
    return Mask.parse(likely.mask) if likely else Mask("none")
