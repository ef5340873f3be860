# SPDX-License-Identifier: Apache-2.0
"""Tables of deliveries: each delivery with what became of it, and those that repeat.

Kept here: what was asked never changes; a schedule has one unfinished delivery at a time; nothing is deleted.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from datong.contexts.deliveries.domain.asking import CHANNELS
from datong.contexts.deliveries.domain.stages import UNFINISHED, DeliveryStage
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel


class Schedule(models.Model):
    """What is delivered again in the grant's update cycle (按周期交付)."""

    grant = models.ForeignKey("sharing.Grant", to_field="number", on_delete=models.PROTECT, related_name="+")
    wanted = models.JSONField(help_text="what is asked for each time")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    ended_by = models.CharField(max_length=150, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=300, blank=True, default="", help_text="why it ended")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"schedule {self.pk} of {self.grant_id}"


class Delivery(models.Model):
    """One delivery of what a grant lets out (交付; Order 809 art. 22)."""

    number = models.CharField(max_length=24, unique=True)
    mark = models.CharField(max_length=16, help_text="chance: with the number it names the delivery in a consumer's ledger")
    grant = models.ForeignKey("sharing.Grant", to_field="number", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16, choices=[(one.value, one.label) for one in CHANNELS])
    stage = models.CharField(max_length=16, choices=choices(DeliveryStage), default=DeliveryStage.QUEUED.value)
    wanted = models.JSONField(help_text="form, encoding, guard, traced, connection, place, mode, columns")
    target = models.CharField(max_length=300, blank=True, default="", help_text="the connection by its name; empty: to fetch")
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    lake_version = models.BigIntegerField(null=True)
    rows_done = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(null=True)
    size = models.BigIntegerField(default=0, help_text="bytes of the files")
    digest = models.CharField(max_length=64, blank=True, default="", help_text="SHA-256 of the manifest, or the sum of the rows")
    files = models.JSONField(default=list, help_text="name, size, rows, sha256, sm3 of each")
    told_apart_by = models.JSONField(default=list, help_text="columns of the traceable order: field and name of each")
    sides = models.JSONField(default=dict, help_text="counts and sums of both sides of a table")
    error = models.TextField(blank=True, default="")
    log = models.JSONField(default=list, help_text="lines a person can read, oldest first")
    retries = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="retried_by")
    schedule = models.ForeignKey(Schedule, null=True, on_delete=models.PROTECT, related_name="deliveries")

    class Meta:
        """Newest first."""

        ordering = ["-id"]
        indexes = [models.Index(fields=["stage", "-id"], name="delivery_by_stage")]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule"],
                condition=Q(stage__in=[one.value for one in UNFINISHED]),
                name="deliveries_one_unfinished_of_a_schedule",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def ledger_name(self) -> str:
        """What a consumer's database knows it by: numbers begin anew at another node, or after a restore."""
        return f"{self.number}-{self.mark}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return DeliveryStage(self.stage).label

    @property
    def moving(self) -> bool:
        """Whether it is under way."""
        return self.stage in UNFINISHED

    @property
    def is_table(self) -> bool:
        """Whether rows go into a table."""
        return self.channel == Channel.TABLE

    @property
    def columns_sent(self) -> list[tuple[str, str]]:
        """Item and column of a table; empty for files."""
        return list((self.wanted.get("columns") or {}).items()) if self.is_table else []

    @property
    def data_files(self) -> list[dict[str, Any]]:
        """Its files without those that hold their digests."""
        return [one for one in self.files if not one["name"].endswith((".sha256", ".sm3"))]
