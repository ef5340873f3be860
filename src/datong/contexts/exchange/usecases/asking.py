# SPDX-License-Identifier: Apache-2.0
"""What the data that serve say of one record, for the platform's own work: yes or no, never a value.

Kept here: the question runs on the index of one landed batch, as the gateway would run it, without grant or mask; who
asks has checked that the answer may be known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange.queries import Landed
from datong.contexts.exchange.usecases.landing import shared_items
from datong.engine.backends.index import ServingIndex
from datong.engine.plans.lookup import Access, LookupRequest, compile_lookup, compile_verify
from datong.kernel.errors import DatongError
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType


@dataclass(frozen=True, slots=True)
class Holding:
    """Whether a record is there, and whether its item holds a value."""

    record: bool
    holds: bool


def held_in(code: str, landed: Landed, key: Mapping[str, str], item: str, value: str) -> Holding | None:
    """Tell whether a landed batch holds a value in one item of one record.

    Args:
        code: of the resource.
        landed: the batch.
        key: every key item with its value.
        item: field of the item.
        value: what it may hold; empty asks whether nothing stands there.

    Returns:
        None where it cannot be told: no such item in the data, a key or value of another shape, or the index is gone.
    """
    try:
        access = _access(code, landed.version)
        with ServingIndex(Path(settings.NODE_FOLDER.path) / landed.index) as index:
            if value:
                plan = compile_verify(access, key, {item: value})
                seen = plan.answer(index.fetch(plan))
                return Holding(seen.found, seen.matches[item])
            whole = {name: key[name] for name in access.keys}
            asked = compile_lookup(LookupRequest(access, whole, [item], 1))
            records = asked.page(index.fetch(asked)).records
    except (DatongError, KeyError):
        return None
    return Holding(bool(records), bool(records) and records[0][item] in (None, ""))


def _access(code: str, version: int) -> Access:
    items = shared_items(catalog.version(code, version))
    return Access(
        columns={one.field: ItemType(one.type) for one in items},
        keys=[one.field for one in items if one.key],
        queries=[],
        granted={one.field: Mask("none") for one in items},
    )
