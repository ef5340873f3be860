# SPDX-License-Identifier: Apache-2.0
"""Add a connection by the form of its kind; look at one, test it, replace its secret, retire it.

Kept here: a secret that was typed is never written back into a page, not even beside an error.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from datong.contexts.connections import domain, permissions, queries, usecases
from datong.contexts.connections.domain import ConnectionKind
from datong.contexts.connections.models import Connection
from datong.contexts.connections.pages import listing
from datong.kernel.errors import Conflict, DatongError, Malformed, Unknown
from datong.kernel.labels import choices

PARTS = {
    "host": _("主机"),
    "port": _("端口"),
    "database": _("数据库名"),
    "sslmode": _("传输加密"),
    "ssl": _("传输加密"),
    "charset": _("字符集"),
    "endpoint": _("服务地址"),
    "bucket": _("存储桶"),
    "region": _("区域"),
    "prefix": _("目录"),
    "folder": _("目录"),
    "fingerprint": _("主机指纹"),
    "base": _("接口地址"),
    "signing": _("认证方式"),
    "header": _("令牌请求头"),
    "check": _("测试路径"),
    "root": _("目录"),
}
"""Parts of addresses as people call them."""
SECRETS = {
    ConnectionKind.POSTGRES: _("口令"),
    ConnectionKind.MYSQL: _("口令"),
    ConnectionKind.S3: _("Secret Key"),
    ConnectionKind.SFTP: _("口令或者私钥"),
    ConnectionKind.HTTP: _("口令或者令牌"),
    ConnectionKind.FOLDER: _("口令"),
}
ACCOUNTS = {kind: _("账号") for kind in ConnectionKind} | {ConnectionKind.S3: _("Access Key")}
HINTS = {
    ConnectionKind.POSTGRES: _("PostgreSQL 和使用同一协议的数据库，如人大金仓。账号只需要读权限；用于交付时需要写权限。"),
    ConnectionKind.MYSQL: _("MySQL、MariaDB 和使用同一协议的数据库。"),
    ConnectionKind.S3: _("用 S3 协议的对象存储，读写 CSV、XLSX 和 Parquet 文件。"),
    ConnectionKind.SFTP: _("第一次测试通过后记住对方主机指纹，以后指纹变了就不再登录。"),
    ConnectionKind.HTTP: _("返回 JSON 的数据接口，按页码、游标或者下一页链接翻页。"),
    ConnectionKind.FOLDER: _("节点所在机器上的目录，含挂载的共享目录；只读，须由系统管理员列入允许的目录。"),
}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a kind, then fill in its form."""
    by = request.officer
    permissions.check_may_keep(by, by.department)
    asked = request.POST if request.method == "POST" else request.GET
    kind = asked.get("kind", "")
    if kind not in list(ConnectionKind):
        kinds = [(one.value, one.label, HINTS[one]) for one in ConnectionKind]
        return render(request, "connections/choose.html", {"kinds": kinds})
    if request.method == "GET":
        return _form(request, ConnectionKind(kind))
    parts = {part.name: asked.get(part.name, "") for part in domain.PARTS[ConnectionKind(kind)]}
    said = {"account": asked.get("account", ""), "secret": _typed(asked)}
    try:
        made = usecases.add(kind, asked.get("name", ""), parts, by=by, **said)
    except DatongError as error:
        return _form(request, ConnectionKind(kind), error)
    messages.success(request, gettext("连接已保存，请测试它是否可用"))
    return redirect("connections:connection", number=made.number)


@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One connection: address, last test, what uses it."""
    return _page(request, queries.connection(number, by=request.officer))


@require_POST
def decide(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Test, replace the secret, or retire."""
    act = ACTS.get(verb)
    if act is None:
        raise Unknown("没有此操作 (there is no such act)")
    try:
        words = act(request, number)
    except (Malformed, Conflict) as error:
        return _page(request, queries.connection(number, by=request.officer), error, verb)
    if words:
        messages.success(request, words)
    return redirect("connections:connection", number=number)


def _test(request: HttpRequest, number: str) -> str:
    usecases.try_out(number, by=request.officer)
    return ""  # the page itself says what came of it


def _secret(request: HttpRequest, number: str) -> str:
    usecases.replace_secret(number, _typed(request.POST), by=request.officer)
    return gettext("口令或者密钥已更换，请重新测试")


def _retire(request: HttpRequest, number: str) -> str:
    usecases.retire(number, by=request.officer)
    return gettext("连接已停用，保存的口令或者密钥已清除")


ACTS = {"test": _test, "secret": _secret, "retire": _retire}


def _typed(form: QueryDict) -> str:
    """A private key where one was pasted, else what stands in the field of passwords."""
    return form.get("key", "").strip() or form.get("secret", "")


def _form(request: HttpRequest, kind: ConnectionKind, error: DatongError | None = None) -> HttpResponse:
    given = request.POST if request.method == "POST" else {part.name: part.usual or "" for part in domain.PARTS[kind]}
    more = {
        "kind": kind,
        "parts": [(part, PARTS[part.name]) for part in domain.PARTS[kind]],
        "account_label": ACCOUNTS[kind],
        "secret_label": SECRETS[kind],
        "hint": HINTS[kind],
        "needs_account": domain.ACCOUNTS[kind],
        "values": given,
        "errors": dict(error.fields) if error else {},
        "refusal": error,
    }
    return render(request, "connections/new.html", more, status=error.status if error else 200)


def _page(request: HttpRequest, row: Connection, error: DatongError | None = None, verb: str = "") -> HttpResponse:
    kind = ConnectionKind(row.kind)
    may = permissions.check_may_keep.allowed(request.officer, row.department_id) and row.retired_at is None
    said = [(part, row.address.get(part.name, "")) for part in domain.PARTS[kind]]
    facts = [(PARTS[part.name], dict(part.taken).get(text, text)) for part, text in said if text]
    more: dict[str, Any] = {
        "row": row,
        "kind": kind,
        "kinds": dict(choices(ConnectionKind)),
        "shown": listing.shown(row),
        "facts": facts,
        "uses": list(queries.uses(row)),
        "words": row.test_words.split("；") if row.test_words else [],
        "may_keep": may,
        "secret_label": SECRETS[kind],
        "account_label": ACCOUNTS[kind],
        "errors": dict(error.fields) if error else {},
        "refusal": error,
        "verb": verb,
        "values": {},
    }
    return render(request, "connections/connection.html", more, status=error.status if error else 200)
