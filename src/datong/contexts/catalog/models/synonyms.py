# SPDX-License-Identifier: Apache-2.0
"""Other names people search by: abbreviations and synonyms, kept by the authority."""

from django.db import models


class Synonym(models.Model):
    """Two names of one thing; either finds the other."""

    term = models.CharField(max_length=40, help_text="what people type")
    meaning = models.CharField(max_length=100, help_text="what entries say")
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["term", "meaning"]
        constraints = [models.UniqueConstraint(fields=["term", "meaning"], name="catalog_synonym_once")]

    def __str__(self) -> str:
        return f"{self.term} = {self.meaning}"
