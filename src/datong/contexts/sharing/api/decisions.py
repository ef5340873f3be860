# SPDX-License-Identifier: Apache-2.0
"""Deciding: the steps of a request, opinions on the way, more time, several endorsed at once, policies."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.api import shapes_of_deciding as shapes
from datong.contexts.sharing.api.grants import REFUSALS
from datong.contexts.sharing.models import DecisionPolicy, DecisionStep, Extension
from datong.contexts.sharing.queries import chains
from datong.kernel.errors import problem

router = Router()
MORE_TIME = {200: shapes.MoreTimeOut, **REFUSALS}
STEPS = {200: list[shapes.StepOut], **REFUSALS}


@router.get("/requests/{number}/steps", response=STEPS, operation_id="list_steps")
def list_steps(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    """The steps a request takes to its answer, all rounds, with the opinions given."""
    return [step_out(row) for row in chains.steps(queries.request_of(number, by=request.officer))]


@router.post("/requests/{number}/opinion", response={200: shapes.StepOut, **REFUSALS}, operation_id="give_opinion")
def give_opinion(request: HttpRequest, number: str, given: shapes.StepOpinionIn) -> dict[str, Any]:
    """Give the opinion of one's post on the way to a decision."""
    return step_out(usecases.give_opinion(number, given.opinion, given.words, by=request.officer))


@router.get("/requests/{number}/extension", response=MORE_TIME, operation_id="get_request_extension")
def get_extension(request: HttpRequest, number: str) -> dict[str, Any]:
    """The question for more time, and its answer."""
    return extension_out(chains.extension_of(queries.request_of(number, by=request.officer)))


@router.post("/requests/{number}/extension", response={201: shapes.MoreTimeOut, **REFUSALS}, operation_id="ask_request_extension")
def ask_extension(request: HttpRequest, number: str, given: shapes.MoreTimeIn) -> Status:
    """Ask for up to ten working days more to answer a conditional request, as the provider's head (809 art. 21)."""
    return Status(201, extension_out(usecases.ask_extension(number, given.days, given.reason, by=request.officer)))


@router.post(
    "/requests/{number}/extension/decision",
    response={200: shapes.MoreTimeOut, **REFUSALS},
    operation_id="decide_request_extension",
)
def decide_extension(request: HttpRequest, number: str, given: shapes.ConsentIn) -> dict[str, Any]:
    """Consent to more time, or decline it, as the authority; the requester is told."""
    row = usecases.decide_extension(number, consent=given.consent, opinion=given.opinion, by=request.officer)
    return extension_out(row)


@router.post("/requests/endorsements", response={200: list[shapes.EndorsedOut], **REFUSALS}, operation_id="endorse_requests")
def endorse_requests(request: HttpRequest, given: shapes.EndorsedIn) -> list[dict[str, Any]]:
    """Stand behind several requests as the consumer's head; each is told for itself, done or refused."""
    made = usecases.endorse_requests(given.numbers, by=request.officer)
    return [{"number": one.number, "stage": one.stage, "problem": problem(one.error) if one.error else None} for one in made]


@router.get("/decision-policies", response={200: shapes.PoliciesOut, **REFUSALS}, operation_id="list_policies")
def list_policies(request: HttpRequest, wanted: Query[shapes.PoliciesIn]) -> dict[str, Any]:
    """Policies the officer may see, the newest first."""
    rows = chains.policies(request.officer, ended=wanted.ended).order_by("-pk")
    if wanted.after:
        rows = rows.filter(pk__lt=min(wanted.after, chains.LARGEST_KEY))
    found = list(rows[: wanted.limit])
    following = found[-1].pk if len(found) == wanted.limit else None
    return {"items": [policy_out(row) for row in found], "next": following}


@router.post("/decision-policies", response={201: shapes.PolicyOut, **REFUSALS}, operation_id="set_policy")
def set_policy(request: HttpRequest, given: shapes.PolicyIn) -> Status:
    """Set how requests are decided; the policy for the same department, level and type ends."""
    return Status(201, policy_out(usecases.set_policy(given.draft(), by=request.officer)))


@router.post("/decision-policies/{policy_id}/end", response={200: shapes.PolicyOut, **REFUSALS}, operation_id="end_policy")
def end_policy(request: HttpRequest, policy_id: Path[int]) -> dict[str, Any]:
    """End a policy; what stands above it applies again."""
    return policy_out(usecases.end_policy(policy_id, by=request.officer))


def step_out(row: DecisionStep) -> dict[str, Any]:
    """Give a step."""
    shown = (
        *("round", "position", "seat", "mode", "role", "region", "decides", "stage", "opened_at", "vacant_at"),
        *("opinion", "words", "account", "name", "at"),
    )
    home = row.department
    department = {"department": home.uscc if home else "", "department_name": home.name if home else ""}
    return {**department, "policy": row.policy_id, **{name: getattr(row, name) for name in shown}}


def extension_out(row: Extension) -> dict[str, Any]:
    """Give a question for more time."""
    shown = ("number", "days", "reason", "stage", "asked_by", "asked_at", "opinion", "decided_by", "decided_at")
    return {name: getattr(row, name) for name in shown}


def policy_out(row: DecisionPolicy) -> dict[str, Any]:
    """Give a policy."""
    shown = ("level", "sharing_type", "steps", "automatic", "ordered", "reason", "made_by", "made_at", "ended_at")
    return {
        "id": row.pk,
        "department": row.department_id or "",
        "region": row.region_id,
        **{name: getattr(row, name) for name in shown},
    }
