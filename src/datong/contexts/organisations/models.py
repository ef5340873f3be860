# SPDX-License-Identifier: Apache-2.0
"""Tables of organisations: divisions, departments, accounts, appointments, applications, calendars.

Kept here: keys are the codes people use (division code, USCC, client id), so a row of another context that points here
is readable by itself. Nothing is deleted that someone may have relied on: it is made inactive.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from datong.contexts.organisations.domain import SINGLE, DelegationState, Kind, Level, state_of
from datong.kernel.actors import Role
from datong.kernel.labels import choices
from datong.kernel.workdays import received_on

KEEP = {"on_delete": models.PROTECT, "related_name": "+"}


class Region(models.Model):
    """An administrative division in use (行政区划)."""

    code = models.CharField(max_length=6, primary_key=True)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", null=True, **KEEP)
    level = models.CharField(max_length=16, choices=choices(Level))

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Department(models.Model):
    """A government department: its division (块) and its superior in the line (条)."""

    uscc = models.CharField(max_length=18, primary_key=True)
    name = models.CharField(max_length=200, unique=True)
    short_name = models.CharField(max_length=50)
    region = models.ForeignKey(Region, **KEEP)
    parent = models.ForeignKey("self", null=True, **KEEP)
    kind = models.CharField(max_length=16, choices=choices(Kind))
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Account(AbstractBaseUser):
    """A person who signs in; of a department, or a system account of none."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100)
    department = models.ForeignKey(Department, null=True, **KEEP)
    active = models.BooleanField(default=True)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    must_change_password = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BaseUserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.username

    @property
    def is_active(self) -> bool:
        """What Django calls it."""
        return self.active

    def get_short_name(self) -> str:
        """The person's name, for Django."""
        return self.name


class Appointment(models.Model):
    """A role an account holds now; the acts keep the past."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=32, choices=choices(Role))
    appointed_by = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["account", "role"], name="organisations_role_once"),
            UniqueConstraint(
                fields=["account"],
                condition=Q(role__in=sorted(role.value for role in SINGLE)),
                name="organisations_one_of_three",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.role}"


class Delegation(models.Model):
    """授权代办: roles of one account that another of its department acts in as well, from a first to a last day."""

    principal = models.ForeignKey(Account, **KEEP, help_text="whose work it is")
    deputy = models.ForeignKey(Account, **KEEP, help_text="who does it")
    roles = ArrayField(models.CharField(max_length=32, choices=choices(Role)))
    first_day = models.DateField(help_text="in Shanghai")
    last_day = models.DateField(help_text="in Shanghai")
    reason = models.CharField(max_length=300)
    made_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.CharField(max_length=64, default="", blank=True, help_text="who ended it before its last day")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            CheckConstraint(condition=~Q(principal=F("deputy")), name="organisations_nobody_is_own_deputy"),
            CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="organisations_delegation_forward"),
            CheckConstraint(condition=~Q(roles=[]), name="organisations_delegation_has_roles"),
            CheckConstraint(condition=~Q(reason=""), name="organisations_delegation_has_reason"),
            CheckConstraint(
                condition=~Q(roles__overlap=sorted(role.value for role in SINGLE)), name="organisations_delegation_never_of_three"
            ),
            CheckConstraint(
                condition=Q(ended_by="", ended_at=None) | (~Q(ended_by="") & Q(ended_at__isnull=False)),
                name="organisations_delegation_ended_by_and_at",
            ),
        ]
        indexes = [models.Index(fields=["deputy"], condition=Q(ended_at=None), name="organisations_deputies")]

    def __str__(self) -> str:
        return f"{self.principal_id} by {self.deputy_id} {self.first_day} {self.last_day}"

    @property
    def state(self) -> DelegationState:
        """Where it stands today, in Shanghai."""
        return state_of(self.first_day, self.last_day, self.ended_at, received_on(datetime.now(UTC)))


class Application(models.Model):
    """An application system of a department (应用系统); its private key is nowhere here."""

    client_id = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200)
    responsible = models.CharField(max_length=100)
    department = models.ForeignKey(Department, **KEEP)
    public_key = models.TextField()
    key_id = models.CharField(max_length=16, unique=True)
    former_key = models.TextField(default="", blank=True, help_text="the key before, good until former_ends")
    former_key_id = models.CharField(max_length=16, default="", blank=True)
    former_ends = models.DateTimeField(null=True)
    networks = ArrayField(models.CharField(max_length=64), default=list, help_text="from which it calls; any where empty")
    signed = models.BooleanField(default=False, help_text="each call carries its signature (RFC 9421)")
    certificates = ArrayField(
        models.CharField(max_length=43), size=2, default=list, help_text="thumbprints (x5t#S256) of client certificates"
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["department", "name"], name="organisations_application_name"),
            CheckConstraint(
                condition=Q(former_key="", former_key_id="", former_ends=None)
                | (~Q(former_key="") & ~Q(former_key_id="") & Q(former_ends__isnull=False)),
                name="organisations_former_key_and_end",
            ),
        ]

    def __str__(self) -> str:
        return self.client_id


class Calendar(models.Model):
    """One import of one year's holidays and make-up days; the newest version of a year holds."""

    year = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField()
    days = models.JSONField()
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=300)
    published = models.BooleanField()
    imported_by = models.CharField(max_length=64)
    imported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["year", "version"], name="organisations_calendar_version"),
            CheckConstraint(condition=Q(year__gte=1949, year__lte=2200), name="organisations_calendar_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year} version {self.version}"


class Answer(models.Model):
    """The first answer to a write that came with an idempotency key, so that it is done once; kept for a day."""

    account = models.ForeignKey(Account, to_field="username", db_index=False, **KEEP)
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64, help_text="keyed digest of method, address and body")
    status = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=100, help_text="content type")
    body = models.BinaryField(null=True, help_text="null: it held a secret and is kept nowhere")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["account", "key"], name="organisations_answer_once")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.key}"
