# SPDX-License-Identifier: Apache-2.0
"""Requests: what was asked for, by whom, why and until when (809 arts. 20 and 21)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from datong.contexts.sharing.domain.stages import RefusalCategory, Stage
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel, DeliveryMode, RequestBasis, SharingType, UpdateCycle


class Request(models.Model):
    """共享申请: who wants which items and rows of a resource, why, how and until when (809 art. 20)."""

    number = models.CharField(max_length=24, unique=True)
    revision = models.PositiveIntegerField(default=1, help_text="grows with each edit: optimistic lock")
    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("catalog.Version", on_delete=models.PROTECT, related_name="+")
    sharing_type = models.CharField(
        max_length=16, choices=choices(SharingType), default="", blank=True, help_text="strictest of the items asked for"
    )
    provider = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    consumer = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    application = models.ForeignKey("organisations.Application", null=True, on_delete=models.PROTECT, related_name="+")
    basis_kind = models.CharField(max_length=24, choices=choices(RequestBasis), default="", blank=True)
    basis = models.CharField(max_length=500, default="", blank=True, help_text="citation with its clause")
    scene = models.CharField(max_length=500, default="", blank=True, help_text="使用场景")
    scope = models.CharField(max_length=500, default="", blank=True, help_text="使用范围")
    purpose = models.CharField(max_length=200, default="", blank=True, help_text="each call states it")
    channels = ArrayField(models.CharField(max_length=16, choices=choices(Channel)), default=list, blank=True)
    row_scope = models.CharField(max_length=500, default="", blank=True, help_text="rows wanted, in words")
    rows = models.JSONField(default=list, blank=True, help_text="rows wanted, as rules {field, op, values}")
    term_from = models.DateField(null=True)
    term_until = models.DateField(null=True)
    quota_per_day = models.PositiveIntegerField(null=True)
    delivery_mode = models.CharField(
        max_length=16, choices=choices(DeliveryMode), default="", blank=True, help_text="wish for tables, files, subscriptions"
    )
    update_cycle = models.CharField(
        max_length=16, choices=choices(UpdateCycle), default="", blank=True, help_text="wish: how often"
    )
    amends = models.ForeignKey(
        "sharing.Grant", to_field="number", null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        help_text="live grant this request would change: the grant made from it supersedes that one",
    )  # fmt: skip
    stage = models.CharField(max_length=16, choices=choices(Stage), default=Stage.DRAFT.value)
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    filed_by = models.CharField(max_length=150, default="", blank=True)
    filed_at = models.DateTimeField(null=True)
    endorsed_by = models.CharField(max_length=150, default="", blank=True)
    endorsed_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True)
    opinion = models.TextField(default="", blank=True, help_text="of the decision")
    refusal_category = models.CharField(max_length=24, choices=choices(RefusalCategory), default="", blank=True)
    note = models.TextField(default="", blank=True, help_text="why it was returned")
    noticed_at = models.DateTimeField(null=True, help_text="when the provider told once what is missing (809 art. 21)")

    class Meta:
        ordering = ["-created_at", "-number"]
        constraints = [
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_by": "", f"{verb}_at": None})
                    | (~Q(**{f"{verb}_by": ""}) & Q(**{f"{verb}_at__isnull": False})),
                    name=f"sharing_request_{verb}_by_and_at",
                )
                for verb in ("filed", "endorsed", "decided")
            ],
            models.CheckConstraint(
                condition=~Q(stage__in=[Stage.GRANTED.value, Stage.REFUSED.value]) | Q(decided_at__isnull=False),
                name="sharing_request_decided",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.REFUSED.value) | (~Q(opinion="") & ~Q(refusal_category="")),
                name="sharing_refusal_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | (~Q(decided_by=F("filed_by")) & ~Q(decided_by=F("endorsed_by"))),
                name="sharing_nobody_decides_own_request",
            ),
            models.CheckConstraint(
                condition=Q(term_from=None) | Q(term_until=None) | Q(term_until__gte=F("term_from")),
                name="sharing_request_term_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "stage"], name="sharing_request_consumer"),
            models.Index(fields=["provider", "stage"], name="sharing_request_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return Stage(self.stage).label


class RequestItem(models.Model):
    """One item asked for."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    field = models.CharField(max_length=63)

    class Meta:
        ordering = ["request", "position"]
        constraints = [models.UniqueConstraint(fields=["request", "field"], name="sharing_request_item_once")]

    def __str__(self) -> str:
        return self.field
