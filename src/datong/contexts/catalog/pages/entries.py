# SPDX-License-Identifier: Apache-2.0
"""The list of entries, one entry, and the decisions on it: detail first, then decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions, queries, usecases
from datong.contexts.catalog.domain import EDITABLE, Stage
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.pages import listing
from datong.contexts.catalog.queries import comparing
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire import lists

SORTS = {"name": "name", "code": "resource__code", "due": "due", "changed": "changed_at"}
COLUMNS = (
    listing.Column("code", _("代码"), lambda row: row.resource.code),
    listing.Column("name", _("名称"), lambda row: row.name),
    listing.Column("provider", _("提供部门"), lambda row: row.resource.provider_id, lambda row: row.resource.provider.name),
    listing.Column("version", _("版本"), lambda row: row.number),
    listing.Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(row.stage_label)),
    listing.Column("due", _("截止"), lambda row: row.due),
    listing.Column(
        "changed_at", _("修改时间"), lambda row: row.changed_at, lambda row: f"{localtime(row.changed_at):%Y-%m-%d %H:%M}"
    ),
)
TABS = (("waiting", _("待我处理")), ("mine", _("本部门")), ("all", _("全部")))
VERBS: dict[str, tuple[Callable[..., Version], Any]] = {
    "file": (lambda pk, _words, by: usecases.file_entry(pk, by=by), _("已报送，等待本部门负责人同意")),
    "consent": (lambda pk, words, by: usecases.consent_entry(pk, by=by, opinion=words), _("已同意，转主管部门审核")),
    "publish": (lambda pk, words, by: usecases.publish_entry(pk, by=by, opinion=words), _("已发布")),
    "return": (lambda pk, words, by: usecases.return_entry(pk, words, by=by), _("已退回编制人")),
    "withdraw": (lambda pk, words, by: usecases.withdraw_entry(pk, words, by=by), _("已撤销")),
}

BATCH: tuple[tuple[str, frozenset[Role], Any, Any], ...] = (
    ("file", frozenset({Role.COMPILER}), _("报送所选"), _("逐条检查必备内容，齐全的转本部门负责人。")),
    ("consent", frozenset({Role.PROVIDER_HEAD}), _("同意所选"), _("逐条转同级数据共享主管部门，2个工作日内审核。")),
    ("publish", frozenset({Role.AUTHORITY}), _("发布所选"), _("逐条发布，各部门可以据此申请；原有版本同时被取代。")),
    ("return", frozenset({Role.PROVIDER_HEAD, Role.AUTHORITY}), _("退回所选"), _("逐条退回编制人，意见相同。")),
)
"""What may be done to several at once: verb, whose it is, the button, what follows; each is still decided by itself."""


def offered(by: Officer) -> list[tuple[str, Any, Any]]:
    """Give the acts on several that an officer's roles know: verb, button, what follows."""
    return [(verb, word, then) for verb, roles, word, then in BATCH if by.holds(*roles)]


def _rows(request: HttpRequest, tab: str) -> QuerySet[Version]:
    stage = request.GET.get("stage", "")
    q = request.GET.get("q", "").strip()
    if tab == "waiting":
        rows = queries.waiting(request.officer)
    else:
        rows = queries.entries(request.officer, stage=stage if stage in list(Stage) else "", q=q, mine=tab == "mine")
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "pk")
    return rows


@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """List entries by tab; `format` gives the same as a file."""
    waiting = queries.waiting(request.officer).count()
    tab = request.GET.get("tab") or ("waiting" if waiting else "mine" if request.officer.department else "all")
    rows = _rows(request, tab)
    if request.GET.get("format") in lists.FORMS:
        return export(request.GET["format"], rows)
    more = {
        "rows": rows,
        "tab": tab,
        "tabs": TABS,
        "exports": lists.WORDS,
        "acts": offered(request.officer),
        "waiting": waiting,
        "stages": choices(Stage),
        "values": request.GET,
        "filters": {"stage": (gettext("状态"), dict(choices(Stage))), "q": gettext("名称或代码")},
        "may_compile": permissions.check_may_compile.allowed(request.officer),
    }
    return render(request, "catalog/entries.html", more)


def export(kind: str, rows: QuerySet[Version]) -> StreamingHttpResponse:
    """Give entries as a file, as the list shows them."""
    return listing.answer(kind, "entries", COLUMNS, rows[: listing.MOST_EXPORTED], sheet=gettext("目录"))


