# SPDX-License-Identifier: Apache-2.0
"""The inbox: reports of applications as the gateways put them down, one row each (see `datong.wire.inbox`).

Kept here: a gateway writes a row and reads it again; the worker turns it into a report and then forgets the sealed words.
The columns are the contract with gateways that may be older or younger than this release.
"""

from django.db import models
from django.db.models import Q

from datong.wire.inbox import TABLE


class Inbox(models.Model):
    """One report handed in at a gateway."""

    reference = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField(help_text="when the gateway received it")
    client = models.CharField(max_length=64)
    resource = models.CharField(max_length=44)
    digest = models.CharField(max_length=64, db_default="", help_text="keyed; empty once the report is answered")
    sealed = models.BinaryField(db_default=b"", help_text="the letter; empty once it is taken in")
    number = models.CharField(max_length=24, db_default="", help_text="of the report it became")
    due = models.DateField(null=True, help_text="last day of the provider's answer")
    problem = models.CharField(max_length=500, db_default="", help_text="why it could not be taken in")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = TABLE
        ordering = ["at", "reference"]
        constraints = [
            models.UniqueConstraint(fields=["client", "digest"], condition=~Q(digest=""), name="corrections_inbox_once")
        ]
        indexes = [models.Index(fields=["at"], condition=Q(taken_at=None), name="corrections_inbox_waiting")]

    def __str__(self) -> str:
        return f"{self.reference} {self.number}"
