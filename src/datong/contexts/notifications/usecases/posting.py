# SPDX-License-Identifier: Apache-2.0
"""Webhooks: a signed message to the address a person gave."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import msgspec
from django.conf import settings

from datong.contexts.notifications.models import Dispatch, Webhook
from datong.contexts.notifications.usecases.sealing import open_secret
from datong.kernel.errors import DatongError
from datong.wire import posting, webhooks

GONE = "HTTP 410"
"""The receiver wants nothing more: given up at once."""


def send(rows: list[Dispatch]) -> str:
    """Send one message to its person's webhook.

    Returns:
        Why it failed, "" when the receiver took it.
    """
    row = rows[0]
    hook = Webhook.objects.filter(account=row.account_id, active=True).first()
    if hook is None:
        return "no webhook"
    try:
        address, secret = posting.where(hook.url, settings.WEBHOOK_NETWORKS), open_secret(hook.sealed, hook.account_id)
    except DatongError as refused:
        return refused.message.partition(" (")[0]
    body = msgspec.json.encode(document(row))
    status = posting.post(hook.url, address, webhooks.headers(secret, row.key, int(time.time()), body), body)
    return "" if status.startswith("HTTP 2") else status


def document(row: Dispatch) -> dict[str, object]:
    """Give what is sent: type, time, and of the notice its kind, subject, title and link."""
    notice = row.notice
    at = (notice.made_at if notice else row.made_at or datetime.now(UTC)).isoformat()
    if notice is None:
        return {"type": "webhook.trial", "timestamp": at, "data": {"node": settings.NODE.code}}
    shown = {
        "id": notice.pk,
        "kind": notice.kind,
        "subject_kind": notice.subject_kind,
        "subject": notice.subject,
        "title": notice.title,
    }
    link = f"{settings.NODE.address}{notice.href or '/notices'}"
    return {"type": f"notice.{notice.kind}", "timestamp": at, "data": {"node": settings.NODE.code, **shown, "href": link}}
