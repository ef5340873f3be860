# SPDX-License-Identifier: Apache-2.0
"""The page of figures: calls, refusals and times by hour, resource and consumer, each a chart with its table, or as CSV."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from datong.contexts.exchange.permissions import scope_of_use
from datong.contexts.exchange.queries import tallying
from datong.kernel.sharing import Channel
from datong.wire.spreadsheet import TYPE, encode_csv
from datong.wire.tallies import STEPS

SHOWN = 20
"""Rows of a chart and its table by resource or consumer; the file has all."""
TABLES = ("times", "resources", "consumers")


@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Figures of a period; `format=csv&table=` gives one of the tables as a file."""
    asked = {name: request.GET.get(name, "").strip() for name in ("period", "resource", "department", "channel")}
    told = tallying.told(request.officer, **asked)
    if request.GET.get("format") == "csv":
        table = request.GET.get("table", "")
        return _export(getattr(told, table if table in TABLES else TABLES[0]), daily=told.daily)
    periods = [
        *(("24h", gettext("近 24 小时")), ("7d", gettext("近 7 天"))),
        *(("30d", gettext("近 30 天")), ("90d", gettext("近 90 天"))),
    ]
    channels = [(one.value, one.label) for one in Channel]
    more: dict[str, Any] = {
        "told": told, "scope": scope_of_use(request.officer), "values": asked | {"period": told.period},
        "periods": periods, "channels": channels, "most": SHOWN,
        "tables": [
            ("times", gettext("按天") if told.daily else gettext("按小时"), told.times[::-1], gettext("时间")),
            ("resources", gettext("按资源"), told.resources[:SHOWN], gettext("资源")),
            ("consumers", gettext("按使用部门"), told.consumers[:SHOWN], gettext("使用部门")),
        ],
        "filters": {
            "resource": gettext("资源代码"), "department": gettext("使用部门"), "channel": (gettext("方式"), dict(channels)),
        },
    }  # fmt: skip
    return render(request, "exchange/figures.html", more)


def _export(rows: list[tallying.Figures], *, daily: bool) -> HttpResponse:
    counts = [gettext("调用次数"), gettext("答复"), gettext("拒绝或失败"), gettext("计入每日次数"), gettext("返回记录")]
    times = [gettext("半数不超过（毫秒）"), gettext("百分之九十九不超过（毫秒）")]
    header = [gettext("编号"), gettext("名称"), *counts, gettext("返回字节"), *times]
    lines = (
        (_key(one.key, daily=daily), one.name, one.calls, one.answered, one.refused, one.counted, one.rows,
         one.bytes, _time(one.median), _time(one.slowest))
        for one in rows
    )  # fmt: skip
    name = {"Content-Disposition": 'attachment; filename="figures.csv"'}
    return HttpResponse(encode_csv(header, lines), TYPE, headers=name)


def _time(edge: float | None) -> str:
    return "" if edge is None else f"> {STEPS[-1]}" if math.isinf(edge) else str(edge)


def _key(key: Any, *, daily: bool) -> str:
    if isinstance(key, str):
        return key
    moment = timezone.localtime(key)
    return moment.strftime("%Y-%m-%d" if daily else "%Y-%m-%d %H:00")
