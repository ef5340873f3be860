# SPDX-License-Identifier: Apache-2.0
"""Operations on subscriptions, by the very verbs of the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.subscriptions import queries, usecases
from datong.contexts.subscriptions.api import schemas
from datong.contexts.subscriptions.models import Subscription
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
ONE = {200: schemas.SubscriptionOut, **REFUSALS}
SECRET = {200: schemas.SecretOut, **REFUSALS}
DEAD = {200: schemas.DeadLetterOut, **REFUSALS}
PLACE = "/subscriptions/{subscription}"


@router.get("/subscriptions", response={200: schemas.ListOut, **REFUSALS}, operation_id="list_subscriptions")
def list_subscriptions(request: HttpRequest, wanted: Query[schemas.ListIn]) -> dict[str, Any]:
    """Subscriptions the officer may see, newest first."""
    rows = queries.subscriptions(request.officer, **wanted.dict(exclude={"after", "limit"}))
    if wanted.after.isprintable() and wanted.after:
        rows = rows.filter(number__lt=wanted.after)
    found = list(rows[: wanted.limit])
    return {"items": [_out(row) for row in found], "next": found[-1].number if len(found) == wanted.limit else None}


@router.post("/subscriptions", response=ONE, operation_id="subscribe")
def subscribe(request: HttpRequest, given: schemas.SubscribeIn) -> dict[str, Any]:
    """Follow the changes of what a grant lets out, from now on."""
    return _out(usecases.subscribe(given.grant, given.title, by=request.officer))


@router.get(PLACE, response={200: schemas.DetailOut, **REFUSALS}, operation_id="get_subscription")
def get_subscription(request: HttpRequest, subscription: str) -> dict[str, Any]:
    """One subscription, how far behind it is, and what was given up."""
    row = queries.subscription_of(subscription, by=request.officer)
    standing = queries.standing(row)
    counts = {name: getattr(standing, name) for name in ("newest", "unread", "unsent")}
    return _out(row) | counts | {"dead": list(row.dead.all()[:50])}


@router.post(f"{PLACE}/pause", response=ONE, operation_id="pause_subscription")
def pause(request: HttpRequest, subscription: str, given: schemas.WhyIn) -> dict[str, Any]:
    """Give no events out until it goes on."""
    return _out(usecases.pause(subscription, given.why, by=request.officer))


@router.post(f"{PLACE}/resume", response=ONE, operation_id="resume_subscription")
def resume(request: HttpRequest, subscription: str) -> dict[str, Any]:
    """Go on where it stood."""
    return _out(usecases.resume(subscription, by=request.officer))


@router.post(f"{PLACE}/end", response=ONE, operation_id="end_subscription")
def end(request: HttpRequest, subscription: str, given: schemas.WhyIn) -> dict[str, Any]:
    """End it for good; a reason is needed."""
    return _out(usecases.end(subscription, given.why, by=request.officer))


@router.put(f"{PLACE}/push", response=SECRET, operation_id="push_subscription")
def push(request: HttpRequest, subscription: str, given: schemas.PushIn) -> dict[str, Any]:
    """Have events sent to an address; the secret is shown now and never again."""
    return {"secret": usecases.push_to(subscription, given.url, by=request.officer).secret}


@router.post(f"{PLACE}/push/secret", response=SECRET, operation_id="replace_subscription_secret")
def replace_secret(request: HttpRequest, subscription: str) -> dict[str, Any]:
    """Make a new secret; the one before signs as well for another day."""
    return {"secret": usecases.replace_secret(subscription, by=request.officer).secret}


@router.delete(f"{PLACE}/push", response={204: None, **REFUSALS}, operation_id="stop_subscription_push")
def stop_push(request: HttpRequest, subscription: str) -> Status:
    """Send nothing more."""
    usecases.stop_push(subscription, by=request.officer)
    return Status(204, None)


@router.post(f"{PLACE}/dead/{{key}}/replay", response=DEAD, operation_id="replay_dead_letter")
def replay(request: HttpRequest, subscription: str, key: int) -> Any:
    """Send a batch again that was given up."""
    return usecases.replay(subscription, key, by=request.officer)


@router.post(f"{PLACE}/dead/{{key}}/skip", response=DEAD, operation_id="skip_dead_letter")
def skip(request: HttpRequest, subscription: str, key: int, given: schemas.WhyIn) -> Any:
    """Pass a batch over that was given up; a reason is needed."""
    return usecases.skip(subscription, key, given.why, by=request.officer)


def _out(row: Subscription) -> dict[str, Any]:
    """Give a subscription in short."""
    push = getattr(row, "push", None)
    plain = ("number", "title", "stage", "start", "read_to", "read_at", "read_events", "made_by", "made_at", "why")
    return {
        "grant": row.grant_id,
        "resource": row.grant.resource_id,
        "push": {name: getattr(push, name) for name in schemas.PushOut.model_fields} if push is not None else None,
        **{name: getattr(row, name) for name in plain},
    }
