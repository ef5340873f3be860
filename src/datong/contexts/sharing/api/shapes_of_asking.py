# SPDX-License-Identifier: Apache-2.0
"""Shapes of asking: the basket, the dry run, copies, what a request may cite."""

from __future__ import annotations

from datetime import date

from ninja import Schema
from pydantic import Field

from datong.contexts.sharing.api.schemas import RequestIn, RequestOut
from datong.contexts.sharing.domain import RequestDraft

COMMON = (
    *("application", "basis_kind", "basis", "scene", "scope", "purpose", "term_from", "term_until", "quota_per_day"),
    *("delivery_mode", "update_cycle"),
)


class LineIn(Schema):
    """A resource to put in the basket."""

    resource: str = Field(max_length=100)
    items: list[str] = Field(default_factory=list, max_length=2000, description="none: all that may be asked for")


class LineOut(Schema):
    """A resource in the basket."""

    line: int
    resource: str
    resource_name: str
    provider: str
    provider_name: str
    items: list[str]


class TogetherIn(Schema):
    """What holds for every resource of the basket."""

    application: str = Field("", max_length=100)
    basis_kind: str = Field("", max_length=100)
    basis: str = Field("", max_length=5000)
    scene: str = Field("", max_length=5000)
    scope: str = Field("", max_length=5000)
    purpose: str = Field("", max_length=2000)
    channels: list[str] = Field(default_factory=list, max_length=20, description="left out where not offered")
    term_from: date | None = None
    term_until: date | None = None
    quota_per_day: int | None = None
    delivery_mode: str = Field("", max_length=40)
    update_cycle: str = Field("", max_length=40)
    lines: list[int] | None = Field(None, max_length=100, description="null: the whole basket")
    file: bool = Field(default=False, description="hand in what is complete")

    def draft(self) -> RequestDraft:
        """Give what the use cases take."""
        return RequestDraft(**{name: getattr(self, name) for name in COMMON}, channels=tuple(self.channels))


class NumbersIn(Schema):
    """Several requests."""

    numbers: list[str] = Field(max_length=100)


class OutcomeOut(Schema):
    """What became of one of several."""

    resource: str
    number: str
    filed: bool
    code: str = Field(description="empty, or the code of the refusal")
    message: str
    errors: dict[str, str]
    left_out: list[str]


class OutcomesOut(Schema):
    """What became of each, in order."""

    items: list[OutcomeOut]


class CopyOut(Schema):
    """A new draft and the fields that could not come along whole."""

    request: RequestOut
    dropped: list[str]


class TrialIn(RequestIn):
    """A request as it would be handed in."""


class TrialItemOut(Schema):
    """One item and how it would be given."""

    field: str
    name: str
    sharing_type: str
    level: str
    personal: bool
    mask: str
    given: bool
    why: str


class TrialPostOut(Schema):
    """Who is asked."""

    role: str
    department: str
    department_name: str
    filled: bool


class TrialStepOut(Schema):
    """One step: all of its posts, or one of them."""

    position: int
    mode: str
    posts: list[TrialPostOut]
    decides: bool


class TrialDateOut(Schema):
    """A last day; `published` is false where holidays counted are not announced yet."""

    kind: str
    rule: str
    days: int
    event: date
    due: date
    latest: date
    published: bool
    warning: str
    calendar_version: str


class TrialOut(Schema):
    """What would come of a request: what one gets, who decides, by when, what is missing."""

    resource: str
    resource_name: str
    provider_name: str
    sharing_type: str
    hindrance: str
    complete: bool
    automatic: bool
    items: list[TrialItemOut]
    steps: list[TrialStepOut]
    dates: list[TrialDateOut]
    missing: dict[str, str]
    notes: list[str]


class BasisArticleOut(Schema):
    """An article cited often."""

    article: str
    gist: str


class LawToCiteOut(Schema):
    """A law in force that a request may cite."""

    title: str
    rank: str
    articles: list[BasisArticleOut]


class DutyToCiteOut(Schema):
    """A duty of the own department."""

    name: str
    basis: str
    cited: str


class BasesOut(Schema):
    """What a request may rest on; another citation may be written in."""

    laws: list[LawToCiteOut]
    duties: list[DutyToCiteOut]
