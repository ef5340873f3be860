# SPDX-License-Identifier: Apache-2.0
"""Laws a withholding may rest on: a short list, extended by the authority, with articles that are cited often."""

from django.db import models
from django.db.models import Q

from datong.kernel.labels import choices
from datong.kernel.sharing import BasisRank


class Law(models.Model):
    """One law, administrative regulation or decision of the State Council (809 art. 14); repealed, it stays listed."""

    title = models.CharField(max_length=100, unique=True, help_text="without 中华人民共和国")
    rank = models.CharField(max_length=24, choices=choices(BasisRank))
    document = models.CharField(max_length=100, default="", blank=True, help_text="number of the order or document")
    issued_on = models.DateField(null=True, help_text="of the text that holds")
    repealed = models.BooleanField(default=False)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["rank", "title"]
        constraints = [
            models.CheckConstraint(condition=Q(rank__in=[rank.value for rank in BasisRank]), name="catalog_law_rank")
        ]

    def __str__(self) -> str:
        return f"《{self.title}》"


class LawArticle(models.Model):
    """One article that is cited often, with its gist."""

    law = models.ForeignKey(Law, on_delete=models.PROTECT, related_name="articles")
    article = models.CharField(max_length=20, help_text="第…条")
    gist = models.CharField(max_length=300, default="", blank=True)

    class Meta:
        ordering = ["law", "pk"]
        constraints = [models.UniqueConstraint(fields=["law", "article"], name="catalog_law_article_once")]

    def __str__(self) -> str:
        return f"{self.law} {self.article}"
