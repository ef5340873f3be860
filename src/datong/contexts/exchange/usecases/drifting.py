# SPDX-License-Identifier: Apache-2.0
"""Drift: whether an entry still tells the truth about the data attached to it (挂接资源和目录不一致).

Kept here: the source is read as a landing would read it, in a process of its own, and nothing is landed; a case opens
to the provider and closes by itself when entry and data agree again; what the authority dismissed is not opened again
for the same findings. No value of a row is kept.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain, permissions, queries
from datong.contexts.exchange.domain import DriftKind, DriftStage, Finding
from datong.contexts.exchange.models import Batch, DriftCase
from datong.contexts.exchange.usecases import landing, sources
from datong.contexts.periods import face as periods
from datong.engine import face as engine
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import DatongError, Malformed, Refused, Unknown
from datong.kernel.stages import move

COMPARE = "exchange.compare"
QUEUE = "drift"
LONGEST_LOOK = 3600.0
"""Seconds after which reading a source ends."""
LONGEST_WORDS = 1000
UNTRUE = "目录与挂接的数据不一致，请核实并更正目录或者数据 (entry and data differ: correct the one or the other)"
UNNAMED = "来源里有目录没有写的列，请核实是否编入目录 (the source has columns the entry does not name: should it?)"
log = structlog.get_logger("datong.drift")


def compare_all() -> int:
    """Queue the comparison of every published resource that has data; returns how many."""
    codes = Batch.objects.filter(stage=domain.BatchStage.LANDED).values_list("source__resource_id", flat=True)
    served = [code for code in sorted(set(codes)) if catalog.served(code)]
    for code in served:
        enqueue(code)
    return len(served)


def enqueue(code: str) -> None:
    """Queue the comparison of one resource, in the caller's transaction; those of one resource run one at a time."""
    app.configure_task(COMPARE, queue=QUEUE, lock=f"{COMPARE} {code}").defer(code=code)


def compare_on_demand(code: str, *, by: Officer) -> None:
    """Queue a comparison now, as the provider or the authority.

    Raises:
        Unknown: no such published resource.
        Refused: neither the provider nor its authority.
    """
    view = catalog.resource(code, by=by)
    if not permissions.check_may_dismiss_drift.allowed(by, view.region):
        permissions.check_may_answer_drift(by, view.provider)
    if queries.landed(code) is None:
        raise Malformed("还没有挂接数据 (nothing is attached yet)", fields={"resource": "先挂接数据 (attach data first)"})
    with transaction.atomic():
        enqueue(code)
        audit.record("exchange.drift.asked", by=by, subject=code)


def compare(code: str, now: datetime | None = None) -> DriftCase | None:
    """Compare a resource with its data, and open, keep or close its case.

    Args:
        code: of the resource.
        now: an aware time; None is the present.

    Returns:
        The case as it stands, None where entry and data agree and agreed before.
    """
    view = catalog.served(code)
    batch = Batch.objects.filter(source__resource_id=code, stage=domain.BatchStage.LANDED).select_related("source").first()
    if view is None or batch is None:
        return None
    moment = now or datetime.now(UTC)
    return _settle(view, batch, _findings(view, batch, moment), moment)


def _findings(view: catalog.ResourceView, batch: Batch, now: datetime) -> list[Finding]:
    found = _of_source(view, batch) + _of_lake(batch)
    if queries.freshness(view.update_cycle, batch.finished_at, now) == "red":
        found.append(Finding(DriftKind.STALE, "", view.update_cycle, f"{batch.finished_at:%Y-%m-%d}"))
    return found


def _of_source(view: catalog.ResourceView, batch: Batch) -> list[Finding]:
    if not landing.shared_items(view):
        return []
    schema, source = landing.schema_of(view), batch.source
    columns = {item: source.mapping.get(item, "") for item in schema.fields}
    try:
        opened = sources.opened(source)
        look = (opened, schema, columns, settings.NODE_FOLDER.lake)
        seen = engine.apart(engine.rehearse, *look, seconds=LONGEST_LOOK, by=settings.BULK)
    except (Malformed, Refused, Unknown) as error:
        return [Finding(DriftKind.UNREADABLE, "", source.name, error.message[:300])]
    names = {item.field: item.name for item in view.items}
    extra = domain.extra_findings(seen.unread, {*names, *names.values()})
    found = [Finding(DriftKind.COLUMN, item, columns[item] or names[item], "") for item in seen.missing]
    told = [(one.field, one.code, one.rows) for one in seen.misfits]
    found += domain.misfit_findings(told, seen.rows, frozenset(schema.keys))
    partly = batch.mode == domain.CollectMode.WATERMARK  # then it read only what was new
    landed = batch.rows_good if partly else batch.rows_read
    return found + domain.rows_finding(landed, seen.rows, settings.NODE.drift_rows_percent) + extra


def _of_lake(batch: Batch) -> list[Finding]:
    now = engine.rows_of(landing.table_of(batch), batch.lake_version)
    if now == batch.rows_good:
        return []
    return [Finding(DriftKind.ROWS, "", f"{batch.rows_good} (batch {batch.pk})", f"{now or 0} (lake)")]


