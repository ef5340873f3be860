# SPDX-License-Identifier: Apache-2.0
"""Responsibilities: which department has to answer a demand by when, and what it answered (责任清单)."""

from typing import Any

from django.db import models
from django.db.models import Q

from datong.contexts.demands.domain.stages import DutyStage
from datong.contexts.demands.models.demands import Demand
from datong.kernel.labels import choices


class Responsibility(models.Model):
    """数据责任: one department's part in a demand; a demand that is given back gets another one."""

    number = models.CharField(max_length=28, unique=True, help_text="of the demand, and which one it is")
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, related_name="responsibilities")
    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000, help_text="why this department")
    assigned_by = models.CharField(max_length=150)
    assigned_at = models.DateTimeField(help_text="the clock starts")
    stage = models.CharField(max_length=16, choices=choices(DutyStage), default=DutyStage.OPEN.value)
    opinion = models.CharField(max_length=1000, default="", blank=True, help_text="of the answer")
    answered_by = models.CharField(max_length=150, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    ticket = models.ForeignKey(
        "catalog.UpdateTicket", null=True, on_delete=models.PROTECT, related_name="+", help_text="the compile task"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-assigned_at", "-number"]
        verbose_name_plural = "responsibilities"
        constraints = [
            models.UniqueConstraint(
                fields=["demand"],
                condition=Q(stage__in=[DutyStage.OPEN.value, DutyStage.ACCEPTED.value]),
                name="demands_one_holder",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="demands_assigned_with_reason"),
            models.CheckConstraint(
                condition=Q(answered_by="", answered_at=None) | (~Q(answered_by="") & Q(answered_at__isnull=False)),
                name="demands_duty_answered_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=[DutyStage.OPEN.value, DutyStage.ENDED.value]) | Q(answered_at__isnull=False),
                name="demands_duty_answered",
            ),
            models.CheckConstraint(
                condition=~Q(stage=DutyStage.NOT_HELD.value) | ~Q(opinion=""), name="demands_not_held_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(stage=DutyStage.ACCEPTED.value) | Q(ticket__isnull=False), name="demands_accepted_has_a_task"
            ),
        ]
        indexes = [models.Index(fields=["department", "stage"], name="demands_duty_department")]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return DutyStage(self.stage).label

    @property
    def title(self) -> str:
        """What people call it."""
        return self.demand.name

    @property
    def href(self) -> str:
        """The page on which it is answered."""
        return f"/demands/{self.demand.number}"

    @property
    def home(self) -> Any:
        """The department that demands."""
        return self.demand.department
