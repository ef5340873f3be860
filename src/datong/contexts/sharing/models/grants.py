# SPDX-License-Identifier: Apache-2.0
"""Grants: the signed permission, and beside it the stage it is in now (809 arts. 21, 25 and 27).

Kept here: one live grant for one scope (resource, application, purpose): what changes is a new grant that supersedes.
"""

from django.db import models
from django.db.models import F, Q

from datong.contexts.sharing.domain.lives import LIVE, GrantStage
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
    purpose = models.CharField(max_length=200, help_text="as in the document: with resource and application the scope")
    supersedes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="successors")
    valid_from = models.DateField()
    valid_until = models.DateField(help_text="last day, in Shanghai")
    granted_at = models.DateTimeField()
    stage_reason = models.TextField(default="", blank=True)
    changed_by = models.CharField(max_length=150, default="", blank=True)
    changed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True, help_text="first call that was truly answered, or batch that landed")
    mend_by = models.DateField(null=True, help_text="last day to put right what it was suspended for")

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
            models.UniqueConstraint(
                fields=["resource", "application", "purpose"],
                condition=Q(stage__in=[stage.value for stage in LIVE]),
                name="sharing_one_live_grant_of_a_scope",
            ),
        ]
        indexes = [models.Index(fields=["stage", "valid_until"], name="sharing_grant_stage_until")]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return GrantStage(self.stage).label


class GrantReminder(models.Model):
    """到期提醒: that both sides were reminded of the end of a grant, once for each number of days before it."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="reminders")
    days = models.PositiveSmallIntegerField(help_text="30, 7 or 1 days before the last one")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "days"], name="sharing_reminded_once")]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.days}"


class UseRecord(models.Model):
    """使用记录: what the consumer did with the data (809 arts. 26 and 29); never edited, kept three years at least."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="uses")
    used_from = models.DateField()
    used_until = models.DateField()
    scenario = models.CharField(max_length=500, help_text="使用场景")
    process = models.CharField(max_length=1000, help_text="使用过程")
    effect = models.CharField(max_length=1000, help_text="应用成效")
    storage = models.CharField(max_length=500, help_text="存储情况")
    destruction = models.CharField(max_length=500, help_text="销毁情况")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-used_until", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(used_until__gte=F("used_from")), name="sharing_use_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.used_from}"
