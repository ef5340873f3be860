# SPDX-License-Identifier: Apache-2.0
"""Recipients: the profile file by which a grant is read as a table."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from datong.contexts.exchange import usecases
from datong.contexts.exchange.api import schemas
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)


@router.post("/grants/{number}/recipient", response={200: schemas.ProfileOut, **REFUSALS}, operation_id="issue_profile")
def issue_profile(request: HttpRequest, number: str) -> dict[str, Any]:
    """Give the Delta Sharing profile file of a grant, this once; the one before works for another day."""
    return usecases.issue_profile(number, by=request.officer)
