# SPDX-License-Identifier: Apache-2.0
"""Tables of connections: the way to another system, and what uses it.

Kept here: the secret is stored sealed and bound to its connection; a connection is never removed, only retired, and not
while something uses it. Those who use one say so themselves, as text: they stand higher in the ladder.
"""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from datong.contexts.connections.domain import ConnectionKind
from datong.kernel.labels import choices


class Connection(models.Model):
    """A named way of a department to a database, object store, file server or interface (数据源连接)."""

    number = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=choices(ConnectionKind))
    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    address = models.JSONField(help_text="parts that may be shown; never a secret")
    account = models.CharField(max_length=200, blank=True, default="")
    sealed = models.BinaryField(default=b"", help_text="secret, sealed under the number; never shown again")
    secret_set_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    test_passed = models.BooleanField(null=True)
    test_words = models.CharField(max_length=500, blank=True, default="", help_text="what the last test found")
    test_ms = models.PositiveIntegerField(null=True, help_text="how long the last test took")
    retired_by = models.CharField(max_length=150, blank=True, default="")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; a name is used once among those of a department that are not retired."""

        ordering = ["-id"]
        indexes = [models.Index(fields=["department", "-id"], name="connection_by_department")]
        constraints = [
            UniqueConstraint(fields=["department", "name"], condition=Q(retired_at=None), name="connections_one_of_a_name"),
            CheckConstraint(
                condition=Q(retired_by="", retired_at=None) | (~Q(retired_by="") & Q(retired_at__isnull=False)),
                name="connections_retired_by_and_at",
            ),
            CheckConstraint(
                condition=Q(tested_at=None, test_passed=None) | Q(tested_at__isnull=False, test_passed__isnull=False),
                name="connections_tested_at_and_how",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Use(models.Model):
    """Something reads or writes through a connection; as long as it does the connection is not retired."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="uses")
    subject = models.CharField(max_length=100, help_text="what uses it, such as a resource's code or a delivery's number")
    title = models.CharField(max_length=300)
    href = models.CharField(max_length=300, blank=True, default="")
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; a subject uses a connection once at a time."""

        ordering = ["-id"]
        constraints = [UniqueConstraint(fields=["connection", "subject"], condition=Q(ended_at=None), name="connections_one_use")]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.subject}"
