# SPDX-License-Identifier: Apache-2.0
"""Shapes of the API of subscriptions."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

from datong.contexts.subscriptions.domain import LONGEST_TITLE, LONGEST_WHY
from datong.wire.posting import LONGEST_URL


class ListIn(Schema):
    """What a list is narrowed by."""

    stage: str = Field("", max_length=16, description="a stage, or live for all that have not ended")
    grant: str = Field("", max_length=24)
    q: str = Field("", max_length=200)
    after: str = Field("", max_length=24, description="number of the last one of the page before")
    limit: int = Field(50, ge=1, le=200)


class SubscribeIn(Schema):
    """Under which grant, and what for."""

    grant: str = Field(max_length=24)
    title: str = Field(max_length=LONGEST_TITLE)


class WhyIn(Schema):
    """A reason."""

    why: str = Field("", max_length=LONGEST_WHY)


class PushIn(Schema):
    """Where events are sent."""

    url: str = Field(max_length=LONGEST_URL)


class SecretOut(Schema):
    """A secret, shown once."""

    secret: str = Field(json_schema_extra={"format": "password"})


class PushOut(Schema):
    """How far a push has come; never its address."""

    active: bool
    stuck: bool
    sent_to: str
    sent_at: datetime | None
    sent_events: int
    tries: int
    error: str


class SubscriptionOut(Schema):
    """One subscription."""

    number: str
    title: str
    grant: str
    resource: str
    stage: str
    start: str
    read_to: str
    read_at: datetime | None
    read_events: int
    made_by: str
    made_at: datetime
    why: str
    push: PushOut | None


class DeadLetterOut(Schema):
    """A batch that was given up."""

    id: int
    key: str
    after: str
    until: str
    events: int
    tries: int
    error: str
    stage: str
    at: datetime


class DetailOut(SubscriptionOut):
    """One subscription, how far behind it is, and what was given up."""

    newest: int | None = Field(description="version of the data up to which changes were told")
    unread: int | None = Field(description="events not read yet; none where everything has to be read anew")
    unsent: int | None
    dead: list[DeadLetterOut]


class ListOut(Schema):
    """A page."""

    items: list[SubscriptionOut]
    next: str | None
