# SPDX-License-Identifier: Apache-2.0
"""Disputes (809 art. 28), every word said in them with who and when, and the files handed in."""

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q

from datong.contexts.disputes.domain.disputes import OPEN, Side, Stage, Word
from datong.kernel.disputes import Disputable, Matter
from datong.kernel.labels import choices
from datong.kernel.workdays import received_on

KEEP = {"on_delete": models.PROTECT, "related_name": "+"}
TOGETHER = ("consumer_agreed", "provider_agreed", "escalated", "instructed", "appealed", "decided", "ended")


class Dispute(models.Model):
    """共享争议: what two departments disagree on, and who settles it."""

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16, choices=choices(Disputable))
    subject = models.CharField(max_length=44, help_text="number or code of what is disputed")
    subject_title = models.CharField(max_length=300)
    subject_href = models.CharField(max_length=200)
    matter = models.CharField(max_length=24, choices=choices(Matter))
    resource = models.ForeignKey("catalog.Resource", to_field="code", **KEEP)
    consumer = models.ForeignKey("organisations.Department", **KEEP)
    provider = models.ForeignKey("organisations.Department", **KEEP)
    opened_side = models.CharField(max_length=16, choices=choices(Side))
    claim = models.TextField(help_text="what the opening party asks for")
    stage = models.CharField(max_length=16, choices=choices(Stage), default=Stage.NEGOTIATING.value)
    region = models.CharField(max_length=6, help_text="division whose authority coordinates: same level or common superior")
    region_name = models.CharField(max_length=100)
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField()
    agreement = models.TextField(default="", blank=True, help_text="text both heads have to assent to")
    consumer_agreed_by = models.CharField(max_length=150, default="", blank=True)
    consumer_agreed_at = models.DateTimeField(null=True)
    provider_agreed_by = models.CharField(max_length=150, default="", blank=True)
    provider_agreed_at = models.DateTimeField(null=True)
    escalated_by = models.CharField(max_length=150, default="", blank=True)
    escalated_at = models.DateTimeField(null=True)
    instruction = models.TextField(default="", blank=True)
    reasons = models.TextField(default="", blank=True, help_text="of the instruction")
    instruction_document = models.CharField(max_length=100, default="", blank=True, help_text="文号, where there is one")
    instructed_by = models.CharField(max_length=150, default="", blank=True)
    instructed_at = models.DateTimeField(null=True)
    appealed_by = models.CharField(max_length=150, default="", blank=True)
    appealed_at = models.DateTimeField(null=True)
    decision = models.TextField(default="", blank=True, help_text="text of the government's decision")
    decision_document = models.CharField(max_length=100, default="", blank=True, help_text="文号 of the decision")
    decided_by = models.CharField(max_length=150, default="", blank=True, help_text="who recorded it")
    decided_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, default="", blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-number"]
        constraints = [
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_by": "", f"{verb}_at": None})
                    | (~Q(**{f"{verb}_by": ""}) & Q(**{f"{verb}_at__isnull": False})),
                    name=f"disputes_{verb}_by_and_at",
                )
                for verb in TOGETHER
            ],
            models.CheckConstraint(condition=~Q(consumer=F("provider")), name="disputes_two_parties"),
            models.CheckConstraint(
                condition=Q(stage__in=[one.value for one in OPEN], ended_at=None)
                | (~Q(stage__in=[one.value for one in OPEN]) & Q(ended_at__isnull=False)),
                name="disputes_ended",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.AGREED.value)
                | (~Q(agreement="") & Q(consumer_agreed_at__isnull=False, provider_agreed_at__isnull=False)),
                name="disputes_agreed_by_both",
            ),
            models.CheckConstraint(
                condition=Q(instructed_at=None) | (~Q(instruction="") & ~Q(reasons="")), name="disputes_instruction_reasoned"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | (~Q(decision="") & ~Q(decision_document="")), name="disputes_decision_document"
            ),
            models.UniqueConstraint(
                fields=["kind", "subject", "consumer"],
                condition=Q(stage__in=[one.value for one in OPEN]),
                name="disputes_one_open_of_a_thing",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "stage"], name="disputes_consumer"),
            models.Index(fields=["provider", "stage"], name="disputes_provider"),
            models.Index(fields=["region", "stage"], name="disputes_region"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return Stage(self.stage).label

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.resource.name}：{Matter(self.matter).label}"

    @property
    def href(self) -> str:
        """The page that shows it."""
        return f"/disputes/{self.number}"

    @property
    def home(self) -> Any:
        """The department that opened it."""
        return self.consumer if self.opened_side == Side.CONSUMER else self.provider

    @property
    def days_open(self) -> int:
        """Calendar days from the opening to the end, or to now."""
        return (received_on(self.ended_at or datetime.now(UTC)) - received_on(self.opened_at)).days


class Statement(models.Model):
    """争议记录: one thing said or done in a dispute; never edited."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="statements")
    side = models.CharField(max_length=16, choices=choices(Side))
    kind = models.CharField(max_length=16, choices=choices(Word))
    words = models.TextField()
    department_name = models.CharField(max_length=200)
    account = models.CharField(max_length=150)
    name = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.dispute_id} {self.kind}"


class Paper(models.Model):
    """One file handed in with a statement, sealed."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="papers")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256, hexadecimal")
    size = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["statement", "digest"], name="disputes_paper_once")]

    def __str__(self) -> str:
        return self.name
