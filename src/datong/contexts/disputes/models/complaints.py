# SPDX-License-Identifier: Apache-2.0
"""Complaints by the public (809 art. 37), their record, and how often one address knocked."""

from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q

from datong.contexts.disputes.domain.complaints import About, Stage, Step
from datong.kernel.labels import choices


class Unassigned(NamedTuple):
    """In the place of a department while there is none."""

    name: str = ""


class Complaint(models.Model):
    """公众投诉: what somebody complains of. No address of the sender is kept; contact is his choice."""

    number = models.CharField(max_length=24, unique=True)
    code_hash = models.CharField(max_length=64, help_text="keyed hash of the code for looking it up")
    form = models.CharField(max_length=64, unique=True, help_text="of the form it came with: sent twice, it counts once")
    about = models.CharField(max_length=24, choices=choices(About))
    sealed = models.BinaryField(help_text="words, department named, contact")
    with_contact = models.BooleanField(default=False)
    stage = models.CharField(max_length=16, choices=choices(Stage), default=Stage.FILED.value)
    department = models.ForeignKey("organisations.Department", null=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    assigned_by = models.CharField(max_length=150, default="", blank=True)
    assigned_at = models.DateTimeField(null=True)
    replied_by = models.CharField(max_length=150, default="", blank=True)
    replied_at = models.DateTimeField(null=True)
    answer = models.TextField(default="", blank=True, help_text="what the complainant reads")
    closed_by = models.CharField(max_length=150, default="", blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-filed_at", "-number"]
        constraints = [
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_by": "", f"{verb}_at": None})
                    | (~Q(**{f"{verb}_by": ""}) & Q(**{f"{verb}_at__isnull": False})),
                    name=f"disputes_complaint_{verb}_by_and_at",
                )
                for verb in ("assigned", "replied", "closed")
            ],
            models.CheckConstraint(
                condition=~Q(stage__in=[Stage.ASSIGNED.value, Stage.REPLIED.value]) | Q(department__isnull=False),
                name="disputes_complaint_has_department",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.CLOSED.value) | (~Q(answer="") & Q(closed_at__isnull=False)),
                name="disputes_complaint_answered",
            ),
        ]
        indexes = [models.Index(fields=["department", "stage"], name="disputes_complaint_department")]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return Stage(self.stage).label

    @property
    def title(self) -> str:
        """What people call it."""
        return f"公众投诉：{About(self.about).label}"

    @property
    def href(self) -> str:
        """The page that shows it."""
        return f"/complaints/{self.number}"

    @property
    def home(self) -> Any:
        """The department it is assigned to; one without a name before."""
        return self.department or Unassigned()


class ComplaintEntry(models.Model):
    """投诉办理记录: one step of a complaint with its words; never edited."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=16, choices=choices(Step))
    words = models.TextField(default="", blank=True)
    department_name = models.CharField(max_length=200, default="", blank=True)
    account = models.CharField(max_length=150)
    name = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.kind}"


class Knock(models.Model):
    """How often one address came to a public form within one hour; the address itself is not kept."""

    door = models.CharField(max_length=16)
    visitor = models.CharField(max_length=64, help_text="keyed hash of the address")
    hour = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["door", "visitor", "hour"], name="disputes_knock_once")]
        indexes = [models.Index(fields=["hour"], name="disputes_knock_hour")]

    def __str__(self) -> str:
        return f"{self.door} {self.hour} {self.times}"
