# SPDX-License-Identifier: Apache-2.0
"""What the organisations API takes and gives."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema

from datong.contexts.organisations.domain import DelegationState, Kind
from datong.kernel.actors import Role

SECRET = {"format": "password"}
"""Marks what is shown once: an answer that holds it is never kept (OpenAPI: format password)."""


class PageIn(Schema):
    """A page of a list: those behind `after`."""

    after: str = Field("", max_length=64, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class OfficerOut(Schema):
    """Who is signed in."""

    account: str
    name: str
    department: str
    department_name: str
    region: str
    roles: list[str] = Field(description="roles held, those of the accounts acted for among them")
    acting_for: list[str] = Field(description="accounts whose work this one does today as their deputy")


class SessionOut(Schema):
    """The session; `officer` is null when nobody is signed in."""

    officer: OfficerOut | None
    csrf_token: str = Field(json_schema_extra=SECRET)
    password_due: bool


class SignInIn(Schema):
    """What a person types to sign in."""

    username: str = Field(max_length=64)
    password: str = Field(max_length=200, json_schema_extra=SECRET)
    code: str = Field("", max_length=8, description="one-time code, for an account with a second factor")


class PasswordIn(Schema):
    """The old and the new password."""

    old: str = Field(max_length=200, json_schema_extra=SECRET)
    new: str = Field(max_length=200, json_schema_extra=SECRET)


class TotpOut(Schema):
    """A second factor begun; show `address` as a QR code once."""

    address: str = Field(json_schema_extra=SECRET)


class SecondFactorIn(Schema):
    """A one-time code."""

    code: str = Field(max_length=8)


class DepartmentIn(Schema):
    """A department to create."""

    uscc: str = Field(max_length=18)
    name: str = Field(max_length=100)
    short_name: str = Field("", max_length=50)
    region: str = Field(max_length=6)
    kind: Literal[tuple(kind.value for kind in Kind)] = Kind.DEPARTMENT.value
    parent: str = Field("", max_length=18)


class DepartmentOut(Schema):
    """A department."""

    uscc: str
    name: str
    short_name: str
    region: str
    region_name: str
    parent: str
    kind: str
    active: bool


class DepartmentsIn(PageIn):
    """Filters of departments."""

    q: str = Field("", max_length=100)
    region: str = Field("", pattern=r"^[0-9]{0,6}$", description="beginning of a division code")


class DepartmentsOut(Schema):
    """A page of departments."""

    items: list[DepartmentOut]
    next: str | None


class AccountIn(Schema):
    """An account to create."""

    username: str = Field(max_length=64)
    name: str = Field(max_length=100)
    department: str = Field("", max_length=18)


class AccountOut(Schema):
    """An account."""

    username: str
    name: str
    department: str
    department_name: str
    active: bool
    locked: bool
    must_change_password: bool
    two_factor: bool
    roles: list[str]


class AccountsIn(PageIn):
    """Filters of accounts."""

    q: str = Field("", max_length=100)


class AccountsOut(Schema):
    """A page of accounts."""

    items: list[AccountOut]
    next: str | None


class PasswordOut(Schema):
    """A first password; shown this once and kept nowhere."""

    username: str
    password: str = Field(json_schema_extra=SECRET)


class AppointmentIn(Schema):
    """A role to give."""

    role: Literal[tuple(role.value for role in Role)]


class ApplicationIn(Schema):
    """An application system to register; without a public key a pair is made and the private key shown once."""

    name: str = Field(max_length=100)
    address: str = Field("", max_length=200)
    responsible: str = Field(max_length=100)
    public_key: str = Field("", max_length=4096)


class KeyIn(Schema):
    """A public key (PEM), or nothing for a fresh pair; for how many hours the old key stays good beside it."""

    public_key: str = Field("", max_length=4096)
    overlap: int = Field(0, ge=0, le=168)


class GuardIn(Schema):
    """From which networks an application calls, whether each call is signed (RFC 9421), with which certificates it connects."""

    networks: list[str] = Field(max_length=50, description="CIDR; none: from anywhere")
    signed: bool
    certificates: list[str] | None = Field(
        None, max_length=8, description="two at most, in PEM or by their SHA-256; none: any connection; left out: as it is"
    )


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(max_length=500)


class ApplicationOut(Schema):
    """An application system."""

    client_id: str
    name: str
    address: str
    responsible: str
    department: str
    department_name: str
    public_key: str
    active: bool
    former_key: str = Field(description="the key before, while it is still good beside the new one; else empty")
    former_ends: datetime | None
    networks: list[str]
    signed: bool
    certificates: list[str] = Field(description="thumbprints of the client certificates it connects with (x5t#S256)")


class RegisteredOut(Schema):
    """An application and, where a pair was made, its private key: shown this once and kept nowhere."""

    application: ApplicationOut
    private_key: str = Field(json_schema_extra=SECRET)


class ApplicationsOut(Schema):
    """A page of applications."""

    items: list[ApplicationOut]
    next: str | None


class RegionOut(Schema):
    """A division."""

    code: str
    name: str
    parent: str
    level: str


class RegionsIn(Schema):
    """The division whose parts are wanted."""

    parent: str = Field("", pattern=r"^([0-9]{6})?$", description="six digits, or nothing for the top")


class RegionsOut(Schema):
    """Divisions directly below one."""

    items: list[RegionOut]


class YearOut(Schema):
    """The version of a year that holds."""

    year: int
    version: int
    published: bool
    source: str
    days: list[dict[str, Any]]


class YearsOut(Schema):
    """The working calendar."""

    version: str
    items: list[YearOut]


class DayIn(Schema):
    """A day that is not as the weekend has it."""

    date: date
    isOffDay: bool  # noqa: N815 - holiday-cn writes it like this
    name: str = Field("", max_length=100)


class CalendarIn(Schema):
    """A year as holiday-cn writes it."""

    year: int = Field(ge=1949, le=2200)
    days: list[DayIn] = Field(max_length=400)
    source: str = Field(max_length=300)


class AddDaysIn(Schema):
    """A period in working days."""

    start: date
    count: int = Field(ge=1, le=2500)


class DueOut(Schema):
    """The last day of the period."""

    due: date
    published: bool
    warning: str | None
    version: str


class DelegationIn(Schema):
    """Who does one's work, in which roles, from when until when."""

    deputy: str = Field(max_length=64, description="sign-in name of another account of the department")
    roles: list[Role] = Field(min_length=1, max_length=len(Role))
    first_day: date = Field(description="in Shanghai; not in the past")
    last_day: date
    reason: str = Field(max_length=1000)


class DelegationsIn(Schema):
    """Which delegations, behind which."""

    state: DelegationState | None = None
    after: int = Field(0, ge=0, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class DelegationOut(Schema):
    """A delegation and where it stands today."""

    id: int
    principal: str
    principal_name: str
    deputy: str
    deputy_name: str
    department: str
    department_name: str
    roles: list[str]
    first_day: date
    last_day: date
    reason: str
    made_at: datetime
    ended_by: str
    ended_at: datetime | None
    state: str


class DelegationsOut(Schema):
    """A page of delegations, newest first."""

    items: list[DelegationOut]
    next: int | None
