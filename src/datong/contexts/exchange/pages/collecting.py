# SPDX-License-Identifier: Apache-2.0
"""Pages of collecting: batches and what may be decided on them, sources with their schedules, the form of a schedule."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import domain, permissions, queries, usecases
from datong.contexts.exchange.domain import BatchStage, CollectMode, DriftKind, Rhythm, Timetable
from datong.contexts.exchange.models import Batch, Schedule, Source
from datong.contexts.exchange.queries import collecting
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.kernel.labels import choices

VERBS = {"cancel": usecases.cancel_batch, "continue": usecases.continue_batch, "retry": usecases.retry_batch}
SOURCE_VERBS = {"pause": usecases.pause_schedule, "resume": usecases.resume_schedule}
SIZES, USUAL_SIZE = ("10", "20", "50", "100"), 20
"""As the pages of every list are cut."""
ENDED_BADLY = (BatchStage.FAILED, BatchStage.HELD)
ENDED_AGAIN = (BatchStage.FAILED, BatchStage.CANCELLED)


@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """Batches the officer may see, newest first."""
    stage = request.GET.get("stage", "")
    rows = queries.batches_visible(request.officer)
    asked = {"stage": stage if stage in list(BatchStage) else "", "source__resource": request.GET.get("resource", "").strip()}
    for name, value in asked.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    more = {
        "batches": rows,
        "stages": choices(BatchStage),
        "filters": {"stage": (gettext("状态"), dict(choices(BatchStage))), "resource": gettext("资源代码")},
        "values": request.GET,
    }
    return render(request, "exchange/batches.html", more)


@require_GET
def batch(request: HttpRequest, number: int) -> HttpResponse:
    """One batch; htmx asks for the moving part alone."""
    return _batch(request, queries.batch(number, by=request.officer))


@require_POST
def decide(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Stop it, let it go on, try it anew; on a refusal the page comes back with the reason."""
    found = queries.batch(number, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        made = VERBS[verb](number, by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _batch(request, found, error)
    return redirect("exchange:batch", number=made.pk)


def _batch(request: HttpRequest, found: Batch, error: DatongError | None = None) -> HttpResponse:
    faulty = found.rows_bad or found.stage in ENDED_BADLY
    aside = usecases.quarantine(found.pk, by=request.officer, limit=50) if faulty else []
    mine = permissions.check_may_attach.allowed(request.officer, found.source.resource.provider_id)
    view = catalog.served(found.source.resource_id) if found.differences else None
    names = {item.field: item.name for item in view.items} if view else {}
    more = {
        "batch": found,
        "aside": aside,
        "moving": found.stage in domain.AT_WORK,
        "may": {
            "cancel": mine and found.stage in domain.UNFINISHED and not found.stop_by,
            "continue": mine and found.stage == BatchStage.HELD,
            "retry": mine
            and found.stage in {BatchStage.FAILED, BatchStage.CANCELLED}
            and not collecting.is_replaced(found.source),
        },
        "differences": [one | {"label": DriftKind(one["kind"]), "name": names.get(one["item"], "")} for one in found.differences],
        "refusal": error,
    }
    template = "exchange/_batch.html" if request.htmx else "exchange/batch.html"
    return render(request, template, more, status=error.status if error else 200)


@require_GET
def schedules(request: HttpRequest) -> HttpResponse:
    """Sources the officer may see, each with its schedule and newest batch."""
    rows = collecting.sources_visible(request.officer)
    resource = request.GET.get("resource", "").strip()
    if resource:
        rows = rows.filter(resource=resource) if resource.isprintable() else rows.none()
    size = request.GET.get("size", "")
    page = Paginator(rows, int(size) if size in SIZES else USUAL_SIZE).get_page(request.GET.get("page"))
    more = {
        "rows": rows,
        "about": {one.source.pk: one for one in collecting.collected(page, datetime.now(UTC))},
        "may": {one.pk: permissions.check_may_attach.allowed(request.officer, one.resource.provider_id) for one in page},
        "filters": {"resource": gettext("资源代码")},
        "values": request.GET,
    }
    return render(request, "exchange/schedules.html", more)


@require_http_methods(["GET", "POST"])
def schedule(request: HttpRequest, number: int) -> HttpResponse:
    """The schedule of a source: its form, and what it came to."""
    source = collecting.source(number, by=request.officer)
    if request.method == "GET":
        return _schedule(request, source)
    try:
        usecases.set_schedule(number, _plan(request), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _schedule(request, source, error)
    messages.success(request, gettext("已保存"))
    return redirect("exchange:schedule", number=number)


@require_POST
def act(request: HttpRequest, number: int, verb: str) -> HttpResponse:
    """Collect a source now, let its schedule rest or go on."""
    source = collecting.source(number, by=request.officer)
    if verb not in {"run", *SOURCE_VERBS}:
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        if verb == "run":
            return redirect("exchange:batch", number=usecases.collect_now(number, by=request.officer).pk)
        SOURCE_VERBS[verb](number, by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _schedule(request, source, error)
    messages.success(request, gettext("已记录"))
    return redirect("exchange:schedule", number=number)


def _schedule(request: HttpRequest, source: Source, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    plan = Schedule.objects.filter(source=source).first()
    typed = request.POST if "rhythm" in request.POST else _said(plan)
    others = [one for one in collecting.schedules(by).exclude(pk=source.pk)[:200]]  # noqa: C416  a slice is read once
    more: dict[str, Any] = {
        "source": source,
        "plan": plan,
        "about": collecting.collected([source], datetime.now(UTC))[0],
        "may": permissions.check_may_attach.allowed(by, source.resource.provider_id),
        "values": typed,
        "errors": error.fields if error else {},
        "refusal": error,
        "rhythms": [one for one in choices(Rhythm) if not source.stored or one[0] == Rhythm.ON_DEMAND],
        "modes": [one for one in choices(CollectMode) if one[0] != CollectMode.LOG or collecting.has_log(source)],
        "types": choices(domain.WatermarkKind),
        "weekdays": choices(domain.Weekday),
        "others": [(one.pk, f"{one.source.resource.name} · {one.source.name}") for one in others],
        "batches": queries.batches_visible(by).filter(source=source)[:10],
    }
    return render(request, "exchange/schedule.html", more, status=error.status if error else 200)


def _said(plan: Schedule | None) -> dict[str, Any]:
    """What the form shows before anything is typed."""
    if plan is None:
        return {"rhythm": Rhythm.ON_DEMAND.value, "mode": CollectMode.FULL.value, "minutes": 60, "at": "02:00", "overlap": 0}
    return {
        "rhythm": plan.rhythm, "mode": plan.mode, "minutes": plan.minutes or 60, "at": f"{plan.at:%H:%M}",
        "weekday": str(plan.weekday), "cron": plan.cron, "column": plan.watermark.get("column", ""),
        "type": plan.watermark.get("type", ""), "publication": plan.watermark.get("publication", ""),
        "overlap": plan.watermark.get("overlap", 0), "needs": [str(one) for one in plan.needs.values_list("pk", flat=True)],
    }  # fmt: skip


def _plan(request: HttpRequest) -> usecases.Plan:
    form = request.POST
    rhythm, mode = form.get("rhythm", ""), form.get("mode", "")
    wrong = {}
    if rhythm not in list(Rhythm):
        wrong["rhythm"] = "选择周期 (choose when)"
    if mode not in list(CollectMode):
        wrong["mode"] = "选择方式 (choose how)"
    if wrong:
        raise Malformed("归集计划不完整 (the schedule is not complete)", fields=wrong)
    numbers = {name: _number(form.get(name, ""), name) for name in ("minutes", "weekday", "overlap")}
    times = Timetable(
        Rhythm(rhythm), numbers["minutes"], _clock(form.get("at", "")), numbers["weekday"], form.get("cron", "").strip()
    )
    needs = tuple(int(one) for one in form.getlist("needs") if one.isascii() and one.isdecimal() and len(one) < 10)
    said = (form.get("column", ""), form.get("type", ""), numbers["overlap"], form.get("publication", ""))
    return usecases.Plan(times, CollectMode(mode), *said, needs)


def _number(said: str, name: str) -> int:
    text = said.strip() or "0"
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Malformed("应为整数 (a whole number)", fields={name: "整数 (a whole number)"})
    return int(text)


def _clock(said: str) -> time:
    try:
        return time.fromisoformat(said.strip() or "02:00").replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        raise Malformed("应为时刻 (a time of the day)", fields={"at": "02:30"}) from None
