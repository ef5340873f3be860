# SPDX-License-Identifier: Apache-2.0
"""Shapes of the API of notifications."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from datong.contexts.notifications.domain import DispatchStage, MessageChannel
from datong.contexts.periods.face import NoticeKind

SECRET = {"format": "password"}
"""Marks what is shown once: an answer that holds it is never kept (OpenAPI: format password)."""


class PreferenceIn(Schema):
    """What reaches oneself outside the pages."""

    email: str = Field("", max_length=254, description="empty: no mails")
    at_once: list[NoticeKind] = Field([], max_length=len(NoticeKind))
    digest: list[NoticeKind] = Field([], max_length=len(NoticeKind), description="gathered into one mail a day")
    digest_hour: int = Field(8, ge=0, le=23, description="in Shanghai")


class PreferenceOut(Schema):
    """What was chosen."""

    email: str
    at_once: list[str]
    digest: list[str]
    digest_hour: int
    webhook: str = Field(description="address in use, empty for none")
    mail_server: bool = Field(description="whether this node sends mails")


class WebhookIn(Schema):
    """Where messages go."""

    url: str = Field(max_length=500)


class HookedOut(Schema):
    """A webhook and its secret."""

    url: str
    secret: str = Field(json_schema_extra=SECRET)


class MessagesIn(Schema):
    """Which messages, behind which."""

    stage: DispatchStage | None = None
    channel: MessageChannel | None = None
    after: int = Field(0, ge=0, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class MessageOut(Schema):
    """A message; `key` is its webhook-id."""

    id: int
    key: str
    kind: str
    title: str
    href: str
    channel: str
    stage: str
    digest: bool
    tries: int
    error: str
    made_at: datetime
    due_at: datetime
    sent_at: datetime | None


class MessagesOut(Schema):
    """A page of messages, newest first."""

    items: list[MessageOut]
    next: int | None
