# SPDX-License-Identifier: Apache-2.0
"""Imports of entries from workbooks: the job, and what became of each entry.

Kept here: an entry of a job is imported once, in the transaction that says so, so that a job may be taken up again
where it stopped; what was not understood stays as it stood.
"""

from django.db import models

from datong.contexts.catalog.domain.imports import ImportStage, RowState
from datong.contexts.catalog.models.entries import Version
from datong.kernel.labels import choices


class ImportJob(models.Model):
    """One workbook handed in (批量导入)."""

    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, help_text="file name as its owner knows it")
    stored = models.CharField(max_length=300, help_text="path below the node's uploads folder")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file")
    class_code = models.CharField(max_length=32, default="", blank=True, help_text="class of entries that name none")
    stage = models.CharField(max_length=16, choices=choices(ImportStage), default=ImportStage.QUEUED.value)
    total = models.PositiveIntegerField(default=0)
    imported = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    orphans = models.JSONField(default=list, help_text="rows of items without an entry: sheet, line, reason")
    result = models.CharField(max_length=300, default="", blank=True, help_text="path of the sheet that comes back")
    error = models.TextField(default="", blank=True)
    log = models.JSONField(default=list, help_text="lines a person can read, oldest first")
    queued_by = models.JSONField(help_text="the officer who handed it in, as he was then")
    queued_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"

    @property
    def done(self) -> int:
        """Entries dealt with."""
        return self.imported + self.known + self.refused

    @property
    def percent(self) -> int:
        """How far it is."""
        return 100 * self.done // self.total if self.total else 0


class ImportRow(models.Model):
    """One entry of a job."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="rows")
    place = models.PositiveIntegerField()
    sheet = models.CharField(max_length=100)
    line = models.PositiveIntegerField()
    item_lines = models.JSONField(default=list, help_text="sheet and line of each item")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was understood")
    draft = models.JSONField(help_text="what was understood")
    state = models.CharField(max_length=16, choices=choices(RowState), default=RowState.WAITING.value)
    faults = models.JSONField(default=dict, help_text="field to why it was not imported")
    flags = models.JSONField(default=dict, help_text="field to what a person should look at")
    raw = models.JSONField(default=dict, help_text="head to text that was not understood, as it stood")
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["job", "place"]
        constraints = [models.UniqueConstraint(fields=["job", "place"], name="catalog_import_row_once")]
        indexes = [models.Index(fields=["digest"], name="catalog_import_row_digest")]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.place} {self.state}"
