# SPDX-License-Identifier: Apache-2.0
"""Error pages: unknown and forbidden look alike from outside."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from datong.kernel.errors import Refused


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """One page for what does not exist and for what may not be known."""
    return render(request, "errors/not_found.html", status=404)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form came without its token, or with the token of another session: written down nowhere, done nothing."""
    refusal = Refused(
        "页面已过期，操作没有提交 (this page is out of date; nothing was done)",
        remedy="返回原页刷新后重新提交 (go back, reload and send it again)",
    )
    return render(request, "errors/refused.html", {"refusal": refusal}, status=refusal.status)


def broken(request: HttpRequest) -> HttpResponse:
    """Something of ours broke; nothing of it is shown."""
    return render(request, "errors/broken.html", status=500)
