# SPDX-License-Identifier: Apache-2.0
"""Error pages: unknown and forbidden look alike from outside."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """One page for what does not exist and for what may not be known."""
    return render(request, "errors/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Something of ours broke; nothing of it is shown."""
    return render(request, "errors/broken.html", status=500)
