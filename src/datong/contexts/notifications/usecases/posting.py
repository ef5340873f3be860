# SPDX-License-Identifier: Apache-2.0
"""Webhooks: a signed message to the address a person gave, and to no other place (SSRF).

Kept here: the name is resolved once and the connection goes to that very address, so that a name cannot change in between;
redirects are an error; nothing is read of an answer but its status; a proxy of the machine is not asked.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec
from django.conf import settings

from datong.contexts.notifications.models import Dispatch, Webhook
from datong.contexts.notifications.usecases.choosing import where
from datong.contexts.notifications.usecases.sealing import open_secret
from datong.kernel.errors import DatongError
from datong.wire import webhooks

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
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
        address, secret = where(hook.url), open_secret(hook.sealed, hook.account_id)
    except DatongError as refused:
        return refused.message.partition(" (")[0]
    body = msgspec.json.encode(document(row))
    status = post(hook.url, address, webhooks.headers(secret, row.key, int(time.time()), body), body)
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


def post(url: str, address: str, headers: dict[str, str], body: bytes) -> str:
    """Post a body to a URL whose name is not asked for again.

    Args:
        url: Checked.
        address: IP address its name stood for.
        headers: Of the message.
        body: As it is signed.

    Returns:
        "HTTP 204" and the like, or the kind of fault.
    """
    parts = urlsplit(url)
    place = f"[{address}]" if ":" in address else address
    pinned = urlunsplit(parts._replace(netloc=f"{place}:{parts.port}" if parts.port else place))
    named = {**headers, "host": parts.netloc, "user-agent": "datong-webhooks", "accept-encoding": "identity"}
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client,
            client.stream("POST", pinned, content=body, headers=named, extensions={"sni_hostname": parts.hostname}) as answer,
        ):
            return f"HTTP {answer.status_code}"
    except httpx.HTTPError as fault:
        return type(fault).__name__
