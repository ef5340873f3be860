# SPDX-License-Identifier: Apache-2.0
"""The document of a grant, for programs of the control plane."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from datong.contexts.exchange import usecases
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((401, 403, 404), Problem)


@router.get("/grants/{number}/openapi", response={200: dict[str, Any], **REFUSALS}, operation_id="get_grant_interface")
def get_grant_interface(request: HttpRequest, number: str) -> dict[str, Any]:
    """What a grant in force lets its holder call, as the OpenAPI document that the gateway tells the holder."""
    return usecases.described(number, by=request.officer).document
