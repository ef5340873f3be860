# SPDX-License-Identifier: Apache-2.0
"""What others see of a published resource: frozen values, no rows.

Kept here: a view carries the effective type of each item, so that no reader has to know the rule of inheritance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item; sharing and opening type and level are the effective ones; `element` is the code of its data element."""

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
    element: str = ""


@dataclass(frozen=True, slots=True)
class ResourceView:
    """A resource in its current published version.

    Attributes:
        provider: Unified social credit code.
        version: Number of the version.
        version_id: Primary key of the version, for foreign keys from contexts above.
        items: Empty for those who are not signed in.
    """

    code: str
    name: str
    abstract: str
    class_code: str
    class_name: str
    provider: str
    provider_name: str
    region: str
    version: int
    version_id: int
    format_class: str
    format_type: str
    sharing_type: str
    sharing_scope: str
    sharing_use: tuple[str, ...]
    sharing_methods: tuple[str, ...]
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
    related: tuple[str, ...]
    published_at: datetime | None
    items: tuple[ItemView, ...]

    def item(self, field: str) -> ItemView | None:
        """Give the item of a field, None when there is none."""
        return next((item for item in self.items if item.field == field), None)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a resource was found, where its name, abstract and department do not show it.

    Attributes:
        kind: A value of `Found`.
        text: What it was found by, as the entry says it.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One resource found.

    Attributes:
        reasons: Why, where the hit itself does not show it.
    """

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
    class_code: str = ""
    class_name: str = ""
    region: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Facet:
    """One value to narrow a search by, and how many hits it leaves."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A page of hits.

    Attributes:
        facets: Name of a facet to its values, most hits first.
        words: Texts to be marked wherever a hit shows them.
        lenient: Nothing was found as asked; these are like it.
        indexed: The search index answered; otherwise the database alone, which knows no sounds, synonyms or typos.
        chosen: Facets that narrow, each to the words of its value.
    """

    hits: tuple[Hit, ...]
    total: int
    page: int
    pages: int
    facets: dict[str, tuple[Facet, ...]]
    words: tuple[str, ...] = ()
    lenient: bool = False
    indexed: bool = True
    chosen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to go on with while one still types.

    Attributes:
        kind: "resource", "department", "class" or "synonym".
        text: What is shown.
        value: Code of the resource, department or class; the words to search by for a synonym.
        note: What else tells it apart.
    """

    kind: str
    text: str
    value: str
    note: str = ""
