# SPDX-License-Identifier: Apache-2.0
"""The API of notifications: what reaches me, when; my webhook; my messages and sending one again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Status

from datong.contexts.notifications import queries, usecases
from datong.contexts.notifications.api import schemas
from datong.contexts.notifications.models import Dispatch, Preference
from datong.kernel.actors import Officer
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422), Problem)
LARGEST_KEY = 2**62


@router.get("/notifications/preferences", response={200: schemas.PreferenceOut, **REFUSALS}, operation_id="get_preferences")
def get_preferences(request: HttpRequest) -> dict[str, Any]:
    """What reaches the officer outside the pages, and when; `mail_server` tells whether the node sends mails at all."""
    return _preference(queries.preference(request.officer), request.officer)


@router.put("/notifications/preferences", response={200: schemas.PreferenceOut, **REFUSALS}, operation_id="set_preferences")
def set_preferences(request: HttpRequest, given: schemas.PreferenceIn) -> dict[str, Any]:
    """Choose address, kinds and the hour of the digest."""
    return _preference(usecases.prefer(by=request.officer, **given.dict()), request.officer)


@router.post("/notifications/webhook", response={201: schemas.HookedOut, **REFUSALS}, operation_id="set_webhook")
def set_webhook(request: HttpRequest, given: schemas.WebhookIn) -> Status:
    """Set the webhook; the answer holds a new secret, shown this once (Standard Webhooks, `v1`)."""
    made = usecases.hook(given.url, by=request.officer)
    return Status(201, {"url": made.webhook.url, "secret": made.secret})


@router.delete("/notifications/webhook", response={204: None, **REFUSALS}, operation_id="stop_webhook")
def stop_webhook(request: HttpRequest) -> Status:
    """Stop the webhook."""
    usecases.unhook(by=request.officer)
    return Status(204, None)


@router.post("/notifications/webhook/trial", response={201: schemas.MessageOut, **REFUSALS}, operation_id="try_webhook")
def try_webhook(request: HttpRequest) -> Status:
    """Send a trial message to the webhook."""
    return Status(201, _message(usecases.try_webhook(by=request.officer)))


@router.get("/notifications/messages", response={200: schemas.MessagesOut, **REFUSALS}, operation_id="list_messages")
def list_messages(request: HttpRequest, wanted: Query[schemas.MessagesIn]) -> dict[str, Any]:
    """The officer's messages, newest first."""
    rows = queries.dispatches(request.officer, stage=wanted.stage or "", channel=wanted.channel or "").order_by("-pk")
    if wanted.after:
        rows = rows.filter(pk__lt=min(wanted.after, LARGEST_KEY))
    found = list(rows[: wanted.limit])
    return {"items": [_message(row) for row in found], "next": found[-1].pk if len(found) == wanted.limit else None}


@router.post(
    "/notifications/messages/{message_id}/replay", response={200: schemas.MessageOut, **REFUSALS}, operation_id="replay_message"
)
def replay_message(request: HttpRequest, message_id: int) -> dict[str, Any]:
    """Send a message again that was given up or waits for its next try; it keeps its id."""
    return _message(usecases.replay(message_id, by=request.officer))


def _preference(row: Preference, by: Officer) -> dict[str, Any]:
    names = ("email", "at_once", "digest", "digest_hour")
    hook = queries.webhook(by)
    more = {"webhook": hook.url if hook else "", "mail_server": bool(settings.MAIL_SERVER)}
    return {**{name: getattr(row, name) for name in names}, **more}


def _message(row: Dispatch) -> dict[str, Any]:
    names = ("channel", "stage", "digest", "tries", "error", "made_at", "due_at", "sent_at")
    notice = row.notice
    about = {"kind": "trial", "title": "", "href": ""}
    if notice is not None:
        about = {"kind": notice.kind, "title": notice.title, "href": notice.href}
    return {"id": row.pk, "key": row.key, **about, **{name: getattr(row, name) for name in names}}
