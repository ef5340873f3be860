# SPDX-License-Identifier: Apache-2.0
"""Tasks of destruction, one for each grant that ended, and the certificate that settles one (809 art. 27)."""

from typing import Any

from django.db import models
from django.db.models import Q

from datong.contexts.sharing.domain.disposals import DisposalMethod, DisposalStage
from datong.contexts.sharing.models.grants import Grant
from datong.kernel.labels import choices


class DisposalTask(models.Model):
    """数据销毁: what has to be destroyed until when; what was, how, by whom and when."""

    number = models.CharField(max_length=24, unique=True)
    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="disposal")
    stage = models.CharField(max_length=16, choices=choices(DisposalStage), default=DisposalStage.OPEN.value)
    ordered_at = models.DateTimeField()
    due = models.DateField(help_text="last day, in Shanghai")
    demand = models.CharField(max_length=1000, default="", blank=True, help_text="how the provider wants it done")
    what = models.CharField(max_length=1000, default="", blank=True, help_text="which data, where they were")
    method = models.CharField(max_length=16, choices=choices(DisposalMethod), default="", blank=True)
    performed_by = models.CharField(max_length=200, default="", blank=True, help_text="who destroyed it")
    performed_on = models.DateField(null=True)
    file_name = models.CharField(max_length=200, default="", blank=True)
    file = models.BinaryField(default=b"", help_text="scanned certificate, if there is one")
    file_digest = models.CharField(max_length=64, default="", blank=True, help_text="SHA-256")
    reason = models.CharField(max_length=1000, default="", blank=True, help_text="why it was lifted")
    settled_by = models.CharField(max_length=150, default="", blank=True)
    settled_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due", "number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_by="", settled_at=None) | (~Q(settled_by="") & Q(settled_at__isnull=False)),
                name="sharing_disposal_settled_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(stage=DisposalStage.CERTIFIED.value)
                | (~Q(what="") & ~Q(method="") & ~Q(performed_by="") & Q(performed_on__isnull=False)),
                name="sharing_disposal_certificate_whole",
            ),
            models.CheckConstraint(
                condition=~Q(stage=DisposalStage.LIFTED.value) | ~Q(reason=""), name="sharing_disposal_lifted_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(stage=DisposalStage.BREACHED.value) | Q(breached_at__isnull=False),
                name="sharing_disposal_breach_dated",
            ),
        ]
        indexes = [models.Index(fields=["stage", "due"], name="sharing_disposal_due")]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return DisposalStage(self.stage).label

    @property
    def title(self) -> str:
        """What people call it."""
        return self.grant.resource.name

    @property
    def href(self) -> str:
        """Page that shows it."""
        return f"/disposals/{self.number}"

    @property
    def home(self) -> Any:
        """The department that provided the data."""
        return self.grant.provider
