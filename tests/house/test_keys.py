# SPDX-License-Identifier: Apache-2.0
"""Foreign keys point down the ladder only: what imports cannot show, for keys are named by strings."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db import models

RUNG = {label: height for height, label in enumerate(settings.CONTEXTS)}


def ours() -> Iterator[tuple[str, models.Field]]:
    """Every relation between our own tables, with the label of the context it stands in."""
    for model in apps.get_models():
        here = model._meta.app_label
        if here in RUNG:
            relations = (field for field in model._meta.get_fields() if field.is_relation and field.concrete)
            yield from ((here, field) for field in relations if field.related_model._meta.app_label in RUNG)


def test_there_are_keys():
    assert list(ours())


def test_no_key_points_up():
    up = [str(field) for here, field in ours() if RUNG[field.related_model._meta.app_label] > RUNG[here]]
    assert up == []


def test_a_key_into_another_context_leaves_no_way_back_and_deletes_nothing():
    across = [field for here, field in ours() if field.related_model._meta.app_label != here]
    assert [str(field) for field in across if not field.remote_field.hidden] == []
    assert [str(field) for field in across if field.remote_field.on_delete is not models.PROTECT] == []


def test_audit_is_an_island():
    assert [str(field) for here, field in ours() if "audit" in (here, field.related_model._meta.app_label)] == []

