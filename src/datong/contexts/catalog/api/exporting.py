# SPDX-License-Identifier: Apache-2.0
"""Bulk export of the catalogue: CSV, XLSX, JSON lines; what the same person's search shows, no more and no less.

Kept here: people's lists carry the terms of the law in the reader's language, JSON lines the stable English values. What
search cannot reach is left out and said in `Datong-Truncated`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import get_language, gettext, override
from ninja import Query, Router

from datong.contexts.catalog.api import schemas
from datong.contexts.catalog.queries.exporting import Export, export
from datong.kernel.labels import Labelled
from datong.kernel.sharing import Channel, FormatClass, Level, OpeningType, SharingType, UpdateCycle
from datong.kernel.workdays import received_on
from datong.wire import lists
from datong.wire.dcat import Entry
from datong.wire.problems import Problem

router = Router()
KEYS = tuple(one.name for one in fields(Entry) if one.name != "period")
REFUSALS = dict.fromkeys((400, 422), Problem)


def _document(kind: str) -> dict[str, Any]:
    media_type = lists.FORMS[kind].media_type.partition(";")[0]
    schema = {"type": "string", "format": "binary"}
    cut = {"description": "given of found, where search cannot reach all", "schema": {"type": "string"}}
    answer = {"description": "The list", "headers": {"Datong-Truncated": cut}, "content": {media_type: {"schema": schema}}}
    return {"responses": {200: answer}}


@router.get(
    "/resources/export.csv", response=REFUSALS, operation_id="export_resources_csv", auth=None,
    openapi_extra=_document("csv"),
)  # fmt: skip
def export_resources_csv(request: HttpRequest, wanted: Query[schemas.SearchIn]) -> StreamingHttpResponse:
    """The list as CSV with a byte order mark; no cell starts a formula."""
    return _answer(request, wanted, "csv")


@router.get(
    "/resources/export.xlsx", response=REFUSALS, operation_id="export_resources_xlsx", auth=None,
    openapi_extra=_document("xlsx"),
)  # fmt: skip
def export_resources_xlsx(request: HttpRequest, wanted: Query[schemas.SearchIn]) -> StreamingHttpResponse:
    """The list as XLSX, every cell a text."""
    return _answer(request, wanted, "xlsx")


@router.get(
    "/resources/export.jsonl", response=REFUSALS, operation_id="export_resources_jsonl", auth=None,
    openapi_extra=_document("jsonl"),
)  # fmt: skip
def export_resources_jsonl(request: HttpRequest, wanted: Query[schemas.SearchIn]) -> StreamingHttpResponse:
    """The list as JSON lines: one entry a line, stable English values."""
    return _answer(request, wanted, "jsonl")


def _found(request: HttpRequest, wanted: schemas.SearchIn) -> Export:
    filters = {name: str(value or "") for name, value in wanted.dict(exclude={"q", "page", "per_page", "sort"}).items()}
    return export(wanted.q, by=request.officer, filters=filters, sort=wanted.sort)


def _answer(request: HttpRequest, wanted: schemas.SearchIn, kind: str) -> StreamingHttpResponse:
    found = _found(request, wanted)
    if kind == "jsonl":
        pieces = lists.lines({name: getattr(one, name) for name in KEYS} for one in found.entries)
    else:
        pieces = lists.table(kind, _header(), _lines(found.entries), sheet=gettext("数据目录"))
    response = StreamingHttpResponse(pieces, content_type=lists.FORMS[kind].media_type)
    response["Content-Disposition"] = f'attachment; filename="resources.{kind}"'
    response["Cache-Control"] = "private, no-store"
    if found.cut:
        response["Datong-Truncated"] = f"{found.given} of {found.found}"
    return response


def _header() -> list[str]:
    return [
        gettext("代码"), gettext("名称"), gettext("提供部门"), gettext("统一社会信用代码"), gettext("分类"), gettext("分类代码"),
        gettext("行政区划"), gettext("共享类型"), gettext("开放属性"), gettext("更新周期"), gettext("数据分级"), gettext("格式"),
        gettext("格式类型"), gettext("共享方式"), gettext("使用条件"), gettext("来源系统"), gettext("联系人"), gettext("版本"),
        gettext("首次发布"), gettext("发布日期"), gettext("摘要"),
    ]  # fmt: skip


def _lines(entries: Iterable[Entry]) -> Iterator[tuple[object, ...]]:
    """Rows in the language of the one who asked: they are written when the request is long answered."""
    language = get_language() or "zh-hans"
    for one in entries:
        with override(language):
            yield _line(one)


def _line(one: Entry) -> tuple[object, ...]:
    return (
        one.code, one.name, one.provider_name, one.provider, one.class_name, one.class_code, one.region,
        _term(SharingType, one.sharing_type), _term(OpeningType, one.opening_type), _term(UpdateCycle, one.update_cycle),
        _term(Level, one.level), _term(FormatClass, one.format_class), one.format_type,
        gettext("、").join(_term(Channel, method) for method in one.sharing_methods), one.use_conditions, one.system,
        one.contact, one.version, received_on(one.issued) if one.issued else None,
        received_on(one.modified) if one.modified else None, one.abstract,
    )  # fmt: skip


def _term(kind: type[Labelled], value: str) -> str:
    return gettext(kind(value).label) if value in list(kind) else value

