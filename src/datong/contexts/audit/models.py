# SPDX-License-Identifier: Apache-2.0
"""Tables of the spine: acts, the counter that orders them, the cursors of those who follow.

Kept here: strings only, no foreign key into or out of this context; `audit_act` refuses UPDATE, DELETE and TRUNCATE by
a trigger (migration 0001).
"""

from __future__ import annotations

from django.db import models


class Act(models.Model):
    """One act; never changed once written."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    tag = models.CharField(max_length=100)
    account = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    department = models.CharField(max_length=18)
    department_name = models.CharField(max_length=200)
    roles = models.CharField(max_length=300)
    subject = models.CharField(max_length=300)
    facts = models.TextField()
    leaf = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["department", "-seq"], name="audit_act_department"),
            models.Index(fields=["subject", "-seq"], name="audit_act_subject"),
            models.Index(fields=["tag", "-seq"], name="audit_act_tag"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.tag} {self.subject}"


class Counter(models.Model):
    """The one row whose lock puts acts into their order; its value is the seq of the newest act."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_counter_one_row")]

    def __str__(self) -> str:
        return str(self.value)


class Cursor(models.Model):
    """How far a follower has read."""

    follower = models.CharField(max_length=64, primary_key=True)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.follower} at {self.seq}"
