# SPDX-License-Identifier: Apache-2.0
"""Taking the next entries of an import: some hundreds in one transaction, with what became of each.

Kept here: entries, their acts and the marks of their rows are committed together, so whoever takes up an import again
begins behind the last entry that is there; one import of a department at a time looks for what is known and adds to it.
"""

import json
from collections import Counter

from django.db import connection, transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog.domain.entries import draft_of
from datong.contexts.catalog.domain.imports import ImportStage, RowState
from datong.contexts.catalog.models import ImportJob, ImportRow
from datong.contexts.catalog.usecases.entering import enter
from datong.kernel.actors import Officer

IMPORT = "catalog.import"
AT_ONCE = 200
"""Entries in one transaction: some tenths of a second, in which another compiler of the same class waits."""
MARK = """
    update catalog_importrow as row set state = new.state, version_id = new.version, faults = new.faults::jsonb
    from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::text[]) as new (id, state, version, faults) where row.id = new.id
"""


@transaction.atomic
def take(job: int, *, by: Officer) -> bool:
    """Take the next entries of an import; False when none waits, or the import was cancelled."""
    _one_of_the_department(by)
    held = ImportJob.objects.select_for_update().get(pk=job)
    rows = list(held.rows.filter(state=RowState.WAITING).order_by("place")[:AT_ONCE])
    if held.stage != ImportStage.RUNNING or not rows:
        return False
    known = _known({row.digest for row in rows}, by)
    first: dict[str, ImportRow] = {}
    for row in rows:
        if row.digest not in known:
            first.setdefault(row.digest, row)
    deeds = _compile(list(first.values()), by)
    for row in rows:
        if row is not first.get(row.digest):
            _repeat(row, first.get(row.digest), known.get(row.digest))
    _mark(rows)
    for state, count in Counter(row.state for row in rows).items():
        setattr(held, state, getattr(held, state) + count)
    held.save(update_fields=["imported", "known", "refused"])
    audit.record_all(deeds, by=by)
    return True


def _one_of_the_department(by: Officer) -> None:
    """Let one import of a department at a time look for what is known and add to it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{IMPORT} of {by.department}"])


def _known(digests: set[str], by: Officer) -> dict[str, int]:
    """What the department imported before: digest to version."""
    rows = ImportRow.objects.filter(digest__in=digests, version__resource__provider=by.department)
    return dict(rows.values_list("digest", "version_id"))


def _compile(rows: list[ImportRow], by: Officer) -> list[audit.Deed]:
    done = enter([draft_of(row.draft) for row in rows], by=by)
    for place, row in enumerate(rows):
        error = done.faults.get(place)
        if error is None:
            row.version, row.state = done.made[place], RowState.IMPORTED.value
        else:
            row.state, row.faults = RowState.REFUSED.value, dict(error.fields) or {"name": error.message}
    return done.deeds


def _repeat(row: ImportRow, first: ImportRow | None, known: int | None) -> None:
    """A row that says what an earlier one said has what became of that."""
    if first is not None and first.state == RowState.REFUSED:
        row.state, row.faults = first.state, first.faults
    else:
        row.state, row.version_id = RowState.KNOWN.value, known or first.version_id


def _mark(rows: list[ImportRow]) -> None:
    """Write what became of some rows in one statement; `bulk_update` takes as long as importing them."""
    columns = [[getattr(row, name) for row in rows] for name in ("pk", "state", "version_id")]
    with connection.cursor() as cursor:
        cursor.execute(MARK, [*columns, [json.dumps(row.faults, ensure_ascii=False) for row in rows]])
