# SPDX-License-Identifier: Apache-2.0
"""The inventory behind the catalogue: duties, information systems, data elements.

Kept here: nothing is deleted, only retired; a data element has one source department at most (数源部门, 809 art. 19).
"""

from django.db import models
from django.db.models import Q

from datong.contexts.catalog.domain.inventory import SystemOrigin
from datong.kernel.labels import choices
from datong.kernel.sharing import ItemType


class Duty(models.Model):
    """部门职责: what a department has to do and by which law."""

    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    basis = models.CharField(max_length=500, default="", blank=True, help_text="law or 三定 document with its clause")
    resources = models.ManyToManyField("catalog.Resource", related_name="duties", blank=True)
    active = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["department", "name"]
        constraints = [models.UniqueConstraint(fields=["department", "name"], name="catalog_duty_once")]

    def __str__(self) -> str:
        return self.name


class InformationSystem(models.Model):
    """信息系统: where the data of some resources arise."""

    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    origin = models.CharField(max_length=16, choices=choices(SystemOrigin))
    description = models.CharField(max_length=1000, default="", blank=True)
    duties = models.ManyToManyField(Duty, related_name="systems", blank=True)
    resources = models.ManyToManyField("catalog.Resource", related_name="systems", blank=True)
    active = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["department", "name"]
        constraints = [models.UniqueConstraint(fields=["department", "name"], name="catalog_system_once")]

    def __str__(self) -> str:
        return self.name


class DataElement(models.Model):
    """数据元: one meaning, one code, one source department; items of entries may refer to it by its code."""

    code = models.CharField(max_length=32, unique=True)
    name = models.CharField(max_length=100)
    definition = models.CharField(max_length=500, default="", blank=True)
    type = models.CharField(max_length=1, choices=choices(ItemType))
    length = models.PositiveIntegerField(null=True, help_text="bytes as stored")
    code_list = models.CharField(max_length=500, default="", blank=True)
    source = models.ForeignKey("organisations.Department", null=True, on_delete=models.PROTECT, related_name="+")
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][A-Z0-9_-]{1,31}$"), name="catalog_element_code")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
