# SPDX-License-Identifier: Apache-2.0
"""Health: alive is one thing, ready for work another."""

from __future__ import annotations

from django.db import connection
from django.db.utils import DatabaseError
from django.http import HttpRequest, JsonResponse


def healthz(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "alive"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """The database answers, so work can be done."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return JsonResponse({"status": "unready", "waiting_for": ["database"]}, status=503)
    return JsonResponse({"status": "ready"})