@transaction.atomic
def _settle(view: catalog.ResourceView, batch: Batch, found: list[Finding], now: datetime) -> DriftCase | None:
    case = DriftCase.objects.select_for_update().filter(resource=view.code, stage__in=domain.UNSETTLED).first()
    said = [asdict(one) | {"kind": one.kind.value} for one in found]
    if case is None:
        return _open(view, batch, said, now) if said and not _dismissed(view.code, said) else None
    if not said:
        return _mend(case, now)
    worse = domain.is_untrue(said) and not domain.is_untrue(case.findings)
    changed, case.findings, case.checked_at = case.findings != said, said, now
    case.version, case.source_id = view.version, batch.source_id
    case.save()
    if worse:
        _tell(case, view)
    if changed:
        _record("exchange.drift.changed", case, SYSTEM)
    return case


def _dismissed(code: str, said: list[dict[str, Any]]) -> bool:
    last = DriftCase.objects.filter(resource=code).first()
    return last is not None and last.stage == DriftStage.DISMISSED and _gist(last.findings) == _gist(said)


def _gist(findings: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What differs, whatever the numbers."""
    return sorted((one["kind"], one["item"] or (one["found"] if one["kind"] in domain.INFORMATIVE else "")) for one in findings)


def _open(view: catalog.ResourceView, batch: Batch, said: list[dict[str, Any]], now: datetime) -> DriftCase:
    case = DriftCase.objects.create(
        resource_id=view.code, source_id=batch.source_id, version=view.version, findings=said, checked_at=now
    )
    _tell(case, view)
    _record(domain.DRIFT_TAG[DriftStage.OPEN], case, SYSTEM)
    return case


def _tell(case: DriftCase, view: catalog.ResourceView) -> None:
    post = periods.Holder(Role.COMPILER, view.provider, view.region)
    words = UNTRUE if domain.is_untrue(case.findings) else UNNAMED
    periods.tell(periods.NoticeKind.TOLD, _subject(case, view.name), post, words)


def _mend(case: DriftCase, now: datetime) -> DriftCase:
    _to(case, DriftStage.MENDED)
    case.findings, case.checked_at, case.ended_by, case.ended_at = [], now, SYSTEM.account, now
    case.save()
    periods.done_with("drift", case.number)
    _record(domain.DRIFT_TAG[DriftStage.MENDED], case, SYSTEM)
    return case


@transaction.atomic
def acknowledge_drift(number: int, plan: str, *, by: Officer) -> DriftCase:
    """Take a case up and say what will be done, as the provider.

    Raises:
        Unknown: no such case, or none visible.
        Refused: not the provider.
        IllegalMove: no longer open.
        Malformed: nothing is said.
    """
    case = queries.drift_case(number, by=by, lock=True)
    permissions.check_may_answer_drift(by, case.resource.provider_id)
    _to(case, DriftStage.ACKNOWLEDGED)
    case.plan = texts.lines("plan", plan, longest=LONGEST_WORDS, least=1)
    case.acknowledged_by, case.acknowledged_at = by.account, datetime.now(UTC)
    case.save()
    periods.done_with("drift", case.number, by=by)
    _record(domain.DRIFT_TAG[DriftStage.ACKNOWLEDGED], case, by, plan=case.plan)
    return case


@transaction.atomic
def dismiss_drift(number: int, reason: str, *, by: Officer) -> DriftCase:
    """End a case that needs no mending, as the authority.

    Raises:
        Unknown: no such case, or none visible.
        Refused: not the authority of the region.
        IllegalMove: ended already.
        Malformed: no reason.
    """
    case = queries.drift_case(number, by=by, lock=True)
    permissions.check_may_dismiss_drift(by, case.resource.provider.region_id)
    _to(case, DriftStage.DISMISSED)
    case.ending = texts.lines("reason", reason, longest=LONGEST_WORDS, least=1)
    case.ended_by, case.ended_at = by.account, datetime.now(UTC)
    case.save()
    periods.done_with("drift", case.number, by=by)
    _record(domain.DRIFT_TAG[DriftStage.DISMISSED], case, by, reason=case.ending)
    return case


def compare_quietly(code: str) -> None:
    """Compare a resource for the queue: a fault of ours is logged and the next night tries again."""
    try:
        compare(code)
    except DatongError as error:
        log.warning("comparison failed", code=code, error=error.message)


def _subject(case: DriftCase, name: str) -> periods.Subject:
    return periods.Subject("drift", case.number, name, f"/exchange/drifts/{case.pk}")


def _to(case: DriftCase, wanted: DriftStage) -> None:
    case.stage = move(domain.DRIFT_MOVES, f"case {case.number}", DriftStage(case.stage), wanted)


def _record(tag: str, case: DriftCase, by: Officer, **facts: object) -> None:
    kinds = sorted({one["kind"] for one in case.findings})
    audit.record(tag, by=by, subject=case.resource_id, facts={"case": case.number, "kinds": kinds, **facts})
