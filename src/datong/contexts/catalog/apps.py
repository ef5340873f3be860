# SPDX-License-Identifier: Apache-2.0
"""The catalog application."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Django's handle on the catalog context."""

    name = "datong.contexts.catalog"
    label = "catalog"
    verbose_name = "目录"
