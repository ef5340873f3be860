# SPDX-License-Identifier: Apache-2.0
"""Organisations: the words and the pure rules.

Kept here: kinds of departments, levels of divisions, which roles need a department, how long a lock-out lasts, and the
views other contexts see.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from datong.kernel.actors import Role, check_exclusive
from datong.kernel.errors import Conflict, Malformed, Refused
from datong.kernel.labels import Labelled

MOST_FAILURES = 5
"""Failed sign-ins in a row that lock an account."""
LOCKED_FOR = timedelta(minutes=15)
SINGLE = frozenset({Role.SYSADMIN, Role.SECURITY, Role.AUDITOR})
"""三员: at most one of them in one account (GB/T 39477-2020); kept by a constraint of the database too."""
WITHOUT_DEPARTMENT = SINGLE
"""Roles a system account may hold; every other one acts for a department."""
ANSWERS_KEPT_FOR = timedelta(hours=24)
"""How long a write is known by its idempotency key."""
USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,62}[a-z0-9]")
LONGEST_DELEGATION = timedelta(days=183)
"""A delegation covers an absence; a lasting need is an appointment."""
RESERVED = frozenset({"system"})
"""Names that acts use for the node itself."""


class Kind(Labelled):
    """What a department is (Order 809 art. 2)."""

    GOVERNMENT = "government", "人民政府"
    DEPARTMENT = "department", "政府部门"
    EMPOWERED = "empowered", "法律法规授权的组织"


class Level(Labelled):
    """Level of a division (GB/T 2260)."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "地级"
    COUNTY = "county", "县级"


@dataclass(frozen=True, slots=True)
class RegionView:
    """A division: six-digit code, name, code of the one above ("" for none), level."""

    code: str
    name: str
    parent: str
    level: str


ROOT = RegionView("100000", "中华人民共和国", "", Level.NATIONAL.value)
"""Division of the departments of the State Council; the published list begins below it."""


@dataclass(frozen=True, slots=True)
class DepartmentView:
    """A department as others see it.

    Attributes:
        uscc: Unified social credit code; its key everywhere.
        region: Six-digit code of its division (块).
        parent: USCC of its superior in the line (条), "" for none.
    """

    uscc: str
    name: str
    short_name: str
    region: str
    region_name: str
    parent: str
    kind: str
    active: bool


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application system that calls the gateway (应用系统); its former key is shown while it is still good."""

    client_id: str
    name: str
    address: str
    responsible: str
    department: str
    department_name: str
    public_key: str
    active: bool
    former_key: str = ""
    former_ends: datetime | None = None
    networks: tuple[str, ...] = ()
    signed: bool = False
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountView:
    """A person's account; roles sorted."""

    username: str
    name: str
    department: str
    department_name: str
    active: bool
    locked: bool
    must_change_password: bool
    two_factor: bool
    roles: tuple[str, ...]


class DelegationState(Labelled):
    """Where a delegation stands today."""

    PLANNED = "planned", "未开始"
    VALID = "valid", "代办中"
    OVER = "over", "已结束"


@dataclass(frozen=True, slots=True)
class DelegationView:
    """授权代办: who does whose work in which roles, from when until when."""

    id: int
    principal: str
    principal_name: str
    deputy: str
    deputy_name: str
    department: str
    department_name: str
    roles: tuple[str, ...]
    first_day: date
    last_day: date
    reason: str
    made_at: datetime
    ended_by: str
    ended_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered to a write.

    Attributes:
        status: HTTP status.
        kind: Content type, "" for none.
        body: The bytes that went out.
        secret: The bytes hold a secret, so they are kept nowhere.
        again: The write was done before, and this is the answer of then.
    """

    status: int
    kind: str
    body: bytes
    secret: bool = False
    again: bool = False


class KeyReused(Conflict):
    """An idempotency key came again with another request."""

    status = 422


class InFlight(Conflict):
    """The request of this idempotency key is still being worked on."""

    retry_after = 1


def check_username(text: str) -> str:
    """Check a sign-in name: 3 to 64 small letters, digits, dots, dashes, underscores; a letter first.

    Raises:
        Malformed: Another shape.
    """
    folded = unicodedata.normalize("NFKC", text).strip().lower()
    if not USERNAME.fullmatch(folded):
        why = "3 to 64 letters, digits, dots, dashes or underscores, a letter first"
        raise Malformed(f"a sign-in name has {why}", fields={"username": why})
    if folded in RESERVED:
        raise Malformed("this sign-in name stands for the node itself", fields={"username": "reserved"})
    return folded


def check_roles(roles: Iterable[Role], *, department: str) -> None:
    """Check that one account may hold these roles together.

    Raises:
        Refused: Two of 三员, or a role that acts for a department in an account that has none.
    """
    held = frozenset(roles)
    check_exclusive(held)
    homeless = held - WITHOUT_DEPARTMENT
    if homeless and not department:
        names = "、".join(sorted(role.label for role in homeless))
        raise Refused(
            f"{names} acts for a department and this account has none",
            fields={"role": "the account has no department"},
            remedy="use an account of a department",
        )


def check_term(first: date, last: date, today: date) -> None:
    """Check the days of a delegation: not in the past, forward, and not for good.

    Raises:
        Malformed: With the day that does not fit.
    """
    faults = {}
    if first < today:
        faults["first_day"] = "不早于今天 (not before today)"
    if last < first:
        faults["last_day"] = "不早于开始日期 (not before the first day)"
    elif last - first > LONGEST_DELEGATION:
        faults["last_day"] = f"最长 {LONGEST_DELEGATION.days} 天 (at most {LONGEST_DELEGATION.days} days)"
    if faults:
        raise Malformed("代办起止日期不合要求，见各字段 (the days of the delegation do not fit)", fields=faults)


def state_of(first: date, last: date, ended_at: datetime | None, today: date) -> DelegationState:
    """Tell where a delegation stands on a day."""
    if ended_at is not None or today > last:
        return DelegationState.OVER
    return DelegationState.PLANNED if today < first else DelegationState.VALID


def is_locked(locked_until: datetime | None, now: datetime) -> bool:
    """Tell whether an account is locked now."""
    return locked_until is not None and now < locked_until
