# SPDX-License-Identifier: Apache-2.0
"""Compiling: a draft, its revision, and a new version beside the published one.

Kept here: the code is given when an entry is first compiled, under the lock of its class, so it is unique and never
reused; an attempt to enter a secret is refused and on record, though nothing of it is stored (809 art. 3).
"""

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions, queries
from datong.contexts.catalog.domain import EDITABLE, TAG, EntryDraft, Stage
from datong.contexts.catalog.domain.shapes import check_shape, clean
from datong.contexts.catalog.models import Item, Resource, Version
from datong.contexts.catalog.usecases.entering import columns_of, digest_of, enter, items_of, secret_refused
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, IllegalMove, Refused, Unknown


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
    keep_secrets_out(draft, subject=by.department, by=by)
    return _compile(draft, by)


@transaction.atomic
def _compile(draft: EntryDraft, by: Officer) -> Version:
    done = enter([draft], by=by)
    for error in done.faults.values():
        raise error
    audit.record_all(done.deeds, by=by)
    return done.made[0]


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
    keep_secrets_out(draft, subject=seen.resource.code, by=by)
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
    for name, value in columns_of(draft).items():
        setattr(row, name, value)
    row.revision += 1
    row.save()
    _set_items(row, draft)
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
        resource=home, number=base.number + 1, created_by=by.account, **columns_of(draft)
    )
    _set_items(row, draft)
    _record(TAG[Stage.DRAFT], row, by)
    return row


def digest(row: Version) -> str:
    """Give the SHA-256 of what a version says, for the acts."""
    return digest_of(queries.as_draft(row))


def keep_secrets_out(draft: EntryDraft, *, subject: str, by: Officer) -> None:
    """Refuse a secret before anything is written; the attempt is on record.

    Raises:
        Refused: State secret or work secret.
    """
    try:
        permissions.check_not_secret(draft.secrecy.strip())
    except Refused:
        with transaction.atomic():
            audit.record_all([secret_refused(draft, subject)], by=by)
        raise


def _set_items(row: Version, draft: EntryDraft) -> None:
    row.items.all().delete()
    Item.objects.bulk_create(items_of(row, draft))


def _record(tag: str, row: Version, by: Officer) -> None:
    facts = {"version": row.number, "name": row.name, "items": row.items.count(), "digest": digest(row)}
    audit.record(tag, by=by, subject=row.resource.code, facts=facts)
