# SPDX-License-Identifier: Apache-2.0
"""Shapes of deciding: steps, opinions, more time, policies."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from datong.contexts.sharing.domain.chains import ChainStep, Post
from datong.contexts.sharing.usecases import PolicyDraft


class StepOut(Schema):
    """One post of one step on the way to an answer."""

    round: int = Field(description="grows when a completed request comes again")
    position: int
    seat: int
    mode: str = Field(description="all: every post of the step answers (会签); one: any does")
    role: str
    department: str = Field(description="empty: the authority of `region`, or anybody of the node")
    department_name: str
    region: str
    decides: bool = Field(description="the last step: its answer is the decision")
    policy: int | None
    stage: str
    opened_at: datetime | None
    vacant_at: datetime | None = Field(description="when it was found that nobody holds the post")
    opinion: str
    words: str
    account: str
    name: str
    at: datetime | None


class StepOpinionIn(Schema):
    """What a post says."""

    opinion: str = Field("", max_length=20, description="agree, part or object")
    words: str = Field("", max_length=20_000)


class MoreTimeIn(Schema):
    """A question for more time."""

    days: int = Field(0, description="working days more, 1 to 10")
    reason: str = Field("", max_length=20_000)


class ConsentIn(Schema):
    """The authority's answer to it."""

    consent: bool
    opinion: str = Field("", max_length=20_000)


class MoreTimeOut(Schema):
    """A question for more time and its answer; `number` is what the clock names as its ground."""

    number: str
    days: int
    reason: str
    stage: str
    asked_by: str
    asked_at: datetime
    opinion: str
    decided_by: str
    decided_at: datetime | None


class EndorsedIn(Schema):
    """Which requests."""

    numbers: list[str] = Field(default_factory=list, max_length=1000)


class EndorsedOut(Schema):
    """What became of one of several."""

    number: str
    stage: str = Field(description="empty where nothing was done")
    problem: dict[str, Any] | None


class PostIn(Schema):
    """Who is asked."""

    role: str = Field(max_length=40)
    home: str = Field("own", max_length=20, description="own, region, node or named")
    department: str = Field("", max_length=18, description="credit code, where home is named")


class StepIn(Schema):
    """One step before the provider's head."""

    mode: str = Field("all", max_length=20, description="all (会签) or one")
    posts: list[PostIn] = Field(default_factory=list, max_length=50)


class PolicyIn(Schema):
    """How requests are decided."""

    department: str = Field("", max_length=18, description="empty: every department of the own region and below")
    level: str = Field("", max_length=20)
    sharing_type: str = Field("", max_length=20)
    steps: list[StepIn] = Field(default_factory=list, max_length=50)
    automatic: bool = False
    reason: str = Field("", max_length=20_000)

    def draft(self) -> PolicyDraft:
        """Give what the use cases take."""
        steps = tuple(ChainStep(tuple(Post(**post.dict()) for post in step.posts), step.mode) for step in self.steps)
        return PolicyDraft(**self.dict(exclude={"steps"}), steps=steps)


class PolicyOut(PolicyIn):
    """A policy."""

    id: int
    region: str
    ordered: bool = Field(description="set by the authority")
    made_by: str
    made_at: datetime
    ended_at: datetime | None


class PoliciesIn(Schema):
    """Which policies, behind which."""

    ended: bool = False
    after: int = Field(0, ge=0, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class PoliciesOut(Schema):
    """A page of policies."""

    items: list[PolicyOut]
    next: int | None
