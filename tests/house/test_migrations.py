# SPDX-License-Identifier: Apache-2.0
"""Migrations say what the models say, in one line of descent, without our code in them."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from factories.house import SOURCE, shown


@pytest.mark.django_db
def test_no_model_is_ahead_of_its_migrations():
    call_command("makemigrations", *settings.CONTEXTS, check=True, dry_run=True, verbosity=0)


def test_each_context_has_one_head():
    graph = MigrationLoader(None).graph
    heads = {label: graph.leaf_nodes(label) for label in settings.CONTEXTS}
    assert {label: found for label, found in heads.items() if len(found) > 1} == {}


def test_migrations_do_not_lean_on_code_that_will_change():
    ours = re.compile(r"^(?:from|import) datong\.(?!kernel)", re.MULTILINE)
    files = SOURCE.glob("contexts/*/migrations/0*.py")
    assert [shown(file) for file in files if ours.search(file.read_text("utf-8"))] == []