def _may(row: Version, by: Any) -> dict[str, bool]:
    """Which verbs this officer may use on this entry now."""
    home, stage = row.resource, row.stage
    compiled = frozenset({row.created_by, row.filed_by})
    edits = permissions.check_may_edit.allowed(by, home.provider_id)
    consents = stage == Stage.FILED and permissions.check_may_consent.allowed(by, home.provider_id, compiled)
    handled = frozenset({row.created_by, row.filed_by, row.consented_by})
    reviews = permissions.check_may_review.allowed(by, home.provider.region_id, handled)
    return {
        "edit": edits and stage in EDITABLE,
        "consent": consents,
        "publish": stage == Stage.CONSENTED and reviews,
        "return": consents or (stage == Stage.CONSENTED and reviews),
        "withdraw": (edits and stage in EDITABLE)
        or (stage == Stage.PUBLISHED and permissions.check_may_withdraw_published.allowed(by, home.provider.region_id)),
        "renew": edits and stage == Stage.PUBLISHED,
        "remove": stage == Stage.PUBLISHED and permissions.check_may_ask_removal.allowed(by, home.provider_id),
    }


STATIONS = (
    (Stage.DRAFT, _("编制"), "created_by", "created_at"),
    (Stage.FILED, _("负责人同意"), "consented_by", "consented_at"),
    (Stage.CONSENTED, _("主管部门审核"), "reviewed_by", "reviewed_at"),
    (Stage.PUBLISHED, _("发布"), "", "published_at"),
)


def stations(row: Version, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The way of an entry as stations with who and when."""
    order = [stage for stage, *_rest in STATIONS]
    ended = row.stage in (Stage.SUPERSEDED, Stage.WITHDRAWN)
    here = len(order) - 1 if ended else order.index(Stage.DRAFT if row.stage == Stage.RETURNED else row.stage)
    made = []
    for place, (_stage, name, who, when) in enumerate(STATIONS):
        state = "past" if place < here or row.stage in (Stage.PUBLISHED, Stage.SUPERSEDED) else "next"
        if place == here and state == "next":
            state = "stop" if row.stage in (Stage.RETURNED, Stage.WITHDRAWN) else "now"
        past = state == "past"
        made.append({"name": name, "state": state, "who": names.get(getattr(row, who), getattr(row, who)) if who and past else "",
                     "when": getattr(row, when) if past else None})  # fmt: skip
    return made


def _page(request: HttpRequest, row: Version, error: DatongError | None = None) -> HttpResponse:
    seen = queries.view(row)
    names = {act.account: act.name for act in audit.acts(by=None, subject=seen.code, limit=200)}
    reviewing = row.stage in (Stage.FILED, Stage.CONSENTED)
    before, changed = comparing.pair(row, by=request.officer) or (None, None)
    more = {
        "row": row,
        "resource": seen,
        "stations": stations(row, names),
        "may": _may(row, request.officer),
        "hints": queries.review_hints(row) if reviewing else [],
        "before": before,
        "changed": changed,
        "history": queries.history(seen.code, by=request.officer),
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    return render(request, "catalog/entry.html", more, status=error.status if error else 200)


@require_GET
def entry(request: HttpRequest, version: int) -> HttpResponse:
    """Show one version of an entry with what may be decided on it."""
    return _page(request, queries.version_of(version, by=request.officer))


@require_POST
def decide(request: HttpRequest, version: int, verb: str) -> HttpResponse:
    """Do one verb; on a refusal the page comes back with what was typed."""
    row = queries.version_of(version, by=request.officer)
    if verb not in VERBS:
        raise Unknown("没有此操作 (there is no such verb)")
    act, words = VERBS[verb]
    typed = request.POST.get("reason") or request.POST.get("opinion") or ""
    try:
        act(version, typed, request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, row, error)
    messages.success(request, str(words))
    try:
        queries.version_of(version, by=request.officer)
    except Unknown:
        return redirect("catalog:entries")
    return redirect("catalog:entry", version)


@require_POST
def renew(request: HttpRequest, head: int, sequence: int) -> HttpResponse:
    """Begin a new version beside the published one."""
    row = usecases.new_version(f"{head}/{sequence}", by=request.officer)
    return redirect("catalog:edit", row.pk)
