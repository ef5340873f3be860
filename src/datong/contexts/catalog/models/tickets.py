# SPDX-License-Identifier: Apache-2.0
"""Duties to update the catalogue; their periods are clocks."""

from django.db import models
from django.db.models import F, Q

from datong.contexts.catalog.domain.tickets import ExtensionStage, TicketCause, TicketStage
from datong.kernel.labels import choices


class UpdateTicket(models.Model):
    """更新事项: which law or duty changed when, and which entry answers it (809 art. 17)."""

    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey("catalog.Resource", null=True, on_delete=models.PROTECT, related_name="tickets")
    version = models.ForeignKey("catalog.Version", null=True, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=16, choices=choices(TicketCause))
    citation = models.CharField(max_length=500, help_text="law or document that changed")
    reason = models.CharField(max_length=2000, help_text="what has to change in the catalogue")
    event_on = models.DateField(help_text="day of the change; not counted")
    stage = models.CharField(max_length=16, choices=choices(TicketStage), default=TicketStage.OPEN.value)
    opened_by = models.CharField(max_length=150)
    opened_at = models.DateTimeField(auto_now_add=True)
    ended_by = models.CharField(max_length=150, default="", blank=True)
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=2000, default="", blank=True, help_text="why no update is needed")
    extension = models.CharField(max_length=16, choices=choices(ExtensionStage), default=ExtensionStage.NONE.value)
    extension_days = models.PositiveSmallIntegerField(null=True)
    extension_reason = models.CharField(max_length=1000, default="", blank=True)
    extension_asked_by = models.CharField(max_length=150, default="", blank=True)
    extension_decided_by = models.CharField(max_length=150, default="", blank=True)
    extension_opinion = models.CharField(max_length=1000, default="", blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_by="", ended_at=None) | (~Q(ended_by="") & Q(ended_at__isnull=False)),
                name="catalog_ticket_ended_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(stage=TicketStage.EXCUSED.value) | ~Q(ending=""), name="catalog_ticket_excused_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(stage=TicketStage.SUBMITTED.value) | Q(version__isnull=False),
                name="catalog_ticket_submitted_names_version",
            ),
            models.CheckConstraint(
                condition=Q(extension_decided_by="") | ~Q(extension_decided_by=F("extension_asked_by")),
                name="catalog_nobody_extends_himself",
            ),
        ]
        indexes = [models.Index(fields=["department", "stage"], name="catalog_ticket_department")]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def number(self) -> str:
        """What people, clocks and acts call it."""
        return f"U{self.pk}"
