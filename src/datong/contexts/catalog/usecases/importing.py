# SPDX-License-Identifier: Apache-2.0
"""批量导入: queue a workbook, read it, have its entries taken some hundreds at a time, give it back with what became of each.

Kept here: entries are compiled in the transaction that marks their rows, so a job that was killed goes on where it
stopped and imports nothing twice; an entry that says what an earlier one of the department said is known and not made
again, whichever job brings it; what fails keeps its reasons and costs the others nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain import EntryDraft
from datong.contexts.catalog.domain.entries import said
from datong.contexts.catalog.domain.imports import MOVES, TAG, ImportStage, RowState
from datong.contexts.catalog.domain.layout import GUIDE
from datong.contexts.catalog.domain.readings import Read, read
from datong.contexts.catalog.domain.sheets import Kind, Line, find_head
from datong.contexts.catalog.domain.sheets import lines as lines_of
from datong.contexts.catalog.models import ClassNode, ImportJob, ImportRow
from datong.contexts.catalog.queries.importing import import_job
from datong.contexts.catalog.usecases import workbooks
from datong.contexts.catalog.usecases.entering import digest_of
from datong.contexts.catalog.usecases.holding import Offer, drop
from datong.contexts.catalog.usecases.taking import IMPORT, take
from datong.engine import face as engine
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import DatongError, Malformed
from datong.kernel.stages import move
from datong.wire.workbooks import LISTS

IMPORTS = "imports"
"""Folder of workbooks below the uploads folder."""
MOST_ENTRIES = 20_000
SECONDS = 60
HEAD_ROWS = 12
OWN = frozenset({GUIDE, LISTS})
"""Sheets of our own template that hold no entries."""


def queue_import(offer: Offer, class_code: str = "", *, by: Officer) -> ImportJob:
    """Queue the import of a workbook; the file of one that is refused is removed.

    Args:
        offer: An XLSX file, kept.
        class_code: Class of entries that name none.
        by: A compiler; the entries belong to his department.

    Raises:
        Refused: Not a compiler.
        Malformed: Not a sound workbook, or no sheet of it holds entries or items; says why.
    """
    try:
        _check_import(offer, class_code, by)
    except DatongError:
        drop(offer)
        raise
    return _queue(offer, class_code, by)


def _check_import(offer: Offer, class_code: str, by: Officer) -> None:
    permissions.check_may_compile(by)
    engine.apart(engine.sheets, offer.path, seconds=SECONDS)
    if class_code and not ClassNode.objects.filter(code=class_code, level__gte=3).exists():
        raise Malformed("没有此分类 (there is no such class)", fields={"class_code": "请选择目或细目 (choose 目 or 细目)"})


@transaction.atomic
def _queue(offer: Offer, class_code: str, by: Officer) -> ImportJob:
    job = ImportJob.objects.create(
        department_id=by.department, name=offer.name, stored=offer.stored, digest=offer.digest, class_code=class_code,
        log=[_line("排队")], queued_by={**asdict(by), "roles": sorted(by.roles), "acting_for": sorted(by.acting_for)},
    )  # fmt: skip
    facts = {"import": job.pk, "file": job.name, "digest": job.digest}
    audit.record(TAG[ImportStage.QUEUED], by=by, subject=by.department, facts=facts)
    app.configure_task(IMPORT, queue="landing").defer(job=job.pk)
    return job


@transaction.atomic
def cancel_import(number: int, *, by: Officer) -> ImportJob:
    """Cancel an import; what it imported stays.

    Raises:
        Unknown: No such import, or none visible.
        Refused: Not a compiler.
        IllegalMove: It has ended.
    """
    permissions.check_may_compile(by)
    job = ImportJob.objects.select_for_update().get(pk=import_job(number, by=by).pk)
    _to(job, ImportStage.CANCELLED, by)
    return job


def run_import(number: int) -> ImportJob | None:
    """Import what a job still has to; called by the worker, may be called again.

    Returns:
        The job as it ended, or None when it had ended before or another process is at it.
    """
    with _alone(number) as alone:
        job = ImportJob.objects.filter(pk=number, stage__in=[ImportStage.QUEUED, ImportStage.RUNNING]).first()
        if job is None or not alone:
            return None
        by = _officer(job)
        try:
            _begin(job, by)
            while take(job.pk, by=by):
                pass
            return _end(job, by)
        except (Malformed, ValueError) as error:
            return _fail(job, error, by)


def _begin(job: ImportJob, by: Officer) -> None:
    """Read the workbook, once: rows are written in one transaction with the stage."""
    if job.stage == ImportStage.RUNNING:
        return
    path = Path(settings.NODE_FOLDER.uploads) / job.stored
    ImportJob.objects.filter(pk=job.pk).update(log=[*job.log, _line("读取工作簿")])
    entries, items, notes = _workbook(path)
    sounds = engine.sounds(line.cells.get("field") or line.cells.get("name", "") for line in items)
    made, orphans = read(entries, items, lonely=Path(job.name).stem, sounds=sounds)
    if not made:
        raise Malformed("工作簿里没有目录，也没有信息项 (the workbook holds neither entries nor items)")
    if len(made) > MOST_ENTRIES:
        raise Malformed(f"一次最多导入 {MOST_ENTRIES} 条 (at most {MOST_ENTRIES} entries at a time)")
    classes = _Classes(job.class_code)
    with transaction.atomic():
        held = ImportJob.objects.select_for_update().get(pk=job.pk)
        ImportRow.objects.bulk_create((_row(job, place, one, classes) for place, one in enumerate(made, 1)), batch_size=500)
        held.total, held.log = len(made), [*held.log, *map(_line, notes), _line(f"读到 {len(made)} 条目录")]
        held.orphans = [{"sheet": line.sheet, "line": line.line, "reason": why} for line, why in orphans]
        _to(held, ImportStage.RUNNING, by)
    job.refresh_from_db()


def _workbook(path: Path) -> tuple[list[Line], list[Line], list[str]]:
    """Rows of entries, rows of items, and what a person should know of the sheets."""
    entries: list[Line] = []
    items: list[Line] = []
    notes: list[str] = []
    for sheet in engine.sheets(path):
        if sheet.name in OWN:
            continue
        if not sheet.visible:
            notes.append(f"隐藏的工作表“{sheet.name}”未导入")
            continue
        rows = list(engine.sheet_rows(path, sheet.name))
        head = find_head(rows[:HEAD_ROWS])
        if head is None:
            notes.append(f"工作表“{sheet.name}”没有认得的表头，未导入")
            continue
        (entries if head.kind is Kind.ENTRIES else items).extend(lines_of(sheet.name, head, rows))
    return entries, items, notes


class _Classes:
    """Classes by digits and by names, and the one for entries that name none."""

    def __init__(self, usual: str) -> None:
        rows = list(ClassNode.objects.filter(level__gte=3))
        self.codes = {one.code for one in rows}
        self.usual = usual
        self.names: dict[str, list[str]] = {}
        for one in rows:
            self.names.setdefault(one.name, []).append(one.code)

    def resolve(self, one: Read) -> EntryDraft:
        """Give the draft with a class; where the one named is not known, the usual one, and a flag."""
        given, path = one.draft.class_code, one.class_path
        found = self.names.get(path.split("/")[-1].strip(), []) if path else []
        if given in self.codes:
            return one.draft
        if len(found) == 1:
            return replace(one.draft, class_code=found[0])
        if given or path:
            one.flags["class_code"] = "分类不在本平台，暂用所选分类，原文保留 (no such class: the one chosen, kept raw)"
            one.raw["分类"] = given or path
        return replace(one.draft, class_code=self.usual)


def _row(job: ImportJob, place: int, one: Read, classes: _Classes) -> ImportRow:
    draft = classes.resolve(one)
    own = job.queued_by["department_name"]
    if one.provider and one.provider != own:
        one.flags["provider"] = f"表中写的提供部门是“{one.provider[:60]}”，条目归{own} (the sheet names another provider)"
        one.raw["提供部门"] = one.provider
    digest = digest_of(draft)
    state = RowState.REFUSED if one.faults else RowState.WAITING
    return ImportRow(
        job=job, place=place, sheet=one.line[0][:100], line=one.line[1], item_lines=one.item_lines, digest=digest,
        draft=said(draft), state=state, faults=one.faults, flags=one.flags, raw=one.raw,
    )  # fmt: skip


def _end(job: ImportJob, by: Officer) -> ImportJob:
    job.refresh_from_db()
    result = workbooks.write_result(job)
    with transaction.atomic():
        held = ImportJob.objects.select_for_update().get(pk=job.pk)
        held.refused = held.rows.filter(state=RowState.REFUSED).count()
        held.result = result
        if held.stage == ImportStage.RUNNING:
            held.log = [*held.log, _line(f"导入 {held.imported} 条，以前已导入 {held.known} 条，有误 {held.refused} 条")]
            _to(held, ImportStage.FINISHED, by)
        held.save()
    return held


@transaction.atomic
def _fail(job: ImportJob, error: Exception, by: Officer) -> ImportJob:
    held = ImportJob.objects.select_for_update().get(pk=job.pk)
    told = [error.message, *error.fields.values()] if isinstance(error, DatongError) else []
    words = told or ["工作簿读不下去 (the workbook does not read)"]
    held.error = "；".join(dict.fromkeys(words))[:2000]
    held.log = [*held.log, _line(held.error[:200])]
    _to(held, ImportStage.FAILED, by)
    return held


def _to(job: ImportJob, wanted: ImportStage, by: Officer) -> None:
    job.stage = move(MOVES, f"import {job.pk}", ImportStage(job.stage), wanted)
    if not MOVES[wanted]:
        job.finished_at = datetime.now(UTC)
    job.save()
    facts = {"import": job.pk, "total": job.total, "imported": job.imported, "known": job.known, "refused": job.refused}
    audit.record(TAG[wanted], by=by, subject=job.department_id, facts=facts)


def _officer(job: ImportJob) -> Officer:
    words = dict(job.queued_by)
    sets = {"roles": frozenset(map(Role, words["roles"])), "acting_for": frozenset(words.get("acting_for", ()))}
    return Officer(**(words | sets))


@contextmanager
def _alone(number: int) -> Iterator[bool]:
    """Hold the lock of a job, so that two workers never carry one."""
    key = f"{IMPORT} {number}"
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        held = bool(cursor.fetchone()[0])
        try:
            yield held
        finally:
            if held:
                cursor.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [key])


def _line(words: str) -> str:
    return f"{timezone.localtime():%H:%M:%S} {words}"
