# SPDX-License-Identifier: Apache-2.0
"""From rows to values: the view of a version, and a version as the draft it was handed in as."""

from dataclasses import fields

from datong.contexts.catalog.domain import EntryDraft, ItemDraft, ItemView, ResourceView
from datong.contexts.catalog.models import Item, Version

COPIED = frozenset(one.name for one in fields(ResourceView)) & {
    *("name", "abstract", "format_class", "format_type", "sharing_type", "sharing_scope", "withheld_basis_rank"),
    *("withheld_basis", "withheld_reason", "use_conditions", "opening_type", "opening_condition", "update_cycle"),
    *("level", "contact", "system", "published_at"),
}
ITEM_COPIED = ("field", "name", "type", "length", "precision", "code_list", "personal", "key", "nullable", "query", "element")
APART = frozenset({"class_code", "secrecy", "items", "sharing_use", "sharing_methods", "related"})


def view(row: Version, *, with_items: bool = True) -> ResourceView:
    """Give the view of a version whose resource, provider and class are at hand."""
    home = row.resource
    same = {one.name: getattr(row, one.name) for one in fields(ResourceView) if one.name in COPIED}
    return ResourceView(
        code=home.code,
        class_code=home.class_node.code,
        class_name=home.class_node.name,
        provider=home.provider_id,
        provider_name=home.provider.name,
        region=home.provider.region_id,
        version=row.number,
        version_id=row.pk,
        sharing_use=tuple(row.sharing_use),
        sharing_methods=tuple(row.sharing_methods),
        related=tuple(row.related),
        items=tuple(_item_view(item, row) for item in row.items.all()) if with_items else (),
        **same,
    )


def _item_view(item: Item, row: Version) -> ItemView:
    own = {name: getattr(item, name) for name in ITEM_COPIED}
    return ItemView(
        sharing_type=item.sharing_type or row.sharing_type,
        opening_type=item.opening_type or row.opening_type,
        level=item.level or row.level,
        description=item.description,
        **own,
    )


def as_draft(row: Version) -> EntryDraft:
    """Give a version as what was handed in, to show it in a form or to check it again."""
    items = tuple(
        ItemDraft(**{one.name: getattr(item, one.name) for one in fields(ItemDraft)}) for item in row.items.all()
    )
    given = {one.name: getattr(row, one.name) for one in fields(EntryDraft) if one.name not in APART}
    lists = {name: tuple(getattr(row, name)) for name in ("sharing_use", "sharing_methods", "related")}
    return EntryDraft(class_code=row.resource.class_node.code, items=items, **given, **lists)
