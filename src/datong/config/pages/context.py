# SPDX-License-Identifier: Apache-2.0
"""What the shell around every page shows: node, officer, language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The node's name and the officer in front of the page."""
    return {"node_name": settings.NODE.name, "node_code": settings.NODE.code, "officer": getattr(request, "officer", None)}
