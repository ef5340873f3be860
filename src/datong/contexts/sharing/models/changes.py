# SPDX-License-Identifier: Apache-2.0
"""Changes of a service that others live on: the proposal, each consumer's answer, the filing (809 art. 27)."""

from typing import Any

from django.db import models
from django.db.models import Q

from datong.contexts.sharing.domain.changes import CHANGE_UNDER_WAY, ChangeAnswer, ChangeKind, ChangeStage
from datong.kernel.labels import choices


class ServiceChange(models.Model):
    """服务变更: what a provider wants to stop or alter, why, from when, and how far it has come."""

    number = models.CharField(max_length=24, unique=True)
    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    provider = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=choices(ChangeKind))
    what = models.CharField(max_length=2000, help_text="what is to change")
    reason = models.CharField(max_length=2000)
    effective_on = models.DateField(help_text="first day on which it may take effect")
    answer_by = models.DateField(help_text="last day for the consumers' answers")
    stage = models.CharField(max_length=16, choices=choices(ChangeStage), default=ChangeStage.NEGOTIATING.value)
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    filed_by = models.CharField(max_length=150, default="", blank=True)
    filed_at = models.DateTimeField(null=True)
    negotiation = models.CharField(max_length=2000, default="", blank=True, help_text="how it was settled, in words")
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    filing = models.CharField(max_length=100, default="", blank=True, help_text="number of the filing (备案)")
    opinion = models.CharField(max_length=2000, default="", blank=True)
    ended_by = models.CharField(max_length=150, default="", blank=True)
    ended_at = models.DateTimeField(null=True, help_text="took effect, or was dropped")

    class Meta:
        ordering = ["-proposed_at", "-number"]
        constraints = [
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_by": "", f"{verb}_at": None})
                    | (~Q(**{f"{verb}_by": ""}) & Q(**{f"{verb}_at__isnull": False})),
                    name=f"sharing_change_{verb}_by_and_at",
                )
                for verb in ("filed", "decided", "ended")
            ],
            models.UniqueConstraint(
                fields=["resource"],
                condition=Q(stage__in=[stage.value for stage in CHANGE_UNDER_WAY]),
                name="sharing_one_change_under_way",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=[ChangeStage.RECORDED.value, ChangeStage.EFFECTED.value]) | ~Q(filing=""),
                name="sharing_change_was_filed",
            ),
            models.CheckConstraint(
                condition=~Q(stage=ChangeStage.DECLINED.value) | ~Q(opinion=""), name="sharing_change_declined_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return ChangeStage(self.stage).label

    @property
    def title(self) -> str:
        """What people call it."""
        return self.resource.name

    @property
    def href(self) -> str:
        """Page that shows it."""
        return f"/changes/{self.number}"

    @property
    def home(self) -> Any:
        """The department that wants it."""
        return self.provider


class ChangeReply(models.Model):
    """协商记录: what one consumer says of a proposed change, and the grants it lives on."""

    change = models.ForeignKey(ServiceChange, on_delete=models.PROTECT, related_name="replies")
    consumer = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    grants = models.JSONField(default=list, help_text="numbers of its live grants when it was proposed")
    answer = models.CharField(max_length=16, choices=choices(ChangeAnswer), default=ChangeAnswer.PENDING.value)
    words = models.CharField(max_length=1000, default="", blank=True)
    answered_by = models.CharField(max_length=150, default="", blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["change", "consumer"], name="sharing_change_one_reply"),
            models.CheckConstraint(
                condition=Q(answered_by="", answered_at=None) | (~Q(answered_by="") & Q(answered_at__isnull=False)),
                name="sharing_reply_answered_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(answer=ChangeAnswer.OBJECTED.value) | ~Q(words=""), name="sharing_objection_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change_id} {self.consumer_id} {self.answer}"
