# SPDX-License-Identifier: Apache-2.0
"""Requests to take a published resource off the catalogue, each with its own review."""

from django.db import models
from django.db.models import Q

from datong.contexts.catalog.domain.removals import RemovalKind, RemovalStage
from datong.kernel.labels import choices


class Removal(models.Model):
    """撤销或取代: why a published resource should leave, what was settled with its users, who comes after it."""

    resource = models.ForeignKey("catalog.Resource", on_delete=models.PROTECT, related_name="removals")
    kind = models.CharField(max_length=16, choices=choices(RemovalKind))
    successor = models.ForeignKey("catalog.Resource", null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=2000)
    negotiation = models.CharField(
        max_length=2000, default="", blank=True, help_text="what was settled with the users, and its filing (809 art. 27)"
    )
    stage = models.CharField(max_length=16, choices=choices(RemovalStage), default=RemovalStage.ASKED.value)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    opinion = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource"], condition=Q(stage=RemovalStage.ASKED.value), name="catalog_one_removal_asked"
            ),
            models.CheckConstraint(
                condition=Q(kind=RemovalKind.WITHDRAWAL.value, successor=None)
                | Q(kind=RemovalKind.SUPERSESSION.value, successor__isnull=False),
                name="catalog_supersession_names_successor",
            ),
            models.CheckConstraint(
                condition=Q(decided_by="", decided_at=None) | (~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="catalog_removal_decided_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=[RemovalStage.APPROVED.value, RemovalStage.DECLINED.value])
                | Q(decided_at__isnull=False),
                name="catalog_removal_was_decided",
            ),
            models.CheckConstraint(
                condition=~Q(stage=RemovalStage.DECLINED.value) | ~Q(opinion=""), name="catalog_removal_declined_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def number(self) -> str:
        """What people and acts call it."""
        return f"W{self.pk}"
