# SPDX-License-Identifier: Apache-2.0
"""Tables of notifications: what each person chose, webhooks, which notices went out, one row for each message.

Kept here: a message is known by its key, the same however often it is sent; the secret of a webhook is stored sealed.
Notices themselves are the periods context's; nothing here changes them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from datong.contexts.notifications.domain import DispatchStage, MessageChannel
from datong.kernel.labels import choices

OF_ACCOUNT = {"to_field": "username", "on_delete": models.PROTECT, "related_name": "+"}


class Preference(models.Model):
    """What reaches a person outside the pages, and when."""

    account = models.OneToOneField("organisations.Account", primary_key=True, **OF_ACCOUNT)
    email = models.CharField(max_length=254, default="", blank=True)
    at_once = ArrayField(models.CharField(max_length=16), default=list, blank=True, help_text="kinds of notices")
    digest = ArrayField(models.CharField(max_length=16), default=list, blank=True, help_text="kinds of notices")
    digest_hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)], help_text="in Shanghai")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [CheckConstraint(condition=Q(digest_hour__lte=23), name="notifications_digest_hour")]

    def __str__(self) -> str:
        return str(self.account_id)


class Webhook(models.Model):
    """Where a person's program receives messages."""

    account = models.OneToOneField("organisations.Account", primary_key=True, **OF_ACCOUNT)
    url = models.CharField(max_length=500)
    sealed = models.BinaryField(help_text="secret, sealed under the account")
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.account_id)


class Spread(models.Model):
    """A notice was looked at, and messages made of it for whoever wants them."""

    notice = models.OneToOneField("periods.Notice", primary_key=True, on_delete=models.PROTECT, related_name="+")
    messages = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.notice_id)


class Dispatch(models.Model):
    """One message: a notice to a person by a channel; without a notice it is a trial of a webhook."""

    key = models.CharField(max_length=40, unique=True, help_text="webhook-id, and in the Message-ID of a mail")
    notice = models.ForeignKey("periods.Notice", null=True, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("organisations.Account", **OF_ACCOUNT)
    channel = models.CharField(max_length=16, choices=choices(MessageChannel))
    stage = models.CharField(max_length=16, choices=choices(DispatchStage), default=DispatchStage.QUEUED.value)
    digest = models.BooleanField(default=False, help_text="goes out with others of the day")
    made_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField(help_text="not sent before")
    claimed_at = models.DateTimeField(null=True, help_text="a sender has it since")
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, default="", blank=True, help_text="of the last try; no address, no secret")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            UniqueConstraint(fields=["notice", "account", "channel"], name="notifications_message_once"),
            CheckConstraint(
                condition=Q(stage=DispatchStage.SENT.value, sent_at__isnull=False)
                | (~Q(stage=DispatchStage.SENT.value) & Q(sent_at=None)),
                name="notifications_sent_at",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(stage__in=["queued", "failed"]), name="notifications_due"),
            models.Index(fields=["account", "-made_at"], name="notifications_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.stage}"
