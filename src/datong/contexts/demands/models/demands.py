# SPDX-License-Identifier: Apache-2.0
"""Demands: which data a department needs that it does not find in the catalogue (809 art. 20)."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from datong.contexts.demands.domain.drafts import LONGEST_ITEM, Urgency
from datong.contexts.demands.domain.stages import TO_REQUEST, Stage
from datong.kernel.labels import choices
from datong.kernel.sharing import RequestBasis


class Demand(models.Model):
    """数据需求: what is needed, why, from whom by when; and the entry that answers it."""

    number = models.CharField(max_length=24, unique=True)
    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=150)
    writers = ArrayField(models.CharField(max_length=150), help_text="accounts that had a hand in what it says")
    made_at = models.DateTimeField()
    name = models.CharField(max_length=200)
    items = ArrayField(models.CharField(max_length=LONGEST_ITEM), default=list, blank=True)
    basis_kind = models.CharField(max_length=24, choices=choices(RequestBasis), default="", blank=True)
    basis = models.CharField(max_length=500, default="", blank=True, help_text="citation with its clause")
    scene = models.CharField(max_length=500, default="", blank=True)
    purpose = models.CharField(max_length=200, default="", blank=True)
    expected = models.ForeignKey(
        "organisations.Department", null=True, on_delete=models.PROTECT, related_name="+", help_text="thought to hold the data"
    )
    expected_words = models.CharField(max_length=200, default="", blank=True)
    coverage = models.CharField(max_length=200, default="", blank=True, help_text="region and years, in words")
    urgency = models.CharField(max_length=16, choices=choices(Urgency), default=Urgency.ORDINARY.value)
    needed_by = models.DateField(null=True)
    stage = models.CharField(max_length=16, choices=choices(Stage), default=Stage.DRAFT.value)
    note = models.CharField(max_length=1000, default="", blank=True, help_text="why returned, declined, matched or sent back")
    filed_at = models.DateTimeField(null=True)
    endorsed_by = models.CharField(max_length=150, default="", blank=True)
    endorsed_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=150, default="", blank=True)
    reviewed_at = models.DateTimeField(null=True, help_text="matched, assigned or declined by the authority")
    resource = models.ForeignKey(
        "catalog.Resource", to_field="code", null=True, on_delete=models.PROTECT, related_name="+", help_text="entry that answers"
    )
    answered_by = models.CharField(max_length=150, default="", blank=True)
    answered_at = models.DateTimeField(null=True, help_text="when there was an entry to ask for")
    request = models.ForeignKey(
        "sharing.Request", to_field="number", null=True, on_delete=models.PROTECT, related_name="+", help_text="made from it"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-number"]
        constraints = [
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_by": "", f"{verb}_at": None})
                    | (~Q(**{f"{verb}_by": ""}) & Q(**{f"{verb}_at__isnull": False})),
                    name=f"demands_{verb}_by_and_at",
                )
                for verb in ("endorsed", "reviewed", "answered")
            ],
            models.CheckConstraint(
                condition=~Q(stage__in=[one.value for one in TO_REQUEST]) | Q(resource__isnull=False),
                name="demands_answer_names_an_entry",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=[Stage.DECLINED.value, Stage.RETURNED.value]) | ~Q(note=""), name="demands_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=[Stage.REVIEWING.value, Stage.ASSIGNED.value, Stage.COMPILING.value, Stage.DECLINED.value])
                | Q(endorsed_at__isnull=False),
                name="demands_consent_first",
            ),
        ]
        indexes = [
            models.Index(fields=["department", "stage"], name="demands_department"),
            models.Index(fields=["stage", "-made_at"], name="demands_stage"),
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
        return self.name

    @property
    def href(self) -> str:
        """The page that shows it."""
        return f"/demands/{self.number}"

    @property
    def home(self) -> Any:
        """The department that demands."""
        return self.department
