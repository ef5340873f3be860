# SPDX-License-Identifier: Apache-2.0
"""消息设置: which notices reach me by mail or webhook, and when; what became of each message; the secret shown once."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from datong.contexts.notifications import queries, usecases
from datong.contexts.notifications.domain import DispatchStage, MessageChannel, Timing
from datong.contexts.notifications.models import Dispatch, Preference
from datong.contexts.periods.face import NoticeKind
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.wire import lists
from datong.wire.lists import Column

MOST_EXPORTED = 10_000
KIND = "kind-"
SORTS = {"made": "made_at", "tries": "tries", "sent": "sent_at"}


def kind_of(row: Dispatch) -> str:
    """What a message is about, in words."""
    return gettext(NoticeKind(row.notice.kind).label) if row.notice else gettext("测试消息")


def moment(at: datetime | None) -> str:
    """A time as people read it, in Shanghai."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


COLUMNS = (
    Column("id", _("编号"), lambda row: row.key),
    Column("kind", _("类别"), lambda row: row.notice.kind if row.notice else "trial", kind_of),
    Column("title", _("事项"), lambda row: row.notice.title if row.notice else ""),
    Column("channel", _("渠道"), lambda row: row.channel, lambda row: gettext(MessageChannel(row.channel).label)),
    Column("stage", _("状态"), lambda row: row.stage, lambda row: gettext(DispatchStage(row.stage).label)),
    Column("tries", _("次数"), lambda row: row.tries),
    Column("error", _("上次失败原因"), lambda row: row.error),
    Column("made_at", _("生成时间"), lambda row: row.made_at.isoformat(), lambda row: moment(row.made_at)),
    Column("sent_at", _("发出时间"), lambda row: row.sent_at and row.sent_at.isoformat(), lambda row: moment(row.sent_at)),
)


@require_GET
def messages_of(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Show one's choice and messages; `format` gives the messages as a file."""
    asked = request.GET
    rows = queries.dispatches(request.officer, stage=asked.get("stage", ""), channel=asked.get("channel", ""))
    sort = asked.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        rows = rows.order_by(("-" if sort.startswith("-") else "") + SORTS[sort.removeprefix("-")], "-pk")
    if asked.get("format") in lists.FORMS:
        around = partial(override, get_language())
        return StreamingHttpResponse(
            **lists.sent(asked["format"], "messages", COLUMNS, rows[:MOST_EXPORTED], sheet=gettext("消息"), around=around)
        )
    return _page(request, rows=rows)


def _page(request: HttpRequest, error: DatongError | None = None, **more: Any) -> HttpResponse:
    by = request.officer
    chosen = queries.preference(by)
    hook = queries.webhook(by)
    typed = request.POST if error else _as_typed(chosen, hook.url if hook else "")
    shown: dict[str, Any] = {
        "rows": queries.dispatches(by),
        "mail_works": bool(settings.MAIL_SERVER),
        "kinds": [(kind, KIND + kind.value, typed.get(KIND + kind.value, "")) for kind in NoticeKind],
        "timings": choices(Timing),
        "hours": [(str(hour), f"{hour:02d}:00") for hour in range(24)],
        "webhook": hook,
        "stages": choices(DispatchStage),
        "channels": choices(MessageChannel),
        "filters": {
            "stage": (gettext("状态"), dict(choices(DispatchStage))),
            "channel": (gettext("渠道"), dict(choices(MessageChannel))),
        },
        "words": {stage.value: stage for stage in DispatchStage} | {channel.value: channel for channel in MessageChannel},
        "notice_kinds": {kind.value: kind for kind in NoticeKind},
        "exports": lists.WORDS,
        "refusal": error,
        "errors": error.fields if error else {},
        "values": {**request.GET.dict(), **typed.dict()},
        **more,
    }
    return render(request, "notifications/messages.html", shown, status=error.status if error else 200)


def _as_typed(chosen: Preference, url: str) -> QueryDict:
    """What stands now, as a form would hold it."""
    timing = dict.fromkeys(chosen.at_once, Timing.AT_ONCE) | dict.fromkeys(chosen.digest, Timing.DIGEST)
    made = QueryDict(mutable=True)
    made.update({KIND + kind.value: timing.get(kind.value, Timing.NEVER).value for kind in NoticeKind})
    made.update({"email": chosen.email, "digest_hour": str(chosen.digest_hour), "url": url})
    return made


@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Choose address, kinds and hour."""
    typed = request.POST
    picked = {kind.value: typed.get(KIND + kind.value, "") for kind in NoticeKind}
    hour = typed.get("digest_hour", "")
    try:
        usecases.prefer(
            email=typed.get("email", ""),
            at_once=[kind for kind, when in picked.items() if when == Timing.AT_ONCE],
            digest=[kind for kind, when in picked.items() if when == Timing.DIGEST],
            digest_hour=int(hour) if hour.isascii() and hour.isdigit() and len(hour) < 3 else -1,
            by=request.officer,
        )
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("消息设置已保存"))
    return redirect("notifications:messages")


@never_cache
@require_POST
def webhook(request: HttpRequest, act: str) -> HttpResponse:
    """Set, stop or try the webhook; its secret is shown on the page that answers, and never again."""
    by = request.officer
    if act not in ("set", "stop", "try"):
        raise Unknown("没有此操作 (there is no such verb)")
    try:
        if act == "set":
            return _page(request, secret=usecases.hook(request.POST.get("url", ""), by=by).secret)
        if act == "stop":
            usecases.unhook(by=by)
        else:
            usecases.try_webhook(by=by)
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("网络回调已停用") if act == "stop" else gettext("测试消息已排队，稍后在下面看结果"))
    return redirect("notifications:messages")


@require_POST
def replay(request: HttpRequest, message: int) -> HttpResponse:
    """Send a message again that was given up."""
    try:
        usecases.replay(message, by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("消息已重新排队"))
    return redirect("notifications:messages")
