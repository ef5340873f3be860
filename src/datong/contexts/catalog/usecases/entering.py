# SPDX-License-Identifier: Apache-2.0
"""Entering drafts: one or hundreds in one transaction, each with its code and its act.

Kept here: codes are given under the locks of their classes, taken in the order of their digits so that nobody waits
crosswise; a draft at fault takes no code and costs the others nothing; who calls records the acts last.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain import TAG, EntryDraft, Stage
from datong.contexts.catalog.domain.entries import ITEM_FIELDS, Secrecy, said
from datong.contexts.catalog.domain.shapes import check_shape, clean
from datong.contexts.catalog.models import ClassNode, Item, Resource, Version
from datong.kernel import canonical
from datong.kernel.actors import Officer
from datong.kernel.codes import ResourceCode
from datong.kernel.errors import DatongError, Malformed, Refused

NO_CLASS = "请选择目或细目 (choose a class of level 目 or 细目)"
AT_ONCE = 1000


@dataclass(slots=True)
class Entered:
    """What became of some drafts.

    Attributes:
        made: Place of a draft to its version.
        faults: Place of a draft to why it was not taken.
        deeds: The acts to be recorded, in the order of the drafts.
    """

    made: dict[int, Version] = field(default_factory=dict)
    faults: dict[int, DatongError] = field(default_factory=dict)
    deeds: list[audit.Deed] = field(default_factory=list)


def enter(drafts: Sequence[EntryDraft], *, by: Officer) -> Entered:
    """Enter drafts inside the transaction of the caller, who records the deeds last.

    Args:
        drafts: As handed in.
        by: A compiler; the entries belong to his department.

    Raises:
        Refused: Not a compiler.
    """
    permissions.check_may_compile(by)
    done = Entered()
    deeds: dict[int, audit.Deed] = {}
    open_ones: dict[int, EntryDraft] = {}
    for place, draft in enumerate(drafts):
        try:
            permissions.check_not_secret(draft.secrecy.strip())
        except Refused as error:
            done.faults[place] = error
            deeds[place] = secret_refused(draft, by.department)
        else:
            open_ones[place] = clean(draft)
    nodes = _nodes(draft.class_code for draft in open_ones.values())
    sound = {place: draft for place, draft in open_ones.items() if not _at_fault(place, draft, nodes, done)}
    done.made = _write(sound, nodes, by)
    for place, row in done.made.items():
        deeds[place] = _compiled(row, sound[place])
    done.deeds = [deeds[place] for place in sorted(deeds)]
    return done


def columns_of(draft: EntryDraft) -> dict[str, object]:
    """Give what a draft says as columns of a version."""
    apart = ("class_code", "secrecy", "items")
    values = {one.name: getattr(draft, one.name) for one in fields(draft) if one.name not in apart}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def items_of(row: Version, draft: EntryDraft) -> list[Item]:
    """Give the items of a draft as rows, not yet written."""
    return [
        Item(version=row, position=position, **{name: getattr(item, name) for name in ITEM_FIELDS})
        for position, item in enumerate(draft.items, start=1)
    ]


def digest_of(draft: EntryDraft) -> str:
    """Give the SHA-256 of what an entry says, for the acts."""
    return hashlib.sha256(canonical.dumps(said(draft))).hexdigest()


def secret_refused(draft: EntryDraft, subject: str) -> audit.Deed:
    """Give the act of an attempt to enter a secret; nothing of it is stored."""
    return audit.Deed("catalog.entry.secret_refused", subject, {"secrecy": draft.secrecy.strip()})


def _nodes(codes: Iterable[str]) -> dict[str, ClassNode]:
    """The classes that may hold entries, locked."""
    wanted = {code for code in codes if code.isdecimal() and code.isascii()}
    rows = ClassNode.objects.select_for_update().filter(level__gte=3, code__in=wanted).order_by("code") if wanted else ()
    return {node.code: node for node in rows}


def _at_fault(place: int, draft: EntryDraft, nodes: Mapping[str, ClassNode], done: Entered) -> bool:
    try:
        check_shape(draft, None if draft.class_code in nodes else {"class_code": NO_CLASS})
    except Malformed as error:
        done.faults[place] = error
    return place in done.faults


def _write(drafts: Mapping[int, EntryDraft], nodes: Mapping[str, ClassNode], by: Officer) -> dict[int, Version]:
    homes = {place: _home(draft, nodes[draft.class_code], by) for place, draft in drafts.items()}
    used = {home.class_node_id: home.class_node for home in homes.values()}
    for node in used.values():
        node.save(update_fields=["last_sequence"])
    Resource.objects.bulk_create(homes.values(), batch_size=AT_ONCE)
    rows = {
        place: Version(resource=homes[place], number=1, created_by=by.account, **columns_of(draft))
        for place, draft in drafts.items()
    }
    Version.objects.bulk_create(rows.values(), batch_size=AT_ONCE)
    items = [item for place, draft in drafts.items() for item in items_of(rows[place], draft)]
    Item.objects.bulk_create(items, batch_size=AT_ONCE)
    return rows


def _home(draft: EntryDraft, node: ClassNode, by: Officer) -> Resource:
    node.last_sequence += 1
    code = str(ResourceCode(node.code, node.last_sequence))
    return Resource(
        code=code, class_node=node, sequence=node.last_sequence, provider_id=by.department, name=draft.name
    )  # fmt: skip


def _compiled(row: Version, draft: EntryDraft) -> audit.Deed:
    stored = replace(draft, secrecy=Secrecy.NONE.value)
    facts = {"version": row.number, "name": row.name, "items": len(draft.items), "digest": digest_of(stored)}
    return audit.Deed(TAG[Stage.DRAFT], row.resource.code, facts)
