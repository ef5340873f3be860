# SPDX-License-Identifier: Apache-2.0
"""Tables of organisations: divisions, departments, accounts, appointments, applications, calendars.

Kept here: keys are the codes people use (division code, USCC, client id), so a row of another context that points here
is readable by itself. Nothing is deleted that someone may have relied on: it is made inactive.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from datong.contexts.organisations.domain import SINGLE, Kind, Level
from datong.kernel.actors import Role
from datong.kernel.labels import choices

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


class Application(models.Model):
    """An application system of a department (应用系统); its private key is nowhere here."""

    client_id = models.CharField(max_length=32, primary_key=True)
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200)
    responsible = models.CharField(max_length=100)
    department = models.ForeignKey(Department, **KEEP)
    public_key = models.TextField()
    key_id = models.CharField(max_length=16, unique=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["department", "name"], name="organisations_application_name")]

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
