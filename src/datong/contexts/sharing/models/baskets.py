# SPDX-License-Identifier: Apache-2.0
"""申请篮: resources an officer means to ask for together; a line goes when its request has been drafted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class BasketLine(models.Model):
    """One resource in one officer's basket, with the items chosen; no item means all that may be asked for."""

    account = models.CharField(max_length=150)
    department = models.ForeignKey("organisations.Department", on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey("catalog.Resource", to_field="code", on_delete=models.PROTECT, related_name="+")
    items = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["account", "department", "resource"], name="sharing_basket_resource_once")]

    def __str__(self) -> str:
        return f"{self.account} {self.resource_id}"
