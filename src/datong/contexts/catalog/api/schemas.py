# SPDX-License-Identifier: Apache-2.0
"""Shapes of the catalogue API; what a value may be is told in full by the use case, all faults at once."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from datong.contexts.catalog.domain import EntryDraft, ItemDraft


class ClassOut(Schema):
    """A class of 类/项/目/细目."""

    code: str
    name: str
    level: int


class ClassIn(Schema):
    """A 目 or 细目 to add."""

    code: str = Field(max_length=64)
    name: str = Field(max_length=1000)


class ItemIn(Schema):
    """One item handed in."""

    field: str = Field("", max_length=1000)
    name: str = Field("", max_length=1000)
    type: str = Field("", max_length=100)
    length: int | None = None
    precision: int | None = None
    code_list: str = Field("", max_length=5000)
    sharing_type: str = Field("", max_length=100)
    opening_type: str = Field("", max_length=100)
    level: str = Field("", max_length=100)
    personal: bool = False
    key: bool = False
    nullable: bool = True
    query: bool = False
    description: str = Field("", max_length=5000)
    element: str = Field("", max_length=100, description="code of a data element")


class EntryIn(Schema):
    """A whole entry handed in; empty means not given yet."""

    class_code: str = Field("", max_length=64)
    name: str = Field("", max_length=5000)
    secrecy: str = Field("none", max_length=100)
    abstract: str = Field("", max_length=20_000)
    format_class: str = Field("", max_length=100)
    format_type: str = Field("", max_length=1000)
    sharing_type: str = Field("", max_length=100)
    sharing_scope: str = Field("", max_length=5000)
    sharing_use: list[str] = Field(default_factory=list, max_length=20)
    sharing_methods: list[str] = Field(default_factory=list, max_length=20)
    withheld_basis_rank: str = Field("", max_length=100)
    withheld_basis: str = Field("", max_length=5000)
    withheld_reason: str = Field("", max_length=20_000)
    use_conditions: str = Field("", max_length=20_000)
    opening_type: str = Field("", max_length=100)
    opening_condition: str = Field("", max_length=5000)
    update_cycle: str = Field("", max_length=100)
    level: str = Field("", max_length=100)
    secrecy_assessment: str = Field("", max_length=5000)
    personal_assessment: str = Field("", max_length=5000)
    contact: str = Field("", max_length=2000)
    system: str = Field("", max_length=2000)
    related: list[str] = Field(default_factory=list, max_length=200)
    items: list[ItemIn] = Field(default_factory=list, max_length=5000)

    def draft(self) -> EntryDraft:
        """Give what the use cases take."""
        values = self.dict(exclude={"items"})
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return EntryDraft(**values, items=tuple(ItemDraft(**item.dict()) for item in self.items))


class RevisionIn(EntryIn):
    """A whole entry that replaces a draft."""

    revision: int | None = Field(None, description="revision the change was made on; 409 when another came between")

    def draft(self) -> EntryDraft:
        """Give what the use cases take."""
        return EntryIn(**self.dict(exclude={"revision"})).draft()


class OpinionIn(Schema):
    """An opinion or reason."""

    opinion: str = Field("", max_length=20_000)


class ItemOut(Schema):
    """One item with its effective types."""

    field: str
    name: str
    type: str
    length: int | None
    precision: int | None
    code_list: str
    sharing_type: str
    opening_type: str
    level: str
    personal: bool
    key: bool
    nullable: bool
    query: bool
    description: str
    element: str


class ResourceOut(Schema):
    """A published resource; items only for those signed in."""

    code: str
    name: str
    abstract: str
    class_code: str
    class_name: str
    provider: str
    provider_name: str
    region: str
    version: int
    format_class: str
    format_type: str
    sharing_type: str
    sharing_scope: str
    sharing_use: list[str]
    sharing_methods: list[str]
    withheld_basis_rank: str
    withheld_basis: str
    withheld_reason: str
    use_conditions: str
    opening_type: str
    opening_condition: str
    update_cycle: str
    level: str
    contact: str
    system: str
    related: list[str]
    published_at: datetime | None
    items: list[ItemOut]


class ReasonOut(Schema):
    """Why a resource was found, where the hit itself does not show it."""

    kind: str = Field(description="item, class, synonym or sound")
    text: str


class HitOut(Schema):
    """One resource found."""

    code: str
    name: str
    abstract: str
    provider: str
    provider_name: str
    sharing_type: str
    opening_type: str
    update_cycle: str
    level: str
    format_class: str
    published_on: date | None
    class_code: str
    class_name: str
    region: str
    reasons: list[ReasonOut]


class FacetOut(Schema):
    """One value to narrow by."""

    value: str
    label: str
    count: int


class SearchIn(Schema):
    """What to look for."""

    q: str = Field("", max_length=500)
    class_code: str = Field("", max_length=32)
    category: str = Field("", max_length=1)
    provider: str = Field("", max_length=18)
    region: str = Field("", max_length=6)
    sharing_type: str = Field("", max_length=20)
    opening_type: str = Field("", max_length=20)
    update_cycle: str = Field("", max_length=20)
    level: str = Field("", max_length=20)
    format_class: str = Field("", max_length=20)
    theme: str = Field("", max_length=32)
    freshness: str = Field("", max_length=20)
    sort: str = Field("", max_length=20, description="newest, name or provider; else by rank")
    page: int = Field(1, ge=1, le=1_000_000)
    per_page: int = Field(20, ge=1, le=100)


class SearchOut(Schema):
    """A page of hits with facets."""

    hits: list[HitOut]
    total: int
    page: int
    pages: int
    facets: dict[str, list[FacetOut]]
    words: list[str] = Field(description="texts to be marked")
    lenient: bool = Field(description="nothing was found as asked; these are like it")
    indexed: bool = Field(description="false while the index is rebuilt: no sounds, other names or typos")


class EntryOut(Schema):
    """A version of an entry in short."""

    id: int
    code: str
    version: int
    revision: int
    stage: str
    name: str
    provider: str
    provider_name: str
    opinion: str
    due: date | None
    changed_at: datetime


class EntryDetailOut(EntryOut):
    """A version of an entry with all it says."""

    created_by: str
    filed_by: str
    consented_by: str
    reviewed_by: str
    entry: EntryIn
    missing: dict[str, str] = Field(description="field to what still has to be given before filing")


class EntriesIn(Schema):
    """Which entries, behind which."""

    stage: str = Field("", max_length=20)
    q: str = Field("", max_length=200)
    mine: bool = False
    after: int = Field(0, ge=0, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class EntriesOut(Schema):
    """A page of entries, newest first."""

    items: list[EntryOut]
    next: int | None


class HintOut(Schema):
    """A computed finding for the review."""

    quality: str
    ok: bool
    message: str
