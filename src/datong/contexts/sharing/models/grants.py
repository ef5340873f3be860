# SPDX-License-Identifier: Apache-2.0
"""Grants: the signed permission, and beside it the stage it is in now (809 arts. 21, 25 and 27)."""

from django.db import models
from django.db.models import F, Q

from datong.contexts.sharing.domain.stages import GrantStage
from datong.contexts.sharing.models.requests import Request
from datong.kernel.labels import choices


class Grant(models.Model):
    """共享授权: the signed permission, and beside it the stage it is in now."""

    number = models.CharField(max_length=24, unique=True)
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="grant")
    document = models.BinaryField(help_text="canonical JSON, never changed")
    signature = models.TextField(help_text="base64 over the document")
    key_id = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the document, hexadecimal")
    stage = models.CharField(max_length=16, choices=choices(GrantStage), default=GrantStage.ACTIVE.value)
    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    application = models.ForeignKey("organisations.Application", on_delete=models.PROTECT, related_name="+")
    consumer = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_until = models.DateField(help_text="last day, in Shanghai")
    granted_at = models.DateTimeField()
    stage_reason = models.TextField(default="", blank=True)
    changed_by = models.CharField(max_length=150, default="", blank=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-granted_at", "-number"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="sharing_grant_term_in_order"),
            models.CheckConstraint(
                condition=Q(changed_by="", changed_at=None) | (~Q(changed_by="") & Q(changed_at__isnull=False)),
                name="sharing_grant_changed_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(stage=GrantStage.ACTIVE.value) | ~Q(stage_reason=""), name="sharing_grant_stage_has_reason"
            ),
        ]
        indexes = [models.Index(fields=["stage", "valid_until"], name="sharing_grant_stage_until")]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return GrantStage(self.stage).label
