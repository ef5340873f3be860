# SPDX-License-Identifier: Apache-2.0
"""Compiling: a draft, its revision, and a new version beside the published one.

Kept here: the code is given when an entry is first compiled, under the lock of its class, so it is unique and never
reused; an attempt to enter a secret is refused and on record, though nothing of it is stored (809 art. 3).
"""

import hashlib
from dataclasses import asdict, fields

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions, queries
from datong.contexts.catalog.domain import EDITABLE, TAG, EntryDraft, ItemDraft, Stage
from datong.contexts.catalog.domain.shapes import check_shape, clean
from datong.contexts.catalog.models import ClassNode, Item, Resource, Version
from datong.kernel import canonical
from datong.kernel.actors import Officer
from datong.kernel.codes import ResourceCode
from datong.kernel.errors import Conflict, IllegalMove, Refused, Unknown

NO_CLASS = "请选择目或细目 (choose a class of level 目 or 细目)"


def compile_entry(draft: EntryDraft, *, by: Officer) -> Version:
    """Begin an entry; the system gives its code.

    Args:
        draft: At least class and name.
        by: A compiler; the entry belongs to his department.

    Raises:
        Refused: Not a compiler, or a secret (the attempt is recorded).
        Malformed: With every field at fault.
    """
    permissions.check_may_compile(by)
    _keep_secrets_out(draft, subject=by.department, by=by)
    return _compile(clean(draft), by)


@transaction.atomic
def _compile(draft: EntryDraft, by: Officer) -> Version:
    node = _class_node(draft.class_code)
    check_shape(draft, None if node else {"class_code": NO_CLASS})
    node.last_sequence += 1
    node.save(update_fields=["last_sequence"])
    home = Resource.objects.create(
        code=str(ResourceCode(node.code, node.last_sequence)),
        class_node=node,
        sequence=node.last_sequence,
        provider_id=by.department,
        name=draft.name,
    )
    row = Version.objects.create(resource=home, number=1, created_by=by.account, **_columns(draft))
    _set_items(row, draft.items)
    _record(TAG[Stage.DRAFT], row, by)
    return row


def revise_entry(version_id: int, draft: EntryDraft, *, by: Officer, revision: int | None = None) -> Version:
    """Replace what a draft or a returned entry says, items and all.

    Args:
        version_id: Which version.
        draft: The whole entry; the class stays as it was.
        by: A compiler of the provider.
        revision: The revision the change was made on; None does not care.

    Raises:
        Unknown: No such entry, or none visible.
        Refused: Not a compiler of the provider, or a secret (the attempt is recorded).
        IllegalMove: The entry is filed, published or ended.
        Conflict: Someone else changed it since.
        Malformed: With every field at fault.
    """
    seen = queries.version_of(version_id, by=by)
    permissions.check_may_edit(by, seen.resource.provider_id)
    _keep_secrets_out(draft, subject=seen.resource.code, by=by)
    return _revise(version_id, clean(draft), by, revision)


@transaction.atomic
def _revise(version_id: int, draft: EntryDraft, by: Officer, revision: int | None) -> Version:
    row = queries.version_of(version_id, by=by, lock=True)
    if row.stage not in EDITABLE:
        remedy = "退回后才能修改 (only after a return)"
        raise IllegalMove(f"entry {row.resource.code}", row.stage, "edited", remedy=remedy)
    if revision is not None and revision != row.revision:
        raise Conflict(
            "他人已修改此草稿 (someone else changed this draft)",
            fields={"revision": f"{row.revision}"},
            remedy="重新载入后再修改 (load it again and repeat the change)",
        )
    fixed = row.resource.class_node.code
    moved = draft.class_code not in ("", fixed)
    check_shape(draft, {"class_code": f"代码已赋，分类不能变更 (fixed: {fixed})"} if moved else None)
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
    _set_items(row, draft.items)
    if row.resource.current_id is None:
        row.resource.name = row.name
        row.resource.save(update_fields=["name"])
    _record("catalog.entry.revised", row, by)
    return row


@transaction.atomic
def new_version(code: str, *, by: Officer) -> Version:
    """Begin a draft beside the published version, a copy of it to be changed.

    Raises:
        Unknown: No such resource, or none visible.
        Refused: Not a compiler of the provider.
        Conflict: A version is under way already.
    """
    if len(code) > queries.LONGEST_CODE or not code.isprintable():
        raise Unknown("没有此信息资源 (there is no such resource)")
    home = Resource.objects.select_for_update().filter(code=code).first()
    base = home.versions.filter(queries.visible_versions(by)).order_by("-number").first() if home else None
    if base is None:
        raise Unknown("没有此信息资源 (there is no such resource)")
    permissions.check_may_edit(by, home.provider_id)
    if base.stage not in (Stage.PUBLISHED, Stage.WITHDRAWN):
        raise Conflict(
            f"第{base.number}版尚在办理 (version {base.number} is under way)",
            fields={"version": str(base.pk)},
            remedy="修改该版本 (change that version)",
        )
    draft = queries.as_draft(base)
    row = Version.objects.create(
        resource=home, number=base.number + 1, created_by=by.account, **_columns(draft)
    )
    _set_items(row, draft.items)
    _record(TAG[Stage.DRAFT], row, by)
    return row


def _class_node(code: str) -> ClassNode | None:
    nodes = ClassNode.objects.select_for_update().filter(level__gte=3)
    return nodes.filter(code=code).first() if code.isdecimal() and code.isascii() else None


def digest(row: Version) -> str:
    """Give the SHA-256 of what a version says, for the acts."""
    return hashlib.sha256(canonical.dumps(asdict(queries.as_draft(row)))).hexdigest()


def _keep_secrets_out(draft: EntryDraft, *, subject: str, by: Officer) -> None:
    claimed = draft.secrecy.strip()
    try:
        permissions.check_not_secret(claimed)
    except Refused:
        with transaction.atomic():
            audit.record("catalog.entry.secret_refused", by=by, subject=subject, facts={"secrecy": claimed})
        raise


def _columns(draft: EntryDraft) -> dict[str, object]:
    apart = ("class_code", "secrecy", "items")
    values = {one.name: getattr(draft, one.name) for one in fields(draft) if one.name not in apart}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _set_items(row: Version, items: tuple[ItemDraft, ...]) -> None:
    row.items.all().delete()
    Item.objects.bulk_create(
        Item(version=row, position=position, **asdict(item)) for position, item in enumerate(items, start=1)
    )


def _record(tag: str, row: Version, by: Officer) -> None:
    facts = {"version": row.number, "name": row.name, "items": row.items.count(), "digest": digest(row)}
    audit.record(tag, by=by, subject=row.resource.code, facts=facts)
