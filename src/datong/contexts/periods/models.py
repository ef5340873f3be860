# SPDX-License-Identifier: Apache-2.0
"""Clocks and notices.

Kept here: a clock is a row, recomputable from its start, days, calendar version, extension and pauses (`queries.recomputed`);
it is extended once at most and paused once at a time, each pause with its reason. A
notice goes to a post (role of a department, or the authority of a region), not to a person. Subjects are named by
strings: every context above may run a clock on what it has.
"""

from django.db import models
from django.db.models import F, Q

from datong.contexts.periods.domain import NoticeKind
from datong.kernel.labels import choices


class Clock(models.Model):
    """A statutory period: started, due, perhaps extended, stopped."""

    subject_kind = models.CharField(max_length=16, help_text="request, grant, entry, ticket")
    subject = models.CharField(max_length=44, help_text="its number or code")
    title = models.CharField(max_length=300, default="", blank=True, help_text="what people call it")
    href = models.CharField(max_length=200, default="", blank=True, help_text="page that shows it")
    role = models.CharField(max_length=32, default="", blank=True, help_text="who has to act")
    department = models.CharField(max_length=18, default="", blank=True, help_text="of which department")
    region = models.CharField(max_length=6, default="", blank=True, help_text="whose authority is told when it runs out")
    rule = models.CharField(max_length=32, help_text="such as 809-21-conditional")
    started_at = models.DateTimeField()
    days = models.PositiveSmallIntegerField(help_text="working days, an extension not counted")
    extended_days = models.PositiveSmallIntegerField(default=0)
    consent = models.CharField(max_length=64, default="", blank=True, help_text="the authority's consent to the extension")
    due = models.DateField(help_text="last day, in Shanghai")
    calendar_version = models.CharField(max_length=64)
    published = models.BooleanField(help_text="false: the period runs into a year not announced yet")
    warning = models.CharField(max_length=300, default="", blank=True)
    reminded_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True, help_text="since when it stands still; `due` is then as of that moment")
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.CharField(max_length=64, default="", blank=True, help_text="tag of the act that stopped it")

    class Meta:
        ordering = ["due"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject", "rule"], condition=Q(stopped_at=None), name="periods_clock_runs_once"
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")), name="periods_clock_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["due"], condition=Q(stopped_at=None), name="periods_clock_running"),
            models.Index(fields=["subject"], name="periods_clock_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.rule} {self.due}"


class Pause(models.Model):
    """A time in which a clock stood still, and why; a clock that was stopped ends its pause."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    began_by = models.CharField(max_length=64, help_text="tag of the act that paused it")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=64, default="", blank=True, help_text="tag of the act that let it go on")

    class Meta:
        ordering = ["began_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(ended_at=None), name="periods_pause_one_at_a_time"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="periods_pause_forward"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="periods_pause_ended_by_and_at",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="periods_pause_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.began_at}"


class Notice(models.Model):
    """Something a post has to know: a reminder, a 督办, a message; done with when someone there has seen to it."""

    kind = models.CharField(max_length=16, choices=choices(NoticeKind))
    clock = models.ForeignKey(Clock, null=True, on_delete=models.PROTECT, related_name="notices")
    subject_kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=44)
    title = models.CharField(max_length=300)
    href = models.CharField(max_length=200, default="", blank=True)
    words = models.CharField(max_length=1000, default="", blank=True, help_text="what to do, in both languages")
    role = models.CharField(max_length=32)
    department = models.CharField(max_length=18, default="", blank=True, help_text="empty: the region's authority")
    region = models.CharField(max_length=6, default="", blank=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.CharField(max_length=150, default="", blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_by="", settled_at=None) | (~Q(settled_by="") & Q(settled_at__isnull=False)),
                name="periods_notice_settled_by_and_at",
            )
        ]
        indexes = [models.Index(fields=["role", "department"], condition=Q(settled_at=None), name="periods_notice_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Numbering(models.Model):
    """Last number given of one kind on one day."""

    kind = models.CharField(max_length=4)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "day"], name="periods_numbering_once")]

    def __str__(self) -> str:
        return f"{self.kind}{self.day:%Y%m%d}-{self.last:04d}"
