# SPDX-License-Identifier: Apache-2.0
"""Classes, resources, their versions and items.

Kept here: a resource code is given once and never reused; a published version never changes, its change is a new
version beside it; nothing is deleted. Departments are keyed by their unified social credit code.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from datong.contexts.catalog.domain.stages import UNDER_WAY, Stage
from datong.kernel.labels import choices
from datong.kernel.sharing import (
    BasisRank,
    Channel,
    FormatClass,
    ItemType,
    Level,
    OpeningType,
    SharingType,
    UpdateCycle,
    Usage,
)


class ClassNode(models.Model):
    """One class of 类/项/目/细目; the code holds all digits from 类 down."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    level = models.PositiveSmallIntegerField(help_text="1 类, 2 项, 3 目, 4 细目")
    last_sequence = models.PositiveIntegerField(default=0, help_text="highest 后段码 given; only grows")

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=Q(level__range=(1, 4)), name="catalog_class_level")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Resource(models.Model):
    """政务信息资源: what one department holds, under one code for ever."""

    code = models.CharField(max_length=44, unique=True)
    class_node = models.ForeignKey(ClassNode, on_delete=models.PROTECT, related_name="resources")
    sequence = models.PositiveIntegerField()
    provider = models.ForeignKey(
        "organisations.Department", on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(max_length=200, help_text="name of the current version, of the first draft before that")
    current = models.ForeignKey("catalog.Version", null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(default="", blank=True)
    successor = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="predecessors", help_text="took its place"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["class_node", "sequence"], name="catalog_resource_code_once"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="catalog_resource_sequence_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Version(models.Model):
    """One version of an entry with the metadata of 1272 and 809 art. 13; a draft may lack any of it."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1, help_text="grows with each edit: optimistic lock")
    stage = models.CharField(max_length=16, choices=choices(Stage), default=Stage.DRAFT.value)
    name = models.CharField(max_length=200, default="", blank=True)
    abstract = models.CharField(max_length=1000, default="", blank=True)
    format_class = models.CharField(max_length=20, choices=choices(FormatClass), default="", blank=True)
    format_type = models.CharField(max_length=40, default="", blank=True)
    sharing_type = models.CharField(max_length=16, choices=choices(SharingType), default="", blank=True)
    sharing_scope = models.CharField(max_length=500, default="", blank=True)
    sharing_use = ArrayField(models.CharField(max_length=24, choices=choices(Usage)), default=list, blank=True)
    sharing_methods = ArrayField(models.CharField(max_length=16, choices=choices(Channel)), default=list, blank=True)
    withheld_basis_rank = models.CharField(max_length=24, choices=choices(BasisRank), default="", blank=True)
    withheld_basis = models.CharField(max_length=500, default="", blank=True)
    withheld_reason = models.CharField(max_length=1000, default="", blank=True)
    use_conditions = models.CharField(max_length=1000, default="", blank=True)
    self_made = ArrayField(
        models.CharField(max_length=1000), default=list, blank=True, help_text="conditions beyond the list, found at filing"
    )
    opening_type = models.CharField(max_length=16, choices=choices(OpeningType), default="", blank=True)
    opening_condition = models.CharField(max_length=500, default="", blank=True)
    update_cycle = models.CharField(max_length=16, choices=choices(UpdateCycle), default="", blank=True)
    level = models.CharField(max_length=16, choices=choices(Level), default="", blank=True)
    secrecy_assessment = models.CharField(max_length=500, default="", blank=True)
    personal_assessment = models.CharField(max_length=500, default="", blank=True)
    contact = models.CharField(max_length=200, default="", blank=True)
    system = models.CharField(max_length=200, default="", blank=True, help_text="source information system")
    related = ArrayField(models.CharField(max_length=44), default=list, blank=True, help_text="related resource codes")
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    filed_by = models.CharField(max_length=150, default="", blank=True)
    filed_at = models.DateTimeField(null=True)
    consented_by = models.CharField(max_length=150, default="", blank=True)
    consented_at = models.DateTimeField(null=True)
    reviewed_by = models.CharField(max_length=150, default="", blank=True)
    reviewed_at = models.DateTimeField(null=True)
    opinion = models.TextField(default="", blank=True)
    published_at = models.DateTimeField(null=True)
    due = models.DateField(null=True, help_text="last day of the authority's review, as its clock says")

    class Meta:
        ordering = ["resource", "number"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "number"], name="catalog_version_once"),
            models.UniqueConstraint(
                fields=["resource"],
                condition=Q(stage__in=sorted(stage.value for stage in UNDER_WAY)),
                name="catalog_one_version_under_way",
            ),
            models.UniqueConstraint(
                fields=["resource"], condition=Q(stage=Stage.PUBLISHED.value), name="catalog_one_version_published"
            ),
            *[
                models.CheckConstraint(
                    condition=Q(**{f"{verb}_by": "", f"{verb}_at": None})
                    | (~Q(**{f"{verb}_by": ""}) & Q(**{f"{verb}_at__isnull": False})),
                    name=f"catalog_version_{verb}_by_and_at",
                )
                for verb in ("filed", "consented", "reviewed")
            ],
            models.CheckConstraint(
                condition=~Q(stage=Stage.PUBLISHED.value) | Q(published_at__isnull=False, reviewed_at__isnull=False),
                name="catalog_published_was_reviewed",
            ),
            models.CheckConstraint(
                condition=~Q(sharing_type=SharingType.WITHHELD.value, stage__in=["filed", "consented", "published"])
                | (~Q(withheld_basis="") & Q(withheld_basis_rank__in=[rank.value for rank in BasisRank])),
                name="catalog_withheld_has_basis",
            ),
        ]
        indexes = [
            models.Index(fields=["stage", "due"], name="catalog_version_stage_due"),
            models.Index(fields=["-changed_at", "-id"], name="catalog_version_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} v{self.number} {self.stage}"

    @property
    def stage_label(self) -> str:
        """The stage in Chinese."""
        return Stage(self.stage).label


class Item(models.Model):
    """信息项: one field of a resource. An empty sharing or opening type is the version's."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    field = models.CharField(max_length=63, help_text="identifier in tables and interfaces")
    name = models.CharField(max_length=100)
    type = models.CharField(max_length=1, choices=choices(ItemType))
    length = models.PositiveIntegerField(null=True, help_text="bytes as stored")
    precision = models.PositiveSmallIntegerField(null=True, help_text="decimal places")
    code_list = models.CharField(max_length=500, default="", blank=True, help_text="value range or code list")
    sharing_type = models.CharField(max_length=16, choices=choices(SharingType), default="", blank=True)
    opening_type = models.CharField(max_length=16, choices=choices(OpeningType), default="", blank=True)
    level = models.CharField(max_length=16, choices=choices(Level), default="", blank=True)
    personal = models.BooleanField(default=False, help_text="personal information")
    key = models.BooleanField(default=False)
    nullable = models.BooleanField(default=True)
    query = models.BooleanField(default=False, help_text="declared query item")
    description = models.CharField(max_length=500, default="", blank=True)
    element = models.CharField(max_length=32, default="", blank=True, help_text="code of a data element")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="catalog_item_position_once"),
            models.UniqueConstraint(fields=["version", "field"], name="catalog_item_field_once"),
            models.CheckConstraint(
                condition=Q(field__regex=r"^[a-z][a-z0-9_]{0,62}$"), name="catalog_item_field_identifier"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.name}"
