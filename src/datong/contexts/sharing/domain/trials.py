# SPDX-License-Identifier: Apache-2.0
"""What a request would come to, before it is handed in: what one gets, who decides, by when, what is missing (809 art. 20).

Kept here: a trial promises nothing; it says what the rules as they stand give, in the same words as the real thing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TrialItem:
    """One item and how it would be given.

    Attributes:
        mask: Default mask, `none` for as it is.
        given: Whether it can be given at all.
        why: Law that withholds it, or why it is masked; empty when given as it is.
    """

    field: str
    name: str
    sharing_type: str
    level: str
    personal: bool
    mask: str
    given: bool
    why: str


@dataclass(frozen=True, slots=True)
class TrialPost:
    """Who is asked in a step; `filled` tells whether somebody holds the post."""

    role: str
    department: str
    department_name: str
    filled: bool


@dataclass(frozen=True, slots=True)
class TrialStep:
    """One step: all of its posts, or any of them; `decides` marks the answer itself."""

    position: int
    mode: str
    posts: tuple[TrialPost, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class TrialDate:
    """A last day.

    Attributes:
        kind: answer or delivery.
        event: Day the period is counted from, itself not counted.
        latest: Last day were it extended with the authority's consent; the same day where it may not be.
        published: False: the holidays of a year counted are not announced yet (未公布).
    """

    kind: str
    rule: str
    days: int
    event: date
    due: date
    latest: date
    published: bool
    warning: str
    calendar_version: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A whole dry run.

    Attributes:
        hindrance: Why nothing can be asked for at all, with the law; empty otherwise.
        automatic: The node answers at once, on the authority's policy.
        dates: As if the own head agreed today.
        missing: Field to what is missing or does not fit, all at once.
        notes: What else one should know.
    """

    resource: str
    resource_name: str
    provider_name: str
    sharing_type: str
    hindrance: str
    items: tuple[TrialItem, ...]
    steps: tuple[TrialStep, ...]
    automatic: bool
    dates: tuple[TrialDate, ...]
    missing: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether it could be filed as it is."""
        return not self.missing and not self.hindrance
