# SPDX-License-Identifier: Apache-2.0
"""Tables of subscriptions: who follows a grant, where pushed events go, batches that were given up.

Kept here: no event and no row is in the database, only how far one has come; the secrets of a push are stored sealed.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from datong.contexts.subscriptions.domain import DeadStage, SubscriptionStage
from datong.kernel.labels import choices


class Subscription(models.Model):
    """数据订阅: somebody follows the changes of what a grant lets out."""

    number = models.CharField(max_length=24, unique=True)
    grant = models.ForeignKey("sharing.Grant", to_field="number", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=100, help_text="what it is for, as its makers call it")
    stage = models.CharField(max_length=16, choices=choices(SubscriptionStage), default=SubscriptionStage.ACTIVE.value)
    start = models.CharField(max_length=64, help_text="cursor after which it begins")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.CharField(max_length=150, default="", blank=True)
    changed_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=500, default="", blank=True, help_text="of its pause or end")
    read_to = models.CharField(max_length=64, default="", blank=True, help_text="cursor after the last page a gateway gave")
    read_at = models.DateTimeField(null=True)
    read_events = models.BigIntegerField(default=0)

    class Meta:
        """Newest first."""

        ordering = ["-number"]
        indexes = [models.Index(fields=["grant", "stage"], name="subscriptions_of_grant")]
        constraints = [
            models.CheckConstraint(
                condition=Q(changed_by="", changed_at=None) | (~Q(changed_by="") & Q(changed_at__isnull=False)),
                name="subscriptions_changed_by_and_at",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return SubscriptionStage(self.stage).label


class Push(models.Model):
    """推送: where the events of a subscription are sent, and how far that has come."""

    subscription = models.OneToOneField(Subscription, primary_key=True, on_delete=models.PROTECT, related_name="push")
    url = models.CharField(max_length=500)
    sealed = models.BinaryField(help_text="secret, sealed under the number")
    sealed_before = models.BinaryField(default=b"", help_text="the secret before, which still signs for a while")
    before_until = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    sent_to = models.CharField(max_length=64, help_text="cursor after the last batch the receiver took")
    sent_at = models.DateTimeField(null=True)
    sent_events = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0, help_text="of the batch that is next")
    batch = models.PositiveIntegerField(default=0, help_text="events of the batch that is next, once it was tried")
    due_at = models.DateTimeField(help_text="not sent before")
    claimed_at = models.DateTimeField(null=True, help_text="a sender has it since")
    stuck = models.BooleanField(default=False, help_text="a batch was given up: a person has to decide")
    error = models.CharField(max_length=200, default="", blank=True, help_text="of the last try; no address, no secret")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        """By when they are due."""

        indexes = [models.Index(fields=["due_at"], condition=Q(active=True, stuck=False), name="subscriptions_push_due")]

    def __str__(self) -> str:
        return str(self.pk)


class DeadLetter(models.Model):
    """死信: a batch of events a receiver did not take in the end; a row for each, whatever became of it."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="dead")
    key = models.CharField(max_length=80, help_text="webhook-id of the batch")
    after = models.CharField(max_length=64, help_text="cursor before it")
    until = models.CharField(max_length=64, help_text="cursor after it")
    events = models.PositiveIntegerField()
    tries = models.PositiveSmallIntegerField()
    error = models.CharField(max_length=200)
    stage = models.CharField(max_length=16, choices=choices(DeadStage), default=DeadStage.WAITING.value)
    at = models.DateTimeField()
    settled_by = models.CharField(max_length=150, default="", blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Newest first; one of a subscription waits."""

        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(stage=DeadStage.WAITING.value), name="subscriptions_one_dead_waits"
            ),
            models.CheckConstraint(
                condition=Q(settled_by="", settled_at=None) | (~Q(settled_by="") & Q(settled_at__isnull=False)),
                name="subscriptions_dead_settled_by_and_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return DeadStage(self.stage).label
