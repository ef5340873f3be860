# SPDX-License-Identifier: Apache-2.0
"""Recalls of delivered batches, and what each department that got one says became of it (数据召回)."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from datong.contexts.corrections.domain.recalls import Disposal, RecallStage, ReceiptStage
from datong.kernel.labels import choices


class Recall(models.Model):
    """数据召回: one delivered batch called back, with its reason."""

    number = models.CharField(max_length=24, unique=True)
    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    batch = models.BigIntegerField(unique=True, help_text="number of the landed batch; recalled once")
    landed_at = models.DateTimeField(help_text="when that batch began to serve")
    reason = models.TextField()
    stage = models.CharField(max_length=16, choices=choices(RecallStage), default=RecallStage.OPEN.value)
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-number"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="corrections_recall_has_reason")]
        indexes = [models.Index(fields=["provider", "stage"], name="corrections_recall_provider")]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return RecallStage(self.stage).label


class Receipt(models.Model):
    """召回回执: what one department did with the recalled data."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="receipts")
    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    grants = ArrayField(models.CharField(max_length=24), help_text="under which it could have received them")
    stage = models.CharField(max_length=16, choices=choices(ReceiptStage), default=ReceiptStage.OUTSTANDING.value)
    disposal = models.CharField(max_length=16, choices=choices(Disposal), default="", blank=True)
    words = models.CharField(max_length=1000, default="", blank=True)
    answered_by = models.CharField(max_length=150, default="", blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["recall", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["recall", "department"], name="corrections_one_receipt"),
            models.CheckConstraint(
                condition=Q(stage=ReceiptStage.OUTSTANDING.value, answered_by="", answered_at=None, disposal="")
                | (Q(stage=ReceiptStage.ANSWERED.value, answered_at__isnull=False) & ~Q(answered_by="") & ~Q(disposal="")),
                name="corrections_receipt_answered",
            ),
        ]
        indexes = [models.Index(fields=["department", "stage"], name="corrections_receipt_waiting")]

    def __str__(self) -> str:
        return f"{self.recall_id} {self.department_id} {self.stage}"

    @property
    def number(self) -> str:
        """Number of the recall."""
        return self.recall.number

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return ReceiptStage(self.stage).label

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.recall.resource.name}：数据召回"

    @property
    def href(self) -> str:
        """The page on which it is given."""
        return f"/recalls/{self.recall.number}"

    @property
    def home(self) -> Any:
        """The department that recalls."""
        return self.recall.provider
