# SPDX-License-Identifier: Apache-2.0
"""Reports of errors (校核, 809 art. 26) and the evidence handed in with them."""

from typing import Any

from django.db import models
from django.db.models import Q

from datong.contexts.corrections.domain.checks import Check
from datong.contexts.corrections.domain.stages import OPEN, Door, Rating, Stage
from datong.kernel.corrections import ProofKind, ReportKind
from datong.kernel.labels import choices
from datong.wire.inbox import STATES


class Correction(models.Model):
    """校核: one error somebody reported, and what the provider answered."""

    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=16, choices=choices(ReportKind))
    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(help_text="number of the catalogue version when it was reported")
    batch = models.BigIntegerField(null=True, help_text="batch that served when it was reported")
    provider = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    reporter = models.CharField(max_length=150, help_text="account, or client id of the application")
    reporter_role = models.CharField(max_length=32, help_text="post that is told of the answer")
    door = models.CharField(max_length=16, choices=choices(Door))
    grant = models.CharField(max_length=24, default="", blank=True, help_text="under which the data were used")
    item = models.CharField(max_length=63, default="", blank=True, help_text="field of the item that is wrong")
    sealed = models.BinaryField(help_text="key, values, words, number of the proof")
    case = models.CharField(max_length=100, default="", blank=True, help_text="办件编号")
    proof_kind = models.CharField(max_length=32, choices=choices(ProofKind), default="", blank=True)
    stage = models.CharField(max_length=16, choices=choices(Stage), default=Stage.FILED.value)
    filed_at = models.DateTimeField(help_text="when it was received: the clock starts")
    taken_up_by = models.CharField(max_length=150, default="", blank=True)
    taken_up_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=150, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    opinion = models.TextField(default="", blank=True, help_text="of the answer")
    corrected_batch = models.BigIntegerField(null=True, help_text="batch that carries the correction")
    corrected_version = models.PositiveIntegerField(null=True, help_text="catalogue version that carries the correction")
    checked = models.CharField(max_length=16, choices=choices(Check), default="", blank=True)
    told = models.PositiveIntegerField(default=0, help_text="departments told of the corrected version")
    rating = models.CharField(max_length=24, choices=choices(Rating), default="", blank=True)
    rating_words = models.CharField(max_length=500, default="", blank=True)
    rated_by = models.CharField(max_length=150, default="", blank=True)
    rated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = STATES
        ordering = ["-filed_at", "-number"]
        constraints = [
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_by": "", f"{verb}_at": None})
                    | (~Q(**{f"{verb}_by": ""}) & Q(**{f"{verb}_at__isnull": False})),
                    name=f"corrections_{verb}_by_and_at",
                )
                for verb in ("taken_up", "answered", "rated")
            ],
            models.CheckConstraint(
                condition=Q(stage__in=[*(one.value for one in OPEN), Stage.WITHDRAWN.value]) | Q(answered_at__isnull=False),
                name="corrections_answered",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.REJECTED.value) | ~Q(opinion=""), name="corrections_rejection_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.CORRECTED.value)
                | Q(kind=ReportKind.DATA.value, corrected_batch__isnull=False)
                | Q(kind=ReportKind.CATALOG.value, corrected_version__isnull=False)
                | Q(kind=ReportKind.INTERFACE.value),
                name="corrections_names_its_version",
            ),
        ]
        indexes = [
            models.Index(fields=["provider", "stage"], name="corrections_provider"),
            models.Index(fields=["department", "stage"], name="corrections_department"),
            models.Index(fields=["resource", "stage"], name="corrections_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return Stage(self.stage).label

    @property
    def title(self) -> str:
        """What people call it."""
        return f"{self.resource.name}：{ReportKind(self.kind).label}"

    @property
    def href(self) -> str:
        """The page that shows it."""
        return f"/corrections/{self.number}"

    @property
    def home(self) -> Any:
        """The department that reported."""
        return self.department

    @property
    def blocks_case(self) -> bool:
        """Whether a case at the window has to wait: never once valid proof is shown (国发〔2016〕51号 art. 14)."""
        return bool(self.case) and not self.proof_kind and self.stage in OPEN


class Evidence(models.Model):
    """One file handed in with a report."""

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="SHA-256, hexadecimal")
    size = models.PositiveIntegerField()
    sealed = models.BinaryField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["correction", "digest"], name="corrections_evidence_once")]

    def __str__(self) -> str:
        return self.name
