# SPDX-License-Identifier: Apache-2.0
"""How requests are decided: policies, the steps a request takes, opinions given, more time asked for (809 art. 21).

Kept here: a policy in force is never edited, only followed by another, so a step always shows the policy it rests on;
an opinion is given once; a request is extended once.
"""

from django.db import models
from django.db.models import F, Q

from datong.contexts.sharing.domain.chains import Mode, Opinion, StepStage
from datong.contexts.sharing.domain.extensions import ExtensionStage
from datong.contexts.sharing.models.requests import Request
from datong.kernel.actors import Role
from datong.kernel.labels import choices
from datong.kernel.sharing import Level, SharingType


class DecisionPolicy(models.Model):
    """办理策略: the steps requests to one department take, or to every department of a region and below."""

    department = models.ForeignKey("organisations.Department", null=True, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey("organisations.Region", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=16, choices=choices(Level), default="", blank=True, help_text="empty: any")
    sharing_type = models.CharField(max_length=16, choices=choices(SharingType), default="", blank=True, help_text="empty: any")
    steps = models.JSONField(default=list, blank=True, help_text="before the provider's head: [{mode, posts}]")
    automatic = models.BooleanField(default=False, help_text="unconditional requests are answered by the node")
    ordered = models.BooleanField(default=False, help_text="set by the authority: a head does not change it")
    reason = models.TextField(help_text="why it is so")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    ended_by = models.CharField(max_length=150, default="", blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(automatic=False) | Q(ordered=True), name="sharing_policy_automatic_ordered"),
            models.UniqueConstraint(
                fields=["region", "department", "level", "sharing_type"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="sharing_policy_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(ended_by="", ended_at=None) | (~Q(ended_by="") & Q(ended_at__isnull=False)),
                name="sharing_policy_ended_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(automatic=False) | ~Q(level__in=[Level.CORE.value, Level.IMPORTANT.value]),
                name="sharing_policy_automatic_below_important",
            ),
            models.CheckConstraint(
                condition=Q(automatic=False) | Q(sharing_type=SharingType.UNCONDITIONAL.value),
                name="sharing_policy_automatic_unconditional",
            ),
        ]

    def __str__(self) -> str:
        return f"policy {self.pk}"


class DecisionStep(models.Model):
    """One post of one step of one request: who is asked, in which stage that is, what was answered."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="steps")
    round = models.PositiveSmallIntegerField(default=1, help_text="grows when a completed request comes again")
    position = models.PositiveSmallIntegerField()
    seat = models.PositiveSmallIntegerField(default=1, help_text="place of the post in its step")
    mode = models.CharField(max_length=8, choices=choices(Mode), default=Mode.ALL.value)
    role = models.CharField(max_length=32, choices=choices(Role))
    department = models.ForeignKey("organisations.Department", null=True, on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=6, default="", blank=True, help_text="where any department of it may answer")
    decides = models.BooleanField(default=False)
    policy = models.ForeignKey(DecisionPolicy, null=True, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=16, choices=choices(StepStage), default=StepStage.WAITING.value)
    opened_at = models.DateTimeField(null=True)
    vacant_at = models.DateTimeField(null=True, help_text="when it was found that nobody holds the post")
    opinion = models.CharField(max_length=8, choices=choices(Opinion), default="", blank=True)
    words = models.TextField(default="", blank=True)
    account = models.CharField(max_length=150, default="", blank=True)
    name = models.CharField(max_length=150, default="", blank=True, help_text="of the officer, as it was then")
    at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["request", "round", "position", "seat"]
        constraints = [
            models.UniqueConstraint(fields=["request", "round", "position", "seat"], name="sharing_step_one_place"),
            models.UniqueConstraint(fields=["request", "round"], condition=Q(decides=True), name="sharing_step_one_decides"),
            models.UniqueConstraint(
                fields=["request", "round", "account"], condition=~Q(account=""), name="sharing_step_one_answer_each"
            ),
            models.CheckConstraint(
                condition=Q(stage=StepStage.ANSWERED.value, at__isnull=False) & ~Q(account="") & ~Q(opinion="")
                | (~Q(stage=StepStage.ANSWERED.value) & Q(account="", opinion="", at=None)),
                name="sharing_step_answered_by_and_at",
            ),
            models.CheckConstraint(
                condition=~Q(opinion__in=[Opinion.OBJECT.value, Opinion.PART.value]) | ~Q(words=""),
                name="sharing_step_objection_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["role", "department"], condition=Q(stage="open"), name="sharing_step_open"),
            models.Index(fields=["department"], name="sharing_step_department"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.round}/{self.position}.{self.seat} {self.stage}"

    @property
    def post(self) -> tuple[str, str, str]:
        """Role, department and region, as `is_held` wants them."""
        return self.role, self.department_id or "", self.region


class Extension(models.Model):
    """延期: more time to answer one conditional request."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="extension")
    days = models.PositiveSmallIntegerField(help_text="working days")
    reason = models.TextField()
    stage = models.CharField(max_length=16, choices=choices(ExtensionStage), default=ExtensionStage.ASKED.value)
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    opinion = models.TextField(default="", blank=True)
    decided_by = models.CharField(max_length=150, default="", blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=10), name="sharing_extension_ten_days"),
            models.CheckConstraint(condition=~Q(reason=""), name="sharing_extension_has_reason"),
            models.CheckConstraint(
                condition=Q(decided_by="", decided_at=None) | (~Q(decided_by="") & Q(decided_at__isnull=False)),
                name="sharing_extension_decided_by_and_at",
            ),
            models.CheckConstraint(
                condition=Q(stage=ExtensionStage.ASKED.value) | Q(decided_at__isnull=False),
                name="sharing_extension_decided",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | ~Q(decided_by=F("asked_by")), name="sharing_nobody_consents_own_extension"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} +{self.days} {self.stage}"

    @property
    def number(self) -> str:
        """What the authority's consent is known by."""
        return f"{self.request.number}-Y{self.pk}"
