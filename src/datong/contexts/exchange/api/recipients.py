# SPDX-License-Identifier: Apache-2.0
"""Recipients: the profile file by which a grant is read as a table, who holds one, and how the table stands."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from datong.contexts.exchange import usecases
from datong.contexts.exchange.api import schemas
from datong.contexts.exchange.queries.recipients import RecipientView, recipients_of
from datong.contexts.exchange.usecases import MadeLink, Supply, TableState
from datong.contexts.sharing import face as sharing
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
READ_REFUSALS = dict.fromkeys((401, 404), Problem)


@router.post("/grants/{number}/recipient", response={200: schemas.ProfileOut, **REFUSALS}, operation_id="issue_profile")
def issue_profile(request: HttpRequest, number: str, taking: schemas.TakingIn | None = None) -> dict[str, Any]:
    """Give the Delta Sharing profile file of a grant, this once; the one before works for another day."""
    networks = taking.networks if taking else None
    return usecases.issue_profile(number, by=request.officer, networks=networks)


@router.get("/grants/{number}/table", response={200: schemas.TableStateOut, **READ_REFUSALS}, operation_id="get_table")
def get_table(request: HttpRequest, number: str) -> TableState:
    """Tell how the table of a grant stands."""
    return usecases.table_state(number, by=request.officer)


@router.get("/grants/{number}/supply", response={200: schemas.SupplyOut, **READ_REFUSALS}, operation_id="get_supply")
def get_supply(request: HttpRequest, number: str) -> Supply:
    """Tell what a grant promises of the supply, and what happened."""
    return usecases.supply(number, by=request.officer)


@router.get(
    "/grants/{number}/recipients", response={200: list[schemas.RecipientOut], **READ_REFUSALS}, operation_id="list_recipients"
)
def list_recipients(request: HttpRequest, number: str) -> list[RecipientView]:
    """List the recipients of a grant, the newest first."""
    return recipients_of(sharing.grant(number, by=request.officer).number)


@router.post(
    "/grants/{number}/recipients/{int:recipient}/stop",
    response={200: schemas.RecipientOut, **REFUSALS},
    operation_id="stop_recipient",
)
def stop_recipient(request: HttpRequest, number: str, recipient: int) -> RecipientView:
    """End a recipient at once."""
    return usecases.stop_recipient(number, recipient, by=request.officer)


@router.put(
    "/grants/{number}/recipients/{int:recipient}/networks",
    response={200: schemas.RecipientOut, **REFUSALS},
    operation_id="limit_recipient",
)
def limit_recipient(request: HttpRequest, number: str, recipient: int, said: schemas.NetworksIn) -> RecipientView:
    """Say from which networks a recipient reads; checked at every request, reads of files included."""
    return usecases.limit_recipient(number, recipient, said.networks, by=request.officer)


@router.post(
    "/grants/{number}/activation-link", response={201: schemas.LinkOut, **REFUSALS}, operation_id="make_activation_link"
)
def make_activation_link(request: HttpRequest, number: str, taking: schemas.TakingIn | None = None) -> Status:
    """Make a link by which the profile file is taken once within 72 hours, without an account; one made before ends."""
    networks = taking.networks if taking else None
    made: MadeLink = usecases.make_link(number, by=request.officer, networks=networks)
    return Status(201, made)


@router.delete("/grants/{number}/activation-link", response={204: None, **REFUSALS}, operation_id="withdraw_activation_link")
def withdraw_activation_link(request: HttpRequest, number: str) -> Status:
    """End the link of a grant that was not used."""
    usecases.withdraw_link(number, by=request.officer)
    return Status(204, None)
